import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { C_EPOLL } from '../../bench/peers/yardsticks.ts'
import { renderHtml } from '../../bench/report/html.ts'
import { WORKLOADS } from '../../bench/workloads.ts'
import { cellOf, documentOf, measured } from './documents.ts'
import { MEASURED, oddDocument, wholeRun } from './html-documents.ts'

const VOID = ['meta', 'br']

/** Every tag that is opened is closed, in the opposite order. */
function expectBalanced(page: string): void {
  const open: string[] = []
  const markup = page.replace('<!doctype html>', '').replace(/<style>.*?<\/style>/s, '')
  for (const [, end, name = '', itself] of markup.matchAll(
    /<(\/?)(\w+)(?:[^>"]|"[^"]*")*?(\/?)>/g,
  )) {
    if (end) expect(open.pop()).toBe(name)
    else if (!itself && !VOID.includes(name)) open.push(name)
  }
  expect(open).toEqual([])
}

/** The texts of all elements that begin with `opening`, without the markup in them. */
function textsOf(page: string, opening: RegExp): string[] {
  const elements = page.matchAll(new RegExp(`${opening.source}[^>]*>(.*?)</`, 'gs'))
  return [...elements].map(([, text = '']) => text)
}

const idsOf = (page: string) => [...page.matchAll(/ id="([^"]*)"/g)].map(([, id = '']) => id)
const chartsOf = (page: string) =>
  idsOf(page).filter((id) => /-(throughput|cpu|latency|memory)$/.test(id))

describe('a whole run', () => {
  const page = renderHtml(wholeRun())

  test('is well-formed, and its ids are unique', () => {
    expectBalanced(page)
    const ids = idsOf(page)
    expect(new Set(ids).size).toBe(ids.length)
  })

  test('every reference leads somewhere', () => {
    const ids = new Set(idsOf(page))
    const references = page.matchAll(/ (?:href="#|aria-labelledby="|aria-describedby=")([^"]+)"/g)
    const targets = [...references].map(([, target = '']) => target)
    expect(targets.length).toBeGreaterThan(20)
    expect(targets.filter((target) => !ids.has(target))).toEqual([])
  })

  test('takes nothing from the network, and runs no script', () => {
    expect(page).not.toMatch(/https?:|<script|<link|<img|url\(|@import| on\w+=/i)
  })

  test('says when, where and how it was measured, and how to do it again', () => {
    expect(page).toContain('<time datetime="2026-01-02T03:04:05.678Z">2 January 2026, 03:04 UTC<')
    expect(page).toContain('Some CPU, 2 cores, 4.0 GiB of memory; linux 6.1.0 x64')
    expect(page).toContain('node 20.0.0, v8 11.3, libuv 1.46')
    expect(page).toContain('6, each in an order drawn by lot (seed 1); figures are medians')
    expect(page).toContain('1 s after 0.3 s of load that does not count')
    expect(page).toContain(
      'server on core 0, load generator on core 1, servers that can use several',
    )
    expect(page).toContain('<span>--workloads ping,many,idle,steady</span>')
  })

  test('has a list of its sections, and of each workload what it shows', () => {
    expect(textsOf(page, /<a href="#/)).toEqual([
      ...MEASURED,
      'Scaling',
      'Models and originals',
      'Costs',
      'Reading the figures',
    ])
    for (const { shows } of WORKLOADS.filter(({ id }) => MEASURED.includes(id))) {
      expect(page).toContain(`<p class="shows">${shows}</p>`)
    }
  })

  test('has the charts that say something of their load', () => {
    expect(chartsOf(page)).toEqual([
      ...['load-1-throughput', 'load-1-cpu', 'load-1-latency'],
      ...['load-2-throughput', 'load-2-cpu', 'load-2-latency'],
      ...['load-3-throughput', 'load-3-cpu', 'load-3-latency'],
      ...['load-4-throughput', 'load-4-cpu', 'load-4-latency', 'load-4-memory'],
      ...['load-5-latency', 'load-5-cpu'],
    ])
  })

  test('the best row of a chart is its first', () => {
    const [, chart = ''] = page.split('id="load-2-cpu"')
    expect(textsOf(chart, /<title/).slice(1, 4)).toEqual([
      'C epoll loop epoll: 4.00 µs, 96.9 % interval 3.88 to 4.08',
      'poll-loop libc epoll: 4.20 µs, 96.9 % interval 4.07 to 4.28',
      'poll-loop libc poll: 4.50 µs, 96.9 % interval 4.37 to 4.59',
    ])
  })

  test('a row whose rounds failed or were left out has its reason below the table', () => {
    expect(page).toContain('<strong>left out</strong> blocking-serial: It serves one client')
    expect(page).toContain('<strong>failed</strong> green-threads, node: the server has ended')
  })

  test('a model has one colour, in charts and tables; what is no model is grey', () => {
    const colours = (name: string) => {
      const rows = page.matchAll(
        new RegExp(
          `<(?:g|i) (class="[^"]*"(?: style="[^"]*")?)[^<]*>(?:</i>${name}<|<title>${name} )`,
          'g',
        ),
      )
      return new Set([...rows].map(([, colour]) => colour))
    }
    expect(colours('poll-loop').size).toBe(1)
    expect(colours('green-threads').size).toBe(1)
    expect(colours('green-threads')).not.toEqual(colours('poll-loop'))
    expect(colours(C_EPOLL)).toEqual(new Set(['class="other"']))
    expect(colours('Python socketserver')).toEqual(new Set(['class="other"']))
  })
})

describe('what was not measured is left out', () => {
  test('without the yardstick in C, its line', () => {
    const cells = [cellOf('poll-loop', [measured({})]), cellOf('callbacks', [measured({})])]
    const page = renderHtml(documentOf(cells))
    expect(chartsOf(page)).toEqual(['load-1-throughput', 'load-1-cpu', 'load-1-latency'])
    expect(page).not.toContain('class="reference"')
    expect(page).not.toContain(C_EPOLL)
    expect(renderHtml(documentOf([...cells, cellOf(C_EPOLL, [measured({})])]))).toContain(
      'class="reference"',
    )
  })

  test('with fewer than six rounds, the intervals', () => {
    const page = (rounds: number) =>
      renderHtml(
        documentOf([
          cellOf(
            'poll-loop',
            Array.from({ length: rounds }, () => measured({})),
          ),
        ]),
      )
    expect(page(5)).not.toContain('class="whisker"')
    expect(page(6)).toContain('class="whisker"')
  })

  test('without latencies, memory or CPU time, their charts', () => {
    const silent = measured({ result: { latency: null, server: null } })
    const page = renderHtml(documentOf([cellOf('poll-loop', [silent], { connections: 1000 })]))
    expect(chartsOf(page)).toEqual(['load-1-throughput'])
  })

  test('where nothing was measured, all charts', () => {
    const page = renderHtml(
      documentOf([cellOf('poll-loop', [{ kind: 'failed', reason: 'no luck' }])]),
    )
    expect(page).not.toContain('<svg')
    expect(page).toContain('no luck')
  })

  test.each([
    [[{ connections: 1 }], false],
    [[{ connections: 1 }, { connections: 10 }], true],
    [[{ connections: 1 }, { connections: 10, protocol: 'line' as const }], false],
    [[{ connections: 1 }, { connections: 10, rate: 10 }], false],
    [[{ connections: 1 }, { connections: 10, idle: 10 }], true],
    [[{ connections: 1 }, { connections: 10, deaf: 10 }], false],
  ])('of scaling, loads that differ in more than connections: %j', (loads, isThere) => {
    const page = renderHtml(
      documentOf(loads.map((load) => cellOf('threads', [measured({})], load))),
    )
    expect(page.includes('id="scaling"')).toBe(isThere)
    expect(page.includes('class="panel"')).toBe(isThere)
  })

  test('of few sections, their list', () => {
    const page = renderHtml(documentOf([cellOf('poll-loop', [measured({})])]))
    expect(page).not.toContain('<nav')
  })
})

test('a run that was interrupted says so, and how much is there', () => {
  const cell = cellOf('poll-loop', [measured({})])
  const { parameters, ...document } = documentOf([cell], { interrupted: true })
  const page = renderHtml({ ...document, parameters: { ...parameters, rounds: 5 } })
  expect(page).toContain('This run was interrupted.')
  expect(page).toContain('Of 5 measurements 1 were made')
  expect(renderHtml(documentOf([cell]))).not.toContain('interrupted.')
})

test('markup in a document is shown as the text that it is', () => {
  const evil = `</style><b onclick="x">&"'`
  const failed = { kind: 'failed', reason: evil } as const
  const document = documentOf([cellOf(evil, [measured({}), failed], {}, evil)])
  const page = renderHtml({
    ...document,
    date: evil,
    machine: { ...document.machine, cpu: evil, system: evil },
    versions: { [evil]: evil },
    workloads: document.workloads.map((workload) => ({ ...workload, shows: evil })),
  })
  expectBalanced(page)
  expect(page).not.toContain('<b ')
  expect(page.match(/<\/style>/g)).toHaveLength(1)
  expect(page).toContain('&lt;/style&gt;&lt;b onclick=&quot;x&quot;&gt;&amp;&quot;&#39;')
})

test('whatever the figures are, the page is well-formed and says nothing that is no figure', () => {
  fc.assert(
    fc.property(oddDocument, (document) => {
      const page = renderHtml(document)
      expect(page).not.toMatch(/NaN|undefined|Infinity|null|\[object/)
      expectBalanced(page)
    }),
    { numRuns: 60 },
  )
})

test('the same document gives the same page', () => {
  expect(renderHtml(wholeRun())).toBe(renderHtml(wholeRun()))
})

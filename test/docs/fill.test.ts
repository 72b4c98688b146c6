/** What pages quote, show and claim is true; and what isn't is found, with its place. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Digest, digestOf, renderDigest } from '../../bench/report/digest.ts'
import { tiersOf as ranked } from '../../bench/report/ranking.ts'
import { checkClaim } from '../../docs/build/fill/claims.ts'
import { measuredCosts } from '../../docs/build/fill/costs.ts'
import { figureOf } from '../../docs/build/fill/figures.ts'
import { findMeasure } from '../../docs/build/fill/lookup.ts'
import { described, filledPages } from '../../docs/build/fill/pages.ts'
import { filled } from '../../docs/build/fill/parts.ts'
import { quoted } from '../../docs/build/fill/quotes.ts'
import { tableOf } from '../../docs/build/fill/tables.ts'
import { tiersOf } from '../../docs/build/fill/tiers.ts'
import { cellOf, documentOf, measured } from '../bench/documents.ts'

test('all pages are true: else run npm run docs:fill', () => {
  const pages = filledPages()
  expect(pages.flatMap((page) => page.faults.map((fault) => described(page, fault)))).toEqual([])
})

const SOURCE = `class B {
  // #region read
  read() {
    // #region wait
    wait()
    // #endregion wait

    return 1
  }
  // #endregion read

  // #region read
  again() {}
  // #endregion read
}
`

/** Six rounds that cost nearly `cost`; the rows of two waits differ by chance. */
function rowOf(model: string, cost: number, wait = 'libc poll') {
  const steps = wait === 'libc epoll' ? [3, -2, 2, -1, 1, 0] : [0, 1, -1, 2, -2, 3]
  const rounds = steps.map((step) => measured({ cpuPerMessage: cost * (1 + step / 100) }))
  return { ...cellOf(model, rounds, {}, wait), workload: 'many' }
}

const CELLS = [
  rowOf('blocking-serial', 3, 'libc'),
  rowOf('poll-loop', 4),
  rowOf('poll-loop', 4.01, 'libc epoll'),
  rowOf('async-await', 8, 'node'),
  { ...rowOf('threads', 6, 'libc'), rounds: rowOf('threads', 6).rounds.slice(0, 5) },
  { ...cellOf('reactor', [{ kind: 'left out', reason: 'It has no room.' }]), workload: 'many' },
]
const { load } = CELLS[0]!
const DOCUMENT = documentOf(CELLS, { workloads: [{ id: 'many', shows: '', loads: [load] }] })
const RUN: Digest = JSON.parse(renderDigest(digestOf(DOCUMENT)))

const MAKERS = {
  quote: (info: string) => quoted(info, (path) => (path === 'a/b.ts' ? SOURCE : undefined)),
  figure: (name: string) => figureOf(name, RUN),
  table: (name: string) => tableOf(name, RUN),
  claim: (text: string) => checkClaim(text, RUN),
}

/** What is wrong with a page, as the command shows it. */
function faultsOf(page: string): string[] {
  const result = { path: 'docs/a.md', old: page, ...filled(page, MAKERS) }
  return result.faults.map((fault) => described(result, fault))
}

const PAGE = `# Page

\`\`\`ts a/b.ts#wait,read
wait()

read() {
  wait()

  return 1
}

again() {}
\`\`\`

It costs <!-- figure: cpu many poll-loop -->4.0<!-- /figure --> µs, half of the other.
<!-- claim: cpu many poll-loop < async-await -->

<!-- table: tiers cpu many -->

| tier | CPU per message, µs |
| --- | --- |
| 1 | blocking-serial 3.0 |
| 2 | poll-loop libc poll 4.0, poll-loop libc epoll 4.0 |
| 3 | async-await 8.0 |
| – | threads 6.0: Too few of its rounds were calm. |
| – | reactor: It has no room. |

<!-- /table -->

Write \`<!-- figure: anything -->\` or:

\`\`\`sh
echo '<!-- claim: anything -->'
\`\`\`
`

describe('a page', () => {
  const { text, faults } = filled(PAGE, MAKERS)

  test('that is true stays as it is; a part that is filled is true', () => {
    expect(faults.map(({ line }) => line)).toEqual([18])
    expect(filled(text, MAKERS)).toEqual({ text, faults: [] })
    expect(text.replace(/ +/g, ' ').replace(/-+/g, '-')).toBe(
      PAGE.replace(/ +/g, ' ').replace(/-+/g, '-'),
    )
  })

  test.each([
    ['a stale quote', '  return 1', '  return 2', 3, 'the quote of a/b.ts#wait,read is stale'],
    ['a stale figure', '-->4.0<', '-->4.1<', 15, 'the figure “cpu many poll-loop” is stale'],
    ['a stale table', 'threads 6.0', 'threads 6.1', 18, 'the table “tiers cpu many” is stale'],
  ])('%s is found', (_, right, wrong, line, what) => {
    expect(text).toContain(right)
    expect(faultsOf(text.replace(right, wrong))).toEqual([
      `docs/a.md:${line}: ${what}: run npm run docs:fill`,
    ])
  })

  test.each([
    ['a missing region', '#wait,read', '#wait,write', 3, 'a/b.ts has no region write to quote'],
    ['a missing file', 'a/b.ts#wait', 'a/c.ts#wait', 3, 'there is no file a/c.ts to quote'],
    ['a row', 'many poll-loop -->', 'many pol-loop -->', 15, 'unknown row pol-loop (did you mean'],
    ['a measure', 'cpu many poll', 'cpx many poll', 15, 'unknown measure cpx (did you mean cpu?)'],
    ['no end', '<!-- /figure -->', '', 15, 'this is no figure, table or claim'],
    ['the beginning', 'It costs <', '<', 15, 'a line that begins with a figure is HTML'],
    ['a row without a figure', 'many poll-loop -->', 'many reactor -->', 15, 'It has no room.'],
  ])('%s that is wrong is found', (_, right, wrong, line, what) => {
    expect(text).toContain(right)
    const [fault, ...others] = faultsOf(text.replace(right, wrong))
    expect(others).toEqual([])
    expect(fault).toContain(`docs/a.md:${line}: `)
    expect(fault).toContain(what)
  })

  test('a false claim is found, with what the run shows', () => {
    expect(faultsOf(text.replace('poll-loop < async-await', 'async-await < poll-loop'))).toEqual([
      "docs/a.md:16: the run doesn't show “cpu many async-await < poll-loop”: " +
        'poll-loop is 0.50 times async-await node, in an interval of 0.50–0.50',
    ])
  })
})

describe('a claim', () => {
  const holds = (claim: string) => {
    try {
      checkClaim(claim, RUN)
      return true
    } catch {
      return false
    }
  }

  test.each([
    ['cpu many 1.9 × poll-loop < async-await', true],
    ['cpu many 2.1 × poll-loop < async-await', false],
    ['cpu many blocking-serial < poll-loop, async-await', true],
    ['cpu many poll-loop < async-await, blocking-serial', false],
    ['cpu many poll-loop ~ poll-loop libc epoll', true],
    ['cpu many poll-loop ~ async-await', false],
    ['cpu many poll-loop < many/100 async-await', true],
    ['cpu many poll-loop < threads', false],
    ['cpu many threads ~ poll-loop', false],
    ['cpu many unsure: threads', true],
    ['cpu many unsure: threads, poll-loop', false],
    ['cpu many poll-loop', false],
  ])('%s: %s', (claim, is) => {
    expect(holds(claim)).toBe(is)
  })

  test('of less, more and the same, one holds of two rows with intervals', () => {
    const rounds = fc.array(fc.double({ min: 1, max: 3, noNaN: true }), {
      minLength: 6,
      maxLength: 8,
    })
    fc.assert(
      fc.property(rounds, rounds, (a, b) => {
        const rows = [a, b].map((costs, i) => {
          const cell = cellOf(
            `row${i}`,
            costs.map((cpuPerMessage) => measured({ cpuPerMessage })),
          )
          return { ...cell, workload: 'many' }
        })
        const run = digestOf(documentOf(rows, { workloads: DOCUMENT.workloads }))
        const claims = ['row0 < row1', 'row1 < row0', 'row0 ~ row1']
        const held = claims.filter((claim) => {
          try {
            checkClaim(`cpu many ${claim}`, run)
            return true
          } catch {
            return false
          }
        })
        expect(held).toHaveLength(1)
      }),
    )
  })
})

test('the tiers of the digest are those of the run', () => {
  const names = (tiers: readonly (readonly { model: string; wait: string }[])[]) =>
    tiers.map((tier) => tier.map(({ model, wait }) => `${model} ${wait}`))
  expect(names(tiersOf(RUN.loads[0]!, findMeasure('cpu')))).toEqual(names(ranked(CELLS)))
})

test('a round that was crowded is left out; where all were, nothing can be told', () => {
  const machine = { clientWaited: 0.5, serverWaited: 0.5, othersUsed: 0.9, stolen: 0 }
  const crowded = measured({ cpuPerMessage: 9, result: { machine } })
  const row = rowOf('poll-loop', 4)
  const cells = [
    { ...row, rounds: [crowded, ...row.rounds] },
    { ...row, model: 'asyncore', rounds: row.rounds.map(() => crowded) },
  ]
  const run = digestOf(documentOf(cells, { workloads: DOCUMENT.workloads }))
  const [one, other] = run.loads[0]!.rows
  expect([one!.calm, one!.rounds.cpuPerMessage![0], other!.calm]).toEqual([6, null, 0])
  expect(figureOf('cpu many asyncore', run)).toBe('9.0?')
  expect(() => checkClaim('cpu many poll-loop < asyncore', run)).toThrow('no calm rounds of both')
})

test('what a model has cost: with intervals, or with the reason why not', () => {
  const places = [
    { id: 'ping', loads: [load] },
    { id: 'many', loads: [load, { ...load, connections: 1000 }] },
    { id: 'idle', loads: [load] },
    { id: 'hog', loads: [load] },
  ]
  const workloads = places.map((place) => ({ ...place, shows: '' }))
  const cells = workloads.flatMap(({ id, loads }) =>
    loads.flatMap((one) => CELLS.map((cell) => ({ ...cell, workload: id, load: one }))),
  )
  const run = digestOf(documentOf(cells, { workloads }))
  const [cost] = measuredCosts('poll-loop', run)
  expect(cost).toMatchObject({ text: '4.0 (3.9–4.1)', unit: 'µs' })
  const [few] = measuredCosts('threads', run)
  expect(few).toMatchObject({ text: '6.0', why: expect.stringContaining('5 calm rounds') })
  const [none] = measuredCosts('reactor', run)
  expect(none).toMatchObject({ text: '–', why: 'It has no room.' })
  const lines = measuredCosts('callbacks', run).filter(({ label }) => label.startsWith('Lines'))
  expect(lines.map(({ text }) => Number(text) > 5)).toEqual([true, true, true])
})

/** The parts that the HTML report is made of. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { benchCommand, type Flags, workloadsOf } from '../../bench/flags.ts'
import { commandOf } from '../../bench/report/html/again.ts'
import { tickText, timeText, timeTick } from '../../bench/report/html/format.ts'
import { html } from '../../bench/report/html/markup.ts'
import { apart } from '../../bench/report/html/panels.ts'
import { evenScale, logScale, type Scale, scaleForSmall } from '../../bench/report/html/scale.ts'
import { PLAIN, WORKLOADS } from '../../bench/workloads.ts'
import { cellOf, documentOf, measured } from './documents.ts'

const ticksOf = ({ ticks }: Scale) => ticks.map(({ value }) => value)
const majorsOf = ({ ticks }: Scale) =>
  ticks.filter((tick) => tick.isMajor).map(({ value }) => value)

describe('an even axis', () => {
  test.each([
    [
      [33_695, 2806],
      [0, 10_000, 20_000, 30_000],
    ],
    [[210_870], [0, 50_000, 100_000, 150_000, 200_000]],
    [[12.3], [0, 5, 10]],
    [
      [0.3, 0.1],
      [0, 0.1, 0.2, 0.3],
    ],
    [
      [-3, 5],
      [-2, 0, 2, 4],
    ],
    [
      [0, 0],
      [0, 0.5, 1],
    ],
    [[], [0, 0.5, 1]],
  ])('to hold %j has its ticks at %j', (values, expected) => {
    expect(ticksOf(evenScale(values))).toEqual(expected)
  })

  test('begins at zero and ends with the largest', () => {
    const { at } = evenScale([30, 40])
    expect([0, 10, 40].map(at)).toEqual([0, 0.25, 1])
  })

  test('where there is little room, zero and the last tick keep their labels', () => {
    expect(majorsOf(evenScale([210_870]))).toEqual([0, 200_000])
    expect(majorsOf(evenScale([-3, 5]))).toEqual([0, 4])
  })
})

describe('a logarithmic axis', () => {
  test.each([
    [
      [3, 80],
      [2, 5, 10, 20, 50, 100],
    ],
    [
      [41, 48],
      [20, 50],
    ],
    [
      [100, 100],
      [100, 200],
    ],
    [
      [1, 1000],
      [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000],
    ],
    [
      [30, 90_000],
      [100, 1000, 10_000, 100_000],
    ],
    [
      [0.02, 0.3],
      [0.02, 0.05, 0.1, 0.2, 0.5],
    ],
    [[], [1, 2]],
  ])('to hold %j has its ticks at %j', (values, expected) => {
    expect(ticksOf(logScale(values))).toEqual(expected)
  })

  test('equal ratios have equal lengths', () => {
    const { at } = logScale([1, 100])
    expect([1, 10, 100].map(at)).toEqual([0, 0.5, 1])
  })

  test('what has no logarithm is put at its near end', () => {
    expect([0, -1].map(logScale([0, 1, 100]).at)).toEqual([0, 0])
  })

  test('where there is little room, the first and the last power of ten keep their labels', () => {
    expect(majorsOf(logScale([3, 300]))).toEqual([10, 100])
    expect(majorsOf(logScale([3, 30]))).toEqual([2, 50])
    expect(majorsOf(logScale([1, 1e7]))).toEqual([1, 1e7])
  })
})

test('an axis for small values is logarithmic if they differ much, and all have a logarithm', () => {
  expect(scaleForSmall([4, 12]).isLog).toBe(false)
  expect(scaleForSmall([4, 46]).isLog).toBe(true)
  expect(scaleForSmall([0, 46]).isLog).toBe(false)
})

test('every axis has two ticks or more, in order and in place, and all values lie on it', () => {
  const value = fc.double({ min: 1e-3, max: 1e12, noNaN: true })
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 20 }), (values) => {
      for (const scale of [evenScale(values), logScale(values)]) {
        const places = scale.ticks.map(({ value }) => scale.at(value))
        expect(places.length).toBeGreaterThan(1)
        expect(places).toEqual([...new Set(places)].toSorted((a, b) => a - b))
        const [low, high] = [Math.min(...values), Math.max(...values)].map(scale.at)
        expect(low).toBeGreaterThanOrEqual(0)
        expect(high).toBeGreaterThanOrEqual(low!)
        expect(high).toBeLessThanOrEqual(1)
      }
    }),
  )
})

test.each([
  [0, '0.00 µs', '0 µs'],
  [4.623, '4.62 µs', '4.623 µs'],
  [50, '50.0 µs', '50 µs'],
  [213.4, '213 µs', '213 µs'],
  [999.6, '1.00 ms', '0.9996 ms'],
  [2000, '2.00 ms', '2 ms'],
  [500_000, '500 ms', '500 ms'],
  [2e9, '2 000 s', '2 000 s'],
])('%d µs is %s, and as a tick %s', (value, text, tick) => {
  expect(timeText(value)).toBe(text)
  expect(timeTick(value)).toBe(tick)
})

test.each([
  [0.30000000000000004, '0.3'],
  [20, '20'],
  [150_000, '150 000'],
])('the tick %d is %s', (value, text) => {
  expect(tickText(value)).toBe(text)
})

describe('labels are moved apart', () => {
  test.each([
    [[50], [50]],
    [
      [20, 60],
      [20, 60],
    ],
    [
      [60, 20, 22],
      [60, 20, 33],
    ],
    [
      [139, 140, 138],
      [127, 140, 114],
    ],
  ])('%j to %j', (heights, expected) => {
    expect(apart(heights)).toEqual(expected)
  })
})

test('markup is kept, text is escaped, lists are joined', () => {
  const bold = html`<b title="${'"'}">${'<i> & '}${2}</b>`
  expect(html`<p>${[bold, ' ', [bold]]}</p>`.markup).toBe(
    '<p><b title="&quot;">&lt;i&gt; &amp; 2</b> <b title="&quot;">&lt;i&gt; &amp; 2</b></p>',
  )
})

describe('the command that measures again', () => {
  async function flagsOf(command: string): Promise<Flags> {
    const words = command.split(' ')
    expect(words.slice(0, 4)).toEqual(['npm', 'run', 'bench', '--'])
    let parsed: Flags | undefined
    const keep = async (flags: Flags) => {
      parsed = flags
    }
    await benchCommand(keep).exitOverride().parseAsync(words.slice(4), { from: 'user' })
    return parsed!
  }

  const custom = [
    { connections: 10 },
    { connections: 1000, idle: 9900, size: 1024 },
    { connections: 10, protocol: 'line' as const, rate: 500 },
    { connections: 10, protocol: 'http' as const },
  ]

  test.each(custom)('asks for the load %j', async (load) => {
    const loads = [
      { ...PLAIN, ...load },
      { ...PLAIN, ...load, connections: 20 },
    ]
    const cells = loads.map((one) => cellOf('poll-loop', [measured({})], one))
    const document = documentOf(cells)
    expect(workloadsOf(await flagsOf(commandOf(document)))).toEqual(document.workloads)
  })

  test('asks for workloads of the list by name', async () => {
    const workloads = WORKLOADS.filter(({ id }) => id === 'steady' || id === 'hog')
    const command = commandOf(documentOf([], { workloads }))
    expect(workloadsOf(await flagsOf(command))).toEqual(workloads)
  })

  test('asks for the same rows and parameters', async () => {
    const names = [
      ['poll-loop', 'libc poll'],
      ['callbacks', 'node'],
      ['C epoll loop', 'epoll'],
      ['plain node:net', 'node'],
      ['gevent', 'libev'],
    ] as const
    const document = documentOf(names.map(([name, wait]) => cellOf(name, [measured({})], {}, wait)))
    const parameters = {
      ...document.parameters,
      rounds: 4,
      seed: 7,
      systemCalls: true,
      pinned: null,
    }
    expect(await flagsOf(commandOf({ ...document, parameters }))).toMatchObject({
      models: ['poll-loop', 'callbacks'],
      io: ['libc', 'node'],
      yardsticks: true,
      peers: true,
      costs: true,
      pin: false,
      rounds: 4,
      seed: 7,
      duration: 1,
      warmup: 0.3,
    })
  })
})

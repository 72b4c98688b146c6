/** Documents for the tests of the HTML report: one with everything, and any odd one. */
import fc from 'fast-check'
import type { BenchDocument, Cell, Outcome } from '../../bench/document/document.ts'
import { C_EPOLL, NODE_NET } from '../../bench/peers/yardsticks.ts'
import { type Load, PLAIN, WORKLOADS } from '../../bench/workloads.ts'
import { cellOf, documentOf, measured } from './documents.ts'

/** What each row costs in µs of CPU, so that they stand in this order in the charts. */
const ROWS = [
  { model: C_EPOLL, wait: 'epoll', cost: 4 },
  { model: NODE_NET, wait: 'node', cost: 8 },
  { model: 'blocking-serial', wait: 'libc', cost: 3.5 },
  { model: 'poll-loop', wait: 'libc poll', cost: 4.5 },
  { model: 'poll-loop', wait: 'libc epoll', cost: 4.2 },
  { model: 'poll-loop', wait: 'atomics poll', cost: 44 },
  { model: 'green-threads', wait: 'node', cost: 11 },
  { model: 'Python socketserver', wait: 'recv', cost: 25 },
]

/** The ids of the workloads that {@link wholeRun} has measured. */
export const MEASURED = ['ping', 'many', 'idle', 'steady']

/** Six rounds of eight rows under five loads; one row is left out, and one has failed once. */
export function wholeRun(): BenchDocument {
  const workloads = WORKLOADS.filter(({ id }) => MEASURED.includes(id))
  const cells = workloads.flatMap(({ id, loads }) =>
    loads.flatMap((load) =>
      ROWS.map(({ model, wait, cost }): Cell => {
        const rounds = [1, 1.02, 0.97, 1.01, 0.99, 1].map((noise) =>
          outcome(model, load, cost * noise),
        )
        return { model, wait, workload: id, load, rounds }
      }),
    ),
  )
  const { parameters, ...document } = documentOf(cells, { workloads })
  return { ...document, parameters: { ...parameters, systemCalls: true } }
}

function outcome(model: string, load: Load, cost: number): Outcome {
  if (model === 'blocking-serial' && load.connections > 1) {
    return { kind: 'left out', reason: 'It serves one client at a time.' }
  }
  if (model === 'green-threads' && load.idle > 0 && cost > 11.1) {
    return { kind: 'failed', reason: 'the server has ended' }
  }
  const p50 = cost * load.connections
  const latency = { mean: p50, p50, p90: p50 * 1.5, p99: p50 * 3, p999: p50 * 9, max: p50 * 40 }
  return measured({
    cpuPerMessage: cost,
    messagesPerSecond: load.rate || 1e6 / cost,
    result: {
      latency,
      sinceSent: load.rate > 0 ? { ...latency, p99: p50 * 2 } : null,
      connected: load.connections + load.idle,
    },
  })
}

/** Zero, next to nothing, and far too much, as a broken clock or a counter of jiffies may say. */
const figure = fc.constantFrom(0, 1e-3, 1, 4.6, 1000, 1e12)

const latency = fc
  .tuple(figure, figure, figure, figure, figure, figure)
  .map(([mean, ...values]) => values.toSorted((a, b) => a - b).concat(mean))
  .map(([p50 = 0, p90 = 0, p99 = 0, p999 = 0, max = 0, mean = 0]) => {
    return { mean, p50, p90, p99, p999, max }
  })

const oddOutcome: fc.Arbitrary<Outcome> = fc.oneof(
  fc
    .record({
      cpuPerMessage: figure,
      messagesPerSecond: figure,
      result: fc.record(
        {
          latency: fc.option(latency),
          sinceSent: fc.option(latency),
          server: fc.constant(null),
          fairness: fc.constant(null),
          connected: fc.constantFrom(1, 10_000),
        },
        { requiredKeys: [] },
      ),
    })
    .map(measured),
  fc.constant({ kind: 'failed', reason: 'no luck: "none" at all' } as const),
  fc.constant({ kind: 'left out', reason: 'It has <64> threads.' } as const),
)

const oddLoad = fc.constantFrom<Partial<Load>>(
  { connections: 1 },
  { connections: 100 },
  { connections: 10_000 },
  { idle: 9900 },
  { rate: 5000 },
  { ...PLAIN, protocol: 'http', connections: 10 },
)

const oddCell = fc
  .tuple(
    fc.constantFrom(C_EPOLL, NODE_NET, 'poll-loop', 'cluster', 'no model'),
    fc.array(oddOutcome, { maxLength: 4 }),
    oddLoad,
    fc.constantFrom('libc poll', 'libc epoll', 'node'),
  )
  .map((parts) => cellOf(...parts))

/** Runs of up to eight cells whose figures are odd, or not there. */
export const oddDocument: fc.Arbitrary<BenchDocument> = fc
  .tuple(
    fc.uniqueArray(oddCell, {
      maxLength: 8,
      selector: ({ model, wait, load }) => JSON.stringify([model, wait, load]),
    }),
    fc.boolean(),
  )
  .map(([cells, interrupted]) => documentOf(cells, { interrupted }))

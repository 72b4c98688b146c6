/**
 * The workloads, as data: what a server is asked to do, and which difference between architectures
 * this shows. The runner turns a load into flags of the load generator and of `serve`.
 */
import type { LoadShape } from '../clients/load/result.ts'
import { amount, plural } from '../clients/terminal.ts'
import { PROTOCOLS } from '../servers/protocol/protocols.ts'

/**
 * The protocols that a server may be asked to speak: autocannon loads HTTP, our own generator all
 * others. `burn` is `line`, except that a line can make the server use CPU time.
 */
export const BENCH_PROTOCOLS = [...PROTOCOLS, 'http', 'burn'] as const
export type BenchProtocol = (typeof BENCH_PROTOCOLS)[number]

/** One way to load a server. */
export interface Load extends LoadShape {
  readonly protocol: BenchProtocol
  /** The longest line that the server is told to accept, in bytes. */
  readonly maxLine: number
  /** The length of the window in seconds; the run's own if undefined. */
  readonly seconds?: number
}

export interface Workload {
  readonly id: string
  /** Which difference between architectures the workload shows, in a sentence. */
  readonly shows: string
  readonly loads: readonly Load[]
}

/** A closed loop of one connection. All other loads are written as differences from this one. */
export const PLAIN: Load = {
  protocol: 'raw',
  connections: 1,
  idle: 0,
  deaf: 0,
  burn: 0,
  size: 64,
  depth: 1,
  pause: 0,
  rate: 0,
  churn: false,
  maxLine: 16384,
}

const HUNDRED: Load = { ...PLAIN, connections: 100 }
const MiB = 2 ** 20

/** What `--bare` measures: CPU time with those that talk, memory with those that are silent. */
export const PROMISES_COST: Workload = {
  id: 'bare',
  shows: 'What the promises cost: each model beside its bare server.',
  loads: [HUNDRED, { ...HUNDRED, idle: 1000 }],
}

export const WORKLOADS: readonly Workload[] = [
  {
    id: 'ping',
    shows:
      'The price of one wake-up: server and client take turns, so that nothing is shared by many messages and every model pays in full.',
    loads: [PLAIN],
  },
  {
    id: 'many',
    shows:
      'What readiness is for: one wait answers for many connections, and a model costs what it does per message and per wait.',
    loads: [HUNDRED, { ...PLAIN, connections: 1000 }],
  },
  {
    id: 'idle',
    shows:
      'What a silent connection costs: memory in every model, and with poll(2) also time, since the kernel looks at all 10,000 in every wait.',
    loads: [{ ...HUNDRED, idle: 9900 }],
  },
  {
    id: 'large',
    shows:
      'What a byte costs, and not a message: how often it is copied, and how a model goes on after a send that took only a part.',
    loads: [
      { ...HUNDRED, protocol: 'line', size: 16384 },
      { ...PLAIN, protocol: 'line', connections: 10, size: MiB, maxLine: MiB },
    ],
  },
  {
    id: 'pipeline',
    shows:
      'What is left when system calls are shared: 32 lines come in one receive, so that framing and calling the handler is what costs.',
    loads: [{ ...HUNDRED, protocol: 'line', depth: 32 }],
  },
  {
    id: 'churn',
    shows:
      'What a connection costs from accept to close: an object, a green thread, or a real one, set up and torn down for a single message.',
    loads: [{ ...HUNDRED, churn: true }],
  },
  {
    id: 'seeds',
    shows:
      'A server that mostly waits, as most do: 100 clients send 10 messages each with a pause between, and a server of one client at a time falls behind.',
    loads: [{ ...HUNDRED, protocol: 'previous', pause: 0.1, seconds: 1 }],
  },
  {
    id: 'steady',
    shows:
      'The latency that users see, at a rate of their own and far below capacity: an open loop, whose clock starts when a message should have been sent.',
    loads: [{ ...HUNDRED, rate: 5000 }],
  },
  {
    id: 'slow-reader',
    shows:
      'Whether peers that do not read harm those that do: a model must stop reading from them, keep its memory bounded, and go on with the rest.',
    loads: [{ ...HUNDRED, deaf: 10 }],
  },
  {
    id: 'hog',
    shows:
      'Which clients wait while one handler computes: all of them where there is one thread, hardly any where each connection has its own.',
    loads: [{ ...PLAIN, protocol: 'burn', connections: 20, rate: 5000, burn: 20 }],
  },
]

/** How many connections a load has open at a time, silent ones and all others together. */
export function connectionsOf({ connections, idle, deaf, burn }: Load): number {
  return connections + idle + deaf + (burn > 0 ? 1 : 0)
}

/** `100 connections, 9 900 more are silent: raw, 64 bytes`; no two loads have the same text. */
export function describeLoad(load: Load): string {
  const { connections, idle, deaf, burn } = load
  const who = [
    plural(connections, 'connection'),
    idle > 0 && `${amount(idle)} more are silent`,
    deaf > 0 && `${amount(deaf)} more never read`,
    burn > 0 && `one more burns ${burn} ms of CPU, ten times a second`,
  ]
  return `${who.filter(Boolean).join(', ')}: ${describeMessages(load)}`
}

/** What the messages are, and when they are sent: `raw, 64 bytes`. */
export function describeMessages(load: Load): string {
  const { protocol, size, depth, pause, rate, churn } = load
  const what = [
    protocol === 'http' ? 'HTTP, a path' : `${protocol}, ${sizeText(size)}`,
    depth > 1 && `${depth} in flight on each`,
    pause > 0 && `a pause of ${pause} s`,
    rate > 0 && `${amount(rate)} messages/s, an open loop`,
    churn && 'a connection for each message',
  ]
  return what.filter(Boolean).join(', ')
}

function sizeText(bytes: number): string {
  if (bytes >= MiB && bytes % MiB === 0) return `${bytes / MiB} MiB`
  return bytes >= 16384 && bytes % 1024 === 0 ? `${bytes / 1024} KiB` : plural(bytes, 'byte')
}

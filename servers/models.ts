/**
 * The one list of models: what each is, where it runs, what it can do, and which promise it can't
 * keep.
 */
import type { Backend } from './posix/api.ts'
import type { PollerName } from './posix/poller.ts'
import { type ReactorName, type Serve, THREADS } from './server.ts'

export interface Model {
  /** Its name in commands. */
  readonly id: string
  /** Its folder under servers/. */
  readonly folder: string
  /** What it is, in a line. */
  readonly summary: string
  readonly load: () => Promise<{ serve: Serve }>
  /**
   * The ways in which it can wait, the default first. On systems other than Linux the first that
   * needs no `libc` is the default.
   */
  readonly waits: readonly Wait[]
  /** The flags of `serve` that only some models take; `tls` is `--tls-cert` and `--tls-key`. */
  readonly takes: readonly OwnFlag[]
  /**
   * The promises it can't keep by its nature, each with the reason. The contract suite reads them.
   */
  readonly exceptions: Partial<Record<PromiseName, string>>
  /** What a user should know though every promise holds. */
  readonly notes: readonly string[]
  /** The clients that it serves at a time, and why not more; undefined for any number. */
  readonly places?: { readonly count: number; readonly reason: string }
  /** Why this machine can't run it at all, and what to do; undefined if it can. */
  readonly refusal?: () => Promise<string | undefined>
}

/**
 * One way to wait, as flags of `serve`. `node`: on Node's own event loop, without a socket layer.
 */
export interface Wait {
  readonly io: Backend | 'node'
  readonly poller?: PollerName
  readonly reactor?: ReactorName
}

export type OwnFlag = 'threads' | 'workers' | 'tls' | 'faults'

/** The promises of docs/protocol.md, "What every server promises". */
export type PromiseName =
  | 'concurrency'
  | 'half-close'
  | 'back-pressure'
  | 'isolation'
  | 'max-connections'
  | 'idle-timeout'
  | 'descriptors'
  | 'stop'

const READINESS: readonly Wait[] = [
  { io: 'libc', poller: 'poll' },
  { io: 'libc', poller: 'epoll' },
  { io: 'atomics', poller: 'poll' },
]

const ACCEPTS_EAGERLY =
  "On Node's event loop, the server accepts as soon as it can and can't be told to stop: clients above --max-connections wait accepted but unread, each with a descriptor, instead of in the kernel's backlog."

const ONE_AT_A_TIME =
  'It serves one client at a time; all others wait in the backlog until it has gone.'

export const MODELS: readonly Model[] = [
  {
    id: 'blocking-serial',
    folder: '01-blocking-serial',
    summary: 'one client from accept to close, then the next',
    load: () => import('./01-blocking-serial/echo.ts'),
    waits: [{ io: 'atomics' }, { io: 'libc' }],
    takes: ['faults'],
    exceptions: {
      concurrency: ONE_AT_A_TIME,
      'max-connections': 'The limit is always 1, for the same reason.',
    },
    notes: [],
    places: { count: 1, reason: ONE_AT_A_TIME },
  },
  {
    id: 'threads',
    folder: '02-threads',
    summary: 'a thread for each client, up to --threads',
    load: () => import('./02-threads/echo.ts'),
    waits: [{ io: 'libc' }, { io: 'atomics' }],
    takes: ['threads', 'faults'],
    exceptions: {},
    notes: [
      `At most --threads clients (${THREADS}) are served at a time, whatever --max-connections says: the rest wait in the backlog.`,
    ],
    places: {
      count: THREADS,
      reason: `It has a thread for each client, and ${THREADS} at most unless --threads says otherwise.`,
    },
  },
  {
    id: 'poll-loop',
    folder: '03-poll-loop',
    summary: 'a hand-written loop around poll or epoll',
    load: () => import('./03-poll-loop/echo.ts'),
    waits: READINESS,
    takes: ['faults'],
    exceptions: {},
    notes: [],
  },
  {
    id: 'asyncore',
    folder: '04-asyncore',
    summary: 'dispatcher objects that a loop calls back',
    load: () => import('./04-asyncore/echo.ts'),
    waits: READINESS,
    takes: ['faults'],
    exceptions: {},
    notes: [],
  },
  {
    id: 'asynchat',
    folder: '05-asynchat',
    summary: 'dispatchers that collect until a terminator',
    load: () => import('./05-asynchat/echo.ts'),
    waits: READINESS,
    takes: ['faults'],
    exceptions: {},
    notes: [],
  },
  {
    id: 'reactor',
    folder: '06-reactor',
    summary: 'protocols, factories and transports around a reactor of your choice',
    load: () => import('./06-reactor/echo.ts'),
    waits: [
      { io: 'libc', reactor: 'poll' },
      { io: 'libc', reactor: 'epoll' },
      { io: 'node', reactor: 'node' },
      { io: 'atomics', reactor: 'poll' },
    ],
    takes: ['faults'],
    exceptions: {},
    notes: [ACCEPTS_EAGERLY],
  },
  {
    id: 'green-threads',
    folder: '07-green-threads',
    summary: 'greenlets that give way at each visible yield*',
    load: () => import('./07-green-threads/echo.ts'),
    waits: [{ io: 'node' }],
    takes: ['tls', 'faults'],
    exceptions: {},
    notes: [ACCEPTS_EAGERLY],
  },
  {
    id: 'callbacks',
    folder: '08-callbacks',
    summary: 'plain Node: a function for each thing that can happen',
    load: () => import('./08-callbacks/echo.ts'),
    waits: [{ io: 'node' }],
    takes: ['tls', 'faults'],
    exceptions: {},
    notes: [ACCEPTS_EAGERLY],
  },
  {
    id: 'async-await',
    folder: '09-async-await',
    summary: 'a reader and a writer, awaited, on Node’s event loop',
    load: () => import('./09-async-await/echo.ts'),
    waits: [{ io: 'node' }],
    takes: ['tls', 'faults'],
    exceptions: {},
    notes: [ACCEPTS_EAGERLY],
  },
  {
    id: 'cluster',
    folder: '10-cluster',
    summary: 'a process for each core, with async-await in each',
    load: () => import('./10-cluster/echo.ts'),
    waits: [{ io: 'node' }],
    takes: ['tls', 'workers', 'faults'],
    exceptions: {},
    notes: [ACCEPTS_EAGERLY],
  },
  {
    id: 'completion',
    folder: '11-completion',
    summary: 'operations handed to io_uring, and their completions taken',
    load: () => import('./11-completion/echo.ts'),
    waits: [{ io: 'libc' }],
    takes: [],
    exceptions: {},
    notes: [],
    refusal: async () => (await import('./11-completion/io-uring.ts')).ioUringRefusal(),
  },
]

/** By its id, or by the name of its folder, which a shell completes. */
export function findModel(name: string): Model | undefined {
  return MODELS.find(({ id, folder }) => id === name || folder === name)
}

/** `libc poll`, `atomics`, `node`: a way to wait as tables show it. */
export function describeWait({ io, poller, reactor }: Wait): string {
  const how = reactor ?? poller
  return how === undefined || how === io ? io : `${io} ${how}`
}

/** The flags of `serve` that choose this way to wait. */
export function waitFlags({ io, poller, reactor }: Wait): string[] {
  return [
    ...(io === 'node' ? [] : ['--io', io]),
    ...(poller ? ['--poller', poller] : []),
    ...(reactor ? ['--reactor', reactor] : []),
  ]
}

/**
 * The way to wait that the flags ask for, and the model's default on `platform` where they leave it
 * open. Throws a RangeError that says what the model offers, if it has no such way.
 */
export function chooseWait(model: Model, asked: Partial<Wait>, platform = process.platform): Wait {
  const matching = model.waits.filter((wait) => matches(wait, asked))
  const runsHere = matching.find((wait) => platform === 'linux' || wait.io !== 'libc')
  const chosen = runsHere ?? matching[0]
  if (chosen) return chosen
  const offers = model.waits.map(
    (wait) => waitFlags(wait).join(' ') || "Node's event loop, no flags",
  )
  const wanted = Object.entries(asked).map(([flag, value]) => `--${flag} ${value}`)
  throw new RangeError(`${model.id} has no ${wanted.join(' ')}; it offers: ${offers.join('; ')}`)
}

function matches(wait: Wait, asked: Partial<Wait>): boolean {
  return (['io', 'poller', 'reactor'] as const).every(
    (key) => asked[key] === undefined || asked[key] === wait[key],
  )
}

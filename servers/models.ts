/**
 * The one list of models: what each is, where it runs, what it can do, and which promise it can't
 * keep.
 */
import type { Backend } from './posix/api.ts'
import type { PollerName } from './posix/poller.ts'
import type { ReactorName, Serve } from './server.ts'

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
  /**
   * The promises it can't keep by its nature, each with the reason. The contract suite reads them.
   */
  readonly exceptions: Partial<Record<PromiseName, string>>
  /** What a user should know though every promise holds. */
  readonly notes: readonly string[]
}

/**
 * One way to wait, as flags of `serve`. `node`: on Node's own event loop, without a socket layer.
 */
export interface Wait {
  readonly io: Backend | 'node'
  readonly poller?: PollerName
  readonly reactor?: ReactorName
}

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

export const MODELS: readonly Model[] = [
  {
    id: 'blocking-serial',
    folder: '01-blocking-serial',
    summary: 'one client from accept to close, then the next',
    load: () => import('./01-blocking-serial/echo.ts'),
    waits: [{ io: 'atomics' }, { io: 'libc' }],
    exceptions: {
      concurrency:
        'It serves one client at a time; all others wait in the backlog until it has gone.',
      'max-connections': 'The limit is always 1, for the same reason.',
    },
    notes: [],
  },
  {
    id: 'poll-loop',
    folder: '03-poll-loop',
    summary: 'a hand-written loop around poll or epoll',
    load: () => import('./03-poll-loop/echo.ts'),
    waits: READINESS,
    exceptions: {},
    notes: [],
  },
  {
    id: 'asyncore',
    folder: '04-asyncore',
    summary: 'dispatcher objects that a loop calls back',
    load: () => import('./04-asyncore/echo.ts'),
    waits: READINESS,
    exceptions: {},
    notes: [],
  },
  {
    id: 'asynchat',
    folder: '05-asynchat',
    summary: 'dispatchers that collect until a terminator',
    load: () => import('./05-asynchat/echo.ts'),
    waits: READINESS,
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
    exceptions: {},
    notes: [ACCEPTS_EAGERLY],
  },
  {
    id: 'async-await',
    folder: '09-async-await',
    summary: 'a reader and a writer, awaited, on Node’s event loop',
    load: () => import('./09-async-await/echo.ts'),
    waits: [{ io: 'node' }],
    exceptions: {},
    notes: [ACCEPTS_EAGERLY],
  },
]

export function findModel(id: string): Model | undefined {
  return MODELS.find((model) => model.id === id)
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
 * The way to wait that the flags ask for; what they leave open is the model's default on
 * `platform`. Throws a RangeError that says what the model offers, if it has no such way.
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

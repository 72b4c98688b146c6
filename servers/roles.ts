/**
 * The steps of serving that every architecture has, and where each one stands. In the files of a
 * model a step is a region with its name (`// #region read`). Where the framework, Node or the
 * kernel takes the step itself, there is no region to show: this table says what takes it.
 */

export const ROLES = [
  /** A client is accepted, unless there is no place for it. */
  'accept',
  /** The thread sleeps until there is something to do. */
  'wait',
  /** Bytes come in. */
  'read',
  /** Bytes go out, and what the kernel does not take is kept. */
  'reply',
  /** A client that does not take its replies is not read from. */
  'backPressure',
  /** The conversation ends: the FINs, lingering, the close. */
  'end',
  /** A client that is silent for too long is closed. */
  'idle',
  /** Closing time. */
  'stop',
] as const

export type Role = (typeof ROLES)[number]

export interface Step {
  /** What takes this step, in a sentence. */
  readonly by: string
  /** Its file from the root of the project, and after `#` the region; none outside of the project. */
  readonly place?: string
}

const BLOCKING: Partial<Record<Role, Step>> = {
  wait: {
    by: 'Every call waits: the thread sleeps in `accept`, `recv` and `send`.',
    place: 'servers/posix/blocking.ts#recvPatiently',
  },
  backPressure: {
    by: '`send` sleeps until the client takes its reply, and meanwhile nothing is read.',
    place: 'servers/posix/blocking.ts#sendAll',
  },
  idle: {
    by: '`recv` and `send` return after a time that was set for the socket.',
    place: 'servers/posix/blocking.ts#recvPatiently',
  },
  stop: {
    by: 'A thread that sleeps in `recv` looks up every 200 ms to see whether it is closing time.',
    place: 'servers/posix/blocking.ts#recvPatiently',
  },
}

const NODE_WAITS: Step = { by: "Node's event loop waits, in libuv, beneath the program." }

const ASYNC_AWAIT: Step = {
  by: 'The async-await server does, in each worker.',
  place: 'servers/09-async-await/echo.ts',
}

/** By the id of a model: the steps that its own files don't take. */
export const TAKEN_BY_OTHERS: Readonly<Record<string, Partial<Record<Role, Step>>>> = {
  'blocking-serial': BLOCKING,
  threads: BLOCKING,
  asynchat: {
    idle: { by: "asyncore's deadlines do.", place: 'servers/04-asyncore/upkeep.ts#idle' },
    stop: { by: "asyncore's listener does.", place: 'servers/04-asyncore/listener.ts#stop' },
  },
  'green-threads': {
    wait: NODE_WAITS,
    backPressure: {
      by: '`sendall` gives the thread away until the client has taken its reply.',
      place: 'servers/07-green-threads/output.ts#sendall',
    },
    idle: {
      by: 'Every wait on a socket ends with a Timeout after the time given to `settimeout`.',
      place: 'servers/07-green-threads/socket.ts#settimeout',
    },
  },
  callbacks: { wait: NODE_WAITS },
  'async-await': {
    wait: NODE_WAITS,
    accept: {
      by: 'Node accepts every client; an Admission lets it in when there is a place.',
      place: 'servers/node/admission.ts#enter',
    },
    idle: {
      by: '`abortWhenIdle` of the writer, which is `setTimeout` of a Node socket.',
      place: 'servers/09-async-await/stream-writer.ts#abortWhenIdle',
    },
  },
  cluster: {
    accept: {
      by: 'The primary accepts in turn for the workers; each asks it for a place.',
      place: 'servers/10-cluster/worker.ts#places',
    },
    wait: NODE_WAITS,
    read: ASYNC_AWAIT,
    reply: ASYNC_AWAIT,
    backPressure: ASYNC_AWAIT,
    end: ASYNC_AWAIT,
    idle: ASYNC_AWAIT,
  },
}

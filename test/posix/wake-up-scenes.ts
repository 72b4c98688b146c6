/**
 * Scenes between program threads and the kernel thread of backend `atomics`, played by the real code
 * of both: only the host and the event loop are stood in for.
 */
import { POLLIN } from '../../servers/posix/api.ts'
import { alone, type Choose, instrument, run, type Step, type Thread } from './schedules.ts'

const ENTRY = `
  export { Sockets } from './sockets.ts'
  export { KernelSocket } from './kernel-socket.ts'
  export { Watch } from './watch.ts'
  export { createTable } from './layout.ts'
  export { Slabs } from './blocks.ts'`

/** What the kernel answers if it is asked: in these scenes only a closed socket makes a thread ask. */
const CLOSED = -1

/** One slab for all runs: what is in it does not matter. */
const MEMORY = new SharedArrayBuffer(2 ** 16)

type Steps<Result = void> = Generator<Step, Result, unknown>

/** The real classes, whose methods pause. */
interface Real {
  Sockets: new (
    table: SharedArrayBuffer,
    kernel: object,
  ) => {
    recv(fd: number, into: Uint8Array): Steps<number>
    send(fd: number, bytes: Uint8Array): Steps<number>
    poll(set: Int32Array, count: number, timeout: number): Steps<number>
    slabs: { add(slab: SharedArrayBuffer): void }
  }
  KernelSocket: new (
    shared: object,
    fd: number,
  ) => {
    open(nonblocking: boolean): void
    limit(receiveTimeout: number, sendTimeout: number, receive: number, send: number): Steps
    connect(): Steps
    deliver(bytes: Uint8Array): Steps<number>
    outgoing(into: Uint8Array, skip: number): Steps<number>
    sent(count: number): Steps
    close(): Steps
  }
  Watch: new (
    words: Int32Array,
    serve: (fd: number) => Steps,
  ) => {
    rung(): Steps
    look(): Steps<number>
  }
  createTable(limit: number): SharedArrayBuffer
  Slabs: new () => {
    add(slab: SharedArrayBuffer): void
    of(block: number): Uint8Array | undefined
  }
}

/** What is around the code: the host, and the event loop of the kernel thread. */
class World {
  readonly words: Int32Array
  readonly sockets = new Map<number, InstanceType<Real['KernelSocket']>>()
  readonly watch: InstanceType<Real['Watch']>
  /** Events that have come, and wait for the event loop. */
  readonly events: (() => Steps<unknown>)[] = []
  timer: (() => Steps) | undefined
  isTimerSet = false
  /** Whether it is right to wait for the timer. */
  readonly mayWait: boolean
  /** Bytes that have reached the host. */
  sent = ''
  /** Threads of the program that have done their work. */
  through = 0
  readonly #table: SharedArrayBuffer
  readonly #real: Real
  readonly #slabs: InstanceType<Real['Slabs']>
  #blocks = 0

  constructor(real: Real, fds: readonly number[], mayWait: boolean) {
    this.mayWait = mayWait
    this.#real = real
    this.#table = real.createTable(8)
    this.words = new Int32Array(this.#table)
    this.#slabs = new real.Slabs()
    this.#slabs.add(MEMORY)
    this.watch = new real.Watch(this.words, (fd) => this.#serve(fd))
    for (const fd of fds) this.#connect(fd)
  }

  /** The calls of one program thread. */
  program(): InstanceType<Real['Sockets']> {
    const ring = () => this.events.push(() => this.watch.rung())
    const program = new this.#real.Sockets(this.#table, {
      ring,
      ask: () => CLOSED,
    })
    program.slabs.add(MEMORY)
    return program
  }

  /** The host has bytes for a socket. */
  arrive(fd: number, text: string): void {
    this.events.push(() => this.sockets.get(fd)!.deliver(Buffer.from(text)))
  }

  /** The event loop: it takes what has come in any order, and sleeps when there is nothing. */
  *kernel(): Thread {
    for (;;) {
      yield ['until', (othersRun) => this.events.length > 0 || this.#fires(othersRun)]
      const timers = this.#fires(true) ? 1 : 0
      const count = this.events.length + timers
      const chosen = count > 1 ? Number(yield ['choose', count]) : 0
      if (chosen < this.events.length) yield* this.events.splice(chosen, 1)[0]!()
      else {
        this.isTimerSet = false
        yield* this.timer!()
      }
    }
  }

  /** A timer is an event like others, but nobody may have to wait for it. */
  #fires(othersRun: boolean): boolean {
    return this.isTimerSet && (othersRun || this.mayWait)
  }

  #connect(fd: number): void {
    const pool = {
      of: (block: number) => this.#slabs.of(block),
      take: () => this.#blocks++,
      give: () => {},
    }
    const socket = new this.#real.KernelSocket({ table: this.words, pool, watch: this.watch }, fd)
    socket.open(false)
    alone(socket.limit(0, 0, 2048, 2048))
    alone(socket.connect())
    this.sockets.set(fd, socket)
  }

  *#serve(fd: number): Steps {
    const socket = this.sockets.get(fd)!
    const bytes = Buffer.alloc(2048)
    const count = yield* socket.outgoing(bytes, 0)
    if (count === 0) return
    this.sent += bytes.toString('latin1', 0, count)
    yield* socket.sent(count)
  }
}

/** The threads of a scene beside the kernel's, and what is the case when all are done. */
interface Scene {
  fds: number[]
  mayWait?: boolean
  start(world: World): Steps<unknown>[]
  isDone(world: World): boolean
}

export const SCENES: Record<string, Scene> = {
  'a thread blocks in recv, and answers, twice': {
    fds: [3],
    start: (world) => [echo(world, 3, ['a', 'b'])],
    isDone: ({ sent }) => sent === 'ab',
  },
  'two threads block on one socket': {
    fds: [3],
    start: (world) => {
      world.arrive(3, 'a')
      world.arrive(3, 'b')
      return [echo(world, 3, ['']), echo(world, 3, [''])]
    },
    isDone: ({ sent }) => sent.length === 2,
  },
  'a thread polls two sockets, and answers both, and one again': {
    fds: [3, 4],
    start: (world) => {
      world.arrive(3, 'a')
      world.arrive(4, 'b')
      return [pollAndEcho(world, [3, 4], 3)]
    },
    isDone: ({ sent }) => sent.length === 3,
  },
  'a thread sends twice and computes, and another one blocks': {
    fds: [3, 4, 5],
    mayWait: true,
    start: (world) => [sendTo(world, [3, 4]), echo(world, 5, ['c'])],
    isDone: ({ sent }) => sent.length === 3,
  },
  'a thread blocks in send until there is room': {
    fds: [3],
    start: (world) => [sendTo(world, [3, 3], 2048)],
    isDone: ({ sent }) => sent.length >= 2048 + 1,
  },
  'a thread is blocked when its socket is closed': {
    fds: [3],
    start: (world) => {
      world.events.push(() => world.sockets.get(3)!.close())
      return [recvFromClosed(world)]
    },
    isDone: () => true,
  },
}

/** Receives each of the texts, which the host sends when the one before has been answered. */
function* echo(world: World, fd: number, texts: string[]): Steps {
  const program = world.program()
  const buffer = new Uint8Array(1)
  for (const text of texts) {
    if (text) world.arrive(fd, text)
    yield* program.recv(fd, buffer)
    yield* program.send(fd, buffer)
  }
}

function* pollAndEcho(world: World, fds: number[], count: number): Steps {
  const program = world.program()
  const buffer = new Uint8Array(1)
  const set = Int32Array.from(fds.flatMap((fd) => [fd, POLLIN]))
  for (let done = 0; done < count; ) {
    yield* program.poll(set, fds.length, -1)
    for (const [i, fd] of fds.entries()) {
      if (set[2 * i + 1]! >>> 16 === 0) continue
      yield* program.recv(fd, buffer)
      yield* program.send(fd, buffer)
      done += 1
      // By now the kernel may be watching.
      if (done === 2) world.arrive(fd, 'c')
    }
  }
}

function* sendTo(world: World, fds: number[], size = 1): Steps {
  const program = world.program()
  for (const fd of fds) yield* program.send(fd, new Uint8Array(size))
}

function* recvFromClosed(world: World): Steps {
  const refused = yield* world.program().recv(3, new Uint8Array(1))
  // EBADF, by the call itself or by the kernel.
  if (refused >= 0) fail('a closed socket', `recv returned ${refused}`)
}

/** After its work a thread sleeps, in a poll without end: what it has sent may not wait for more. */
function* thread(world: World, steps: Steps<unknown>, mayWait: boolean): Steps {
  yield* steps
  world.through += 1
  if (!mayWait) yield* world.program().poll(new Int32Array(0), 0, -1)
}

/** Code under test; `change` may break it. */
export function load(change?: (code: string) => string): (scene: Scene, choose: Choose) => boolean {
  let world: World
  const outside = {
    performance: { now: () => 0 },
    setImmediate: (task: () => Steps) => world.events.push(task),
    setTimeout: (task: () => Steps) => {
      const timer = {
        unref: () => timer,
        refresh() {
          outside.current().isTimerSet = true
        },
      }
      outside.tasks.push(task)
      return timer
    },
    tasks: [] as (() => Steps)[],
    current: () => world,
  }
  const real = instrument<Real>(ENTRY, outside, change)
  return ({ fds, mayWait = false, start, isDone }, choose) => {
    world = new World(real, fds, mayWait)
    world.timer = outside.tasks.pop()
    const threads = start(world).map((steps) => thread(world, steps, mayWait))
    run([...threads, world.kernel()], choose)
    return world.through === threads.length && isDone(world)
  }
}

export function fail(scene: string, how: string): never {
  throw new Error(`lost wake-up: ${scene}, ${how}`)
}

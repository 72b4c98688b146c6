/**
 * When does a server accept the next client, and what runs its handler? One greenlet accepts, while
 * there is a place; each handler gets a greenlet of its own, or what `spawn` says.
 */
import { Server, type Socket } from 'node:net'
import type { Address } from '../posix/api.ts'
import { Event } from './event.ts'
import { call, Greenlet, GreenletExit, getcurrent, spawn } from './greenlet.ts'
import { type Green, hub, sleep } from './hub.ts'
import { type ListenAddress, Listener, type ListenOptions } from './listener.ts'
import { checkCount, checkSeconds } from './numbers.ts'
import { Pool } from './pool.ts'
import type { GreenSocket } from './socket.ts'

/** Called for each connection. */
export type Handle = (socket: GreenSocket, address: Address) => Green<unknown> | unknown

/**
 * What runs the handler. `default`: a new greenlet for each connection. A Pool, or an integer for a
 * Pool of that size. A function that makes a greenlet of the body that it is given. `none`: the hub
 * itself, and then the handler must not wait.
 */
export type Spawn = 'default' | 'none' | number | Pool | ((body: () => unknown) => Greenlet)

export interface ServerOptions extends ListenOptions {
  readonly spawn?: Spawn
}

/** The errors of accept(2) that say: this is no listener, no client will ever come here again. */
const FATAL = ['EBADF', 'EINVAL', 'ENOTSOCK']

/** Seconds that `stop` waits for the handlers that it has killed. */
const KILL_TIMEOUT = 1

/**
 * What all servers share. Modelled on gevent.baseserver.
 *
 *     closed → start → accepting ⇄ not accepting → stop or close → closed
 *
 * Where it differs: `start` waits, since Node begins to listen a moment later. listener.ts has the
 * other differences.
 */
export abstract class BaseServer {
  /** Seconds that accepting rests after a failure, doubled with each failure that follows. */
  minDelay = 0.01
  /** The longest rest, in seconds. */
  maxDelay = 1
  /** Connections accepted in a row before other greenlets have their turn. */
  maxAccept = 100
  /** Seconds that handlers have, after `stop`, to end by themselves. */
  stopTimeout = 1
  readonly #options: ServerOptions
  #where: ListenAddress | Listener
  #handle: Handle
  #run: ((body: () => unknown) => Greenlet) | undefined
  #pool: Pool | undefined
  #listener: Listener | undefined
  #acceptor: Greenlet<void> | undefined
  #stopping: Greenlet<void> | undefined
  /** When `#stopping` kills the handlers, by the clock of `performance.now`. */
  #deadline = Number.POSITIVE_INFINITY
  /** The number of calls of `close`. */
  #closings = 0
  readonly #stopped = new Event()

  /** @param listener where to listen, or a socket that listens already and has its backlog */
  constructor(
    listener: ListenAddress | Listener | Server,
    handle: Handle,
    options: ServerOptions = {},
  ) {
    const isOpen = listener instanceof Listener || listener instanceof Server
    if (isOpen && options.backlog) throw new TypeError('a listening socket has its backlog already')
    this.#where = listener instanceof Server ? new Listener(listener) : listener
    this.#options = options
    this.#handle = handle
    this.setSpawn(options.spawn ?? 'default')
    this.#stopped.set()
  }

  /** Makes a green socket of an accepted socket of Node's. Must not wait. */
  protected abstract wrap(client: Socket): GreenSocket

  /** What the connection's own greenlet runs. A subclass may do something before the handler. */
  protected converse(socket: GreenSocket): unknown {
    return this.#handle(socket, socket.getpeername())
  }

  setHandle(handle: Handle): void {
    this.#handle = handle
  }

  setSpawn(policy: Spawn): void {
    const pool = typeof policy === 'number' ? new Pool(policy) : policy
    this.#run = runner(pool)
    this.#pool = pool instanceof Pool ? pool : undefined
    // The acceptor may wait for a place in the pool that was.
    if (!this.#acceptor) return
    this.stopAccepting()
    this.startAccepting()
  }

  /** True if there is no place for another connection. */
  full(): boolean {
    return this.#pool?.full() ?? false
  }

  get started(): boolean {
    return !this.#stopped.isSet()
  }

  get closed(): boolean {
    return !this.#listener
  }

  /** Where the server listens. Throws if it doesn't listen. */
  get address(): Address {
    if (!this.#listener) throw new Error('the server is closed')
    return this.#listener.getsockname()
  }

  get serverHost(): string {
    return this.address.address
  }

  get serverPort(): number {
    return this.address.port
  }

  /** Listens and accepts. Throws Node's error if it can't listen. */
  *start(): Green<void> {
    if (this.started) return
    checkSeconds(this.minDelay)
    checkSeconds(this.maxDelay)
    checkCount(this.maxAccept, 1, 'connections accepted in a row')
    const closings = this.#closings
    const listener = yield* this.#listen()
    // While this waited, a `close` may have come, or another start may have been quicker.
    if (closings !== this.#closings || this.started) return listener.close()
    this.#listener = listener
    this.#stopped.clear()
    this.#stopping = undefined
    this.startAccepting()
  }

  startAccepting(): void {
    const listener = this.#listener
    if (!listener || this.#acceptor) return
    this.#acceptor = spawn(() => this.#acceptAll(listener))
  }

  /** Stops accepting, not listening: a client that comes waits for `startAccepting`. */
  stopAccepting(): void {
    const acceptor = this.#acceptor
    this.#acceptor = undefined
    // A kill of the calling greenlet would end the caller: this one ends by itself.
    if (acceptor !== hub.current) acceptor?.kill()
  }

  /** Stops listening. Handlers that run go on. */
  close(): void {
    this.#closings++
    this.stopAccepting()
    this.#listener?.close()
    this.#listener = undefined
    this.#stopped.set()
  }

  // #region stop
  /**
   * Closes the server. Handlers that run in a pool have `timeout` seconds to end and are then
   * killed. `yield*` what this returns to wait for that. Of several calls the shortest time counts.
   */
  stop(timeout: number | null = this.stopTimeout): Green<boolean> {
    const seconds = timeout ?? Number.POSITIVE_INFINITY
    checkSeconds(seconds)
    this.close()
    const deadline = performance.now() + seconds * 1000
    if (!this.#stopping || this.#stopping.ready() || deadline < this.#deadline) {
      this.#deadline = deadline
      this.#stopping = spawn(() => this.#empty(seconds))
    }
    return this.#stopping.join()
  }
  // #endregion stop

  /** Starts the server, waits until `stop` or `close` is called, and stops it. */
  *serveForever(): Green<void> {
    yield* this.start()
    try {
      yield* this.#stopped.wait()
    } finally {
      yield* this.stop()
    }
  }

  *#listen(): Green<Listener> {
    if (this.#where instanceof Listener) return this.#where
    const listener = yield* Listener.listen(this.#where, this.#options)
    // A second start uses the same port, even if the first one took any port that was free.
    const { address, port } = listener.getsockname()
    this.#where = [address, port]
    return listener
  }

  *#empty(timeout: number): Green<void> {
    if (!this.#pool || (yield* this.#pool.join(timeout))) return
    yield* this.#pool.kill(new GreenletExit('the server stops'), KILL_TIMEOUT)
  }

  // #region accept
  *#acceptAll(listener: Listener): Green<void> {
    const acceptor = getcurrent()
    for (let accepted = 1; this.#acceptor === acceptor; accepted++) {
      yield* this.#nextClient(listener)
      while (this.full()) yield* this.#pool!.waitAvailable()
      if (this.#acceptor !== acceptor) return
      // From here on nothing waits: a client that has been accepted is served.
      this.#serve(listener.acceptNowait())
      if (accepted % this.maxAccept === 0) yield* sleep(0)
    }
  }
  // #endregion accept

  /** Waits until a client can be accepted. Errors of accepting are reported, and it tries again. */
  *#nextClient(listener: Listener): Green<void> {
    for (let delay = this.minDelay; ; delay = Math.min(2 * delay, this.maxDelay)) {
      try {
        return yield* listener.waitAcceptable()
      } catch (error) {
        if (error instanceof GreenletExit) throw error
        hub.report(this, error)
        if (FATAL.includes((error as NodeJS.ErrnoException).code ?? '')) return this.close()
      }
      yield* sleep(delay)
    }
  }

  /** Runs the handler. Its end, with or without an exception, closes the connection. */
  #serve(client: Socket): void {
    const socket = this.wrap(client)
    const body = () => this.converse(socket)
    try {
      if (this.#run) this.#run(body).link(() => socket.close())
      else hub.runCallback(() => runInHub(body, socket))
    } catch (error) {
      socket.close()
      hub.report(this, error)
    }
  }
}

/** What runs a handler; undefined for the hub itself. */
function runner(policy: Exclude<Spawn, number>): ((body: () => unknown) => Greenlet) | undefined {
  if (policy instanceof Pool) return (body) => spawnIn(policy, body)
  if (policy === 'default') return spawn
  if (policy === 'none') return undefined
  if (typeof policy !== 'function') throw new TypeError(`${policy} can't spawn a greenlet`)
  return policy
}

function spawnIn(pool: Pool, body: () => unknown): Greenlet {
  const greenlet = new Greenlet(body)
  pool.startNowait(greenlet)
  return greenlet
}

/** A handler that waits here gets an error from its wait: only a greenlet can wait. */
function runInHub(body: () => unknown, socket: GreenSocket): void {
  try {
    call(body).next()
  } finally {
    socket.close()
  }
}

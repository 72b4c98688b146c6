import { Server, type Socket } from 'node:net'
import type { Address } from '../posix/api.ts'
import { Event } from './event.ts'
import { call, Greenlet, GreenletExit, spawn } from './greenlet.ts'
import { type Green, hub, sleep } from './hub.ts'
import { type ListenAddress, Listener, type ListenOptions } from './listener.ts'
import { Pool } from './pool.ts'
import type { GreenSocket } from './socket.ts'

/** What is called for each connection. */
export type Handle = (socket: GreenSocket, address: Address) => Green<unknown> | unknown

/**
 * Who runs the handler: `default`, a green thread for each; a Pool, or an integer for a Pool of
 * that size; a function that makes a greenlet of what it is given; `none`, the hub itself, and then
 * the handler must not wait.
 */
export type Spawn = 'default' | 'none' | number | Pool | ((body: () => unknown) => Greenlet)

export interface ServerOptions extends ListenOptions {
  readonly spawn?: Spawn
}

/** With these, accept(2) says that the listener is none: nobody will ever come again. */
const FATAL = ['EBADF', 'EINVAL', 'ENOTSOCK']

/** Seconds that `stop` waits for those whom it has killed. */
const KILL_TIMEOUT = 1

/**
 * What all servers share: when to accept, and who runs the handler. After gevent.baseserver.
 *
 *     closed → start → accepting ⇄ not accepting → stop or close → closed
 *
 * Where it differs: `start` waits, since Node listens a moment later; for the others see Listener.
 */
export abstract class BaseServer {
  /** Seconds that accepting rests after a failure, doubled with each that follows. */
  minDelay = 0.01
  maxDelay = 1
  /** Connections accepted in a row before others have their turn. */
  maxAccept = 100
  /** Seconds in which handlers may end by themselves after `stop`. */
  stopTimeout = 1
  readonly #options: ServerOptions
  #where: ListenAddress | Listener
  #handle: Handle
  #run: ((body: () => unknown) => Greenlet) | undefined
  #pool: Pool | undefined
  #listener: Listener | undefined
  #acceptor: Greenlet<void> | undefined
  #stopping: Greenlet<void> | undefined
  readonly #stopped = new Event()

  /** @param listener where to listen, or a socket that listens already: that has its backlog */
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

  /** Makes a green socket of one that was accepted. It must not wait. */
  protected abstract wrap(client: Socket): GreenSocket

  /** What the connection's own green thread does; subclasses may do something before. */
  protected converse(socket: GreenSocket): unknown {
    return this.#handle(socket, socket.getpeername())
  }

  setHandle(handle: Handle): void {
    this.#handle = handle
  }

  setSpawn(policy: Spawn): void {
    const pool = typeof policy === 'number' ? new Pool(policy) : policy
    this.#pool = pool instanceof Pool ? pool : undefined
    if (pool instanceof Pool) this.#run = (body) => spawnIn(pool, body)
    else if (pool === 'default') this.#run = spawn
    else this.#run = pool === 'none' ? undefined : pool
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

  /** Where it listens; throws if it doesn't. */
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
    this.#listener = yield* this.#listen()
    this.#stopped.clear()
    this.#stopping = undefined
    this.startAccepting()
  }

  startAccepting(): void {
    const listener = this.#listener
    if (!listener || this.#acceptor) return
    this.#acceptor = spawn(() => this.#acceptAll(listener))
  }

  /** Who comes now has to wait for `startAccepting`. */
  stopAccepting(): void {
    const acceptor = this.#acceptor
    this.#acceptor = undefined
    acceptor?.kill()
  }

  /** Listens no more. Handlers that run go on. */
  close(): void {
    this.#listener?.close()
    this.#listener = undefined
    this.#stopped.set()
    this.stopAccepting()
  }

  /**
   * Closes; handlers that run in a pool have `timeout` seconds to end and are then killed. `yield*`
   * what this returns to wait for that.
   */
  stop(timeout: number | null = this.stopTimeout): Green<boolean> {
    this.close()
    this.#stopping ??= spawn(() => this.#empty(timeout))
    return this.#stopping.join()
  }

  /** Starts, waits until somebody stops or closes it, and stops it. */
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
    // Started again, it is where it was, though the first time any free port would do.
    const { address, port } = listener.getsockname()
    this.#where = [address, port]
    return listener
  }

  *#empty(timeout: number | null): Green<void> {
    if (!this.#pool || (yield* this.#pool.join(timeout))) return
    yield* this.#pool.kill(new GreenletExit('the server stops'), KILL_TIMEOUT)
  }

  // #region accept
  *#acceptAll(listener: Listener): Green<void> {
    for (let accepted = 1; ; accepted++) {
      yield* this.#nextClient(listener)
      while (this.full()) yield* this.#pool!.waitAvailable()
      if (this.#listener !== listener) return
      // From here on nothing waits: whoever has been accepted is served.
      this.#serve(listener.acceptNowait())
      if (accepted % this.maxAccept === 0) yield* sleep(0)
    }
  }
  // #endregion accept

  /** Waits until somebody comes, whatever accepting fails with meanwhile. */
  *#nextClient(listener: Listener): Green<void> {
    for (let delay = this.minDelay; ; delay = Math.min(2 * delay, this.maxDelay)) {
      try {
        return yield* listener.waitAcceptable()
      } catch (error) {
        if (error instanceof GreenletExit) throw error
        hub.handleError(this, error)
        // This ends the loop too: it is killed in there.
        if (FATAL.includes((error as NodeJS.ErrnoException).code ?? '')) this.close()
      }
      yield* sleep(delay)
    }
  }

  /** The end of the handler, however it ends, closes its connection. */
  #serve(client: Socket): void {
    const socket = this.wrap(client)
    const body = () => this.converse(socket)
    try {
      if (this.#run) this.#run(body).link(() => socket.close())
      else hub.runCallback(() => runInHub(body, socket))
    } catch (error) {
      socket.close()
      hub.handleError(this, error)
    }
  }
}

function spawnIn(pool: Pool, body: () => unknown): Greenlet {
  const greenlet = new Greenlet(body)
  pool.startNowait(greenlet)
  return greenlet
}

/** A handler that waits here is told, by its wait, that only a greenlet can. */
function runInHub(body: () => unknown, socket: GreenSocket): void {
  try {
    call(body).next()
  } finally {
    socket.close()
  }
}

/**
 * How does a reactor wait for descriptors? In poll(2) or epoll_wait(2), whichever its poller calls:
 * Twisted's pollreactor and epollreactor are one class here. In a pass the calls that are due come
 * first, then the wait, and then the descriptors that are ready.
 *
 * This reactor has no waker. Twisted's have one, a socket to themselves, for calls from other
 * threads, which can't be made here: see `callFromThread`. Another thread can wake this reactor
 * through a descriptor that it watches.
 */
import {
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLNVAL,
  POLLOUT,
  type Posix,
  SystemError,
} from '../posix/api.ts'
import type { Poller } from '../posix/poller.ts'
import { ConnectionLost, toError } from './errors.ts'
import type { ClientFactory, Factory, PosixParts, ReactorTcp, Selectable } from './interfaces.ts'
import { log } from './log.ts'
import { PosixConnector } from './posix-connector.ts'
import { PosixPort } from './posix-port.ts'
import { ReactorBase } from './reactor.ts'

const FAILED = POLLHUP | POLLERR | POLLNVAL

/** The object that is called for a descriptor, and the events that are waited for. */
interface Watch {
  readonly selectable: Selectable
  events: number
}

export class PosixReactor extends ReactorBase implements ReactorTcp, PosixParts {
  readonly posix: Posix
  readonly #poller: Poller
  readonly #watched = new Map<number, Watch>()

  constructor(posix: Posix, poller: Poller) {
    super()
    this.posix = posix
    this.#poller = poller
  }

  listenTCP(port: number, factory: Factory, backlog = 50, interfaceAddress = ''): PosixPort {
    const listening = new PosixPort(this, { port, factory, backlog, interfaceAddress })
    listening.startListening()
    return listening
  }

  connectTCP(host: string, port: number, factory: ClientFactory, timeout = 30): PosixConnector {
    const connector = new PosixConnector(this, { host, port }, factory, timeout)
    connector.connect()
    return connector
  }

  // #region run
  async run(): Promise<void> {
    this.startRunning()
    while (this.running) {
      this.runUntilCurrent()
      if (this.running) this.#doIteration(this.timeout())
    }
    this.#poller.close()
  }
  // #endregion run

  async iterate(delay = 0): Promise<void> {
    this.runUntilCurrent()
    this.#doIteration(Math.min(delay, this.timeout()))
  }

  addReader(selectable: Selectable): void {
    this.#watch(selectable, this.#events(selectable) | POLLIN)
  }

  removeReader(selectable: Selectable): void {
    this.#watch(selectable, this.#events(selectable) & ~POLLIN)
  }

  addWriter(selectable: Selectable): void {
    this.#watch(selectable, this.#events(selectable) | POLLOUT)
  }

  removeWriter(selectable: Selectable): void {
    this.#watch(selectable, this.#events(selectable) & ~POLLOUT)
  }

  getReaders(): Selectable[] {
    return this.#watchedFor(POLLIN)
  }

  getWriters(): Selectable[] {
    return this.#watchedFor(POLLOUT)
  }

  /** Closes what the framework has opened, and then what a program watches by itself. */
  protected override disconnectAll(): void {
    super.disconnectAll()
    for (const { selectable } of [...this.#watched.values()]) this.#disconnect(selectable)
  }

  // #region wait
  /**
   * The second half of a pass: waits up to `timeout` seconds, and calls the objects whose
   * descriptors are ready.
   */
  #doIteration(timeout: number): void {
    const ready = this.#poller.wait(timeout * 1000)
    for (let i = 0; i < ready; i++) {
      const events = this.#poller.events(i)
      const watch = this.#watched.get(this.#poller.fd(i))
      if (events !== 0 && watch) this.#doReadOrWrite(watch, events)
    }
  }
  // #endregion wait

  #doReadOrWrite(watch: Watch, events: number): void {
    const { selectable } = watch
    try {
      const reading = watch.events & POLLIN
      if (events & FAILED && !reading) this.#fail(selectable, events)
      // A read tells what has happened, after all the bytes that came before it.
      else if (events & (POLLIN | FAILED)) selectable.doRead()
      // `doRead` may have stopped the writing, or closed the descriptor.
      if (events & POLLOUT && watch.events & POLLOUT) selectable.doWrite()
    } catch (error) {
      this.#disconnect(selectable, toError(error))
    }
  }

  #fail(selectable: Selectable, events: number): void {
    const errno = events & POLLERR ? this.posix.socketError(selectable.fileno()) : 0
    const cause = errno === 0 ? undefined : new SystemError('poll', errno)
    this.#disconnect(selectable, new ConnectionLost(cause))
  }

  #disconnect(selectable: Selectable, reason: Error = new ConnectionLost()): void {
    this.removeReader(selectable)
    this.removeWriter(selectable)
    log.guard(() => selectable.connectionLost(reason))
  }

  #events(selectable: Selectable): number {
    return this.#watched.get(selectable.fileno())?.events ?? 0
  }

  /**
   * A descriptor without events is not watched, unless it `noticesHangUp`. poll(2) and epoll(7)
   * report a hang-up even for an interest of 0: a paused connection whose peer has hung up would
   * make the loop spin.
   */
  #watch(selectable: Selectable, events: number): void {
    const fd = selectable.fileno()
    const watch = this.#watched.get(fd)
    if (watch && watch.selectable !== selectable) {
      throw new Error(`descriptor ${fd} is watched already, by another`)
    }
    if (events === 0 && !selectable.noticesHangUp) {
      this.#unwatch(fd, watch)
    } else if (watch) {
      this.#poller.modify(fd, events)
      watch.events = events
    } else {
      this.#poller.add(fd, events)
      this.#watched.set(fd, { selectable, events })
    }
  }

  #unwatch(fd: number, watch: Watch | undefined): void {
    if (!watch) return
    watch.events = 0
    this.#watched.delete(fd)
    this.#poller.remove(fd)
  }

  #watchedFor(events: number): Selectable[] {
    const watched = [...this.#watched.values()].filter((watch) => watch.events & events)
    return watched.map(({ selectable }) => selectable)
  }
}

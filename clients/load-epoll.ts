/**
 * The load generator's engine on Linux: non-blocking sockets and epoll(7), without Node in between.
 * A message costs one recv, one send and its share of one epoll_wait.
 *
 * It runs on the main thread and blocks it, for up to a tenth of a second at a time: see `run`.
 */
import { setImmediate as turnOfEventLoop } from 'node:timers/promises'
import {
  type Address,
  isSystemError,
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLOUT,
  type Posix,
  SystemError,
  WOULD_BLOCK,
} from '../servers/posix/api.ts'
import type { Poller } from '../servers/posix/poller.ts'
import { type Engine, errorKind, RUN_OUT, type Wire } from './load-engine.ts'
import type { Link } from './load-link.ts'
import type { Tally } from './load-tally.ts'

/** One for all: a link checks what it is given at once, and keeps none of it. */
const buffer = Buffer.alloc(65536)

export class EpollEngine implements Engine {
  readonly #address: Address
  readonly #posix: Posix
  readonly #poller: Poller
  readonly #tally: Tally
  /** By descriptor. */
  readonly #wires: (EpollWire | undefined)[] = []

  constructor(address: Address, posix: Posix, poller: Poller, tally: Tally) {
    this.#address = address
    this.#posix = posix
    this.#poller = poller
    this.#tally = tally
  }

  connect(link: Link): void {
    try {
      this.#connect(link)
    } catch (error) {
      if (isSystemError(error, ...RUN_OUT)) this.#tally.runOut = error.code
      link.lost(kindOf(error))
    }
  }

  async run(until: number, done: () => boolean): Promise<void> {
    while (!done()) {
      const left = until - performance.now()
      if (left <= 0) break
      const ready = this.#poller.wait(left)
      for (let i = 0; i < ready; i++)
        this.#wires[this.#poller.fd(i)]?.handle(this.#poller.events(i))
    }
    await turnOfEventLoop()
  }

  close(): void {
    this.#poller.close()
  }

  #connect(link: Link): void {
    const fd = this.#posix.socket(this.#address.family, 'nonblocking')
    try {
      this.#posix.setsockopt(fd, 'TCP_NODELAY', 1)
      this.#posix.connect(fd, this.#address)
    } catch (error) {
      this.#posix.close(fd)
      throw error
    }
    // Also a connection that is open at once announces itself by being writable.
    this.#poller.add(fd, POLLOUT)
    const forget = () => {
      this.#wires[fd] = undefined
    }
    this.#wires[fd] = new EpollWire(fd, link, this.#posix, this.#poller, forget)
  }
}

class EpollWire implements Wire {
  readonly #fd: number
  readonly #link: Link
  readonly #posix: Posix
  readonly #poller: Poller
  readonly #forget: () => void

  constructor(fd: number, link: Link, posix: Posix, poller: Poller, forget: () => void) {
    this.#fd = fd
    this.#link = link
    this.#posix = posix
    this.#poller = poller
    this.#forget = forget
    link.attach(this)
  }

  handle(events: number): void {
    try {
      if (this.#link.state === 'connecting') this.#finishConnect()
      else this.#transfer(events)
    } catch (error) {
      this.#link.lost(kindOf(error))
    }
  }

  send(bytes: Buffer): number {
    try {
      const sent = this.#posix.send(this.#fd, bytes)
      const taken = sent === WOULD_BLOCK ? 0 : sent
      if (taken < bytes.length) this.#poller.modify(this.#fd, POLLIN | POLLOUT)
      return taken
    } catch (error) {
      this.#link.lost(kindOf(error))
      return 0
    }
  }

  close(): void {
    this.#poller.remove(this.#fd)
    this.#posix.close(this.#fd)
    this.#forget()
  }

  #finishConnect(): void {
    const errno = this.#posix.socketError(this.#fd)
    if (errno !== 0) throw new SystemError('connect', errno)
    this.#poller.modify(this.#fd, POLLIN)
    this.#link.opened()
  }

  #transfer(events: number): void {
    if (events & POLLOUT && !this.#link.writable()) this.#poller.modify(this.#fd, POLLIN)
    if (!(events & (POLLIN | POLLHUP | POLLERR)) || this.#link.state === 'closed') return
    const count = this.#posix.recv(this.#fd, buffer)
    if (count === 0) this.#link.lost('closed')
    else if (count !== WOULD_BLOCK) this.#link.received(buffer, count)
  }
}

function kindOf(error: unknown): string {
  if (!isSystemError(error)) throw error
  return errorKind(error.code)
}

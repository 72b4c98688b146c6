/**
 * The load generator's engine on Linux: non-blocking sockets and epoll(7), without Node in between.
 * A message costs one recv, one send and a share of one epoll_wait.
 *
 * The engine blocks the main thread in epoll_wait. The run limits each such wait to a tenth of a
 * second, so that signals are not delayed for longer.
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
} from '../../servers/posix/api.ts'
import type { Poller } from '../../servers/posix/poller.ts'
import { RUN_OUT } from '../command.ts'
import { type Engine, errorKind, type Party, type Wire } from './engine.ts'
import type { ErrorKind } from './result.ts'
import type { Tally } from './tally.ts'

/**
 * epoll_wait(2) takes whole milliseconds, and the kernel wakes a sleeper a little late: the wait
 * ends this time before `until`, in milliseconds, and the rest is spent looking at the sockets.
 */
const MARGIN = 1
/** Events that are handled before the engine looks whether the time is up: about 0.2 ms. */
const BATCH = 16
/** Milliseconds between two turns of Node's event loop, which costs as much as some messages. */
const TURN = 5

/** One for all connections, since a party checks its bytes at once and keeps none of them. */
const buffer = Buffer.alloc(65536)

export class EpollEngine implements Engine {
  readonly #address: Address
  readonly #posix: Posix
  readonly #poller: Poller
  readonly #tally: Tally
  /** The index is the descriptor. */
  readonly #wires: (EpollWire | undefined)[] = []
  /** When Node's event loop last had a turn. */
  #turned = 0

  constructor(address: Address, posix: Posix, poller: Poller, tally: Tally) {
    this.#address = address
    this.#posix = posix
    this.#poller = poller
    this.#tally = tally
  }

  connect(party: Party): void {
    try {
      this.#connect(party)
    } catch (error) {
      if (isSystemError(error, ...RUN_OUT)) this.#tally.runOut = error.code
      party.lost(kindOf(error))
    }
  }

  async run(until: number, done: () => boolean): Promise<void> {
    let now = performance.now()
    do {
      this.#look(until, now)
      now = performance.now()
    } while (now < until && !done())
    if (now < this.#turned + TURN) return
    this.#turned = now
    await turnOfEventLoop()
  }

  close(): void {
    this.#poller.close()
  }

  /** Waits for events and handles them. Those that are left over come with the next wait. */
  #look(until: number, now: number): void {
    const ready = this.#poller.wait(Math.floor(until - now - MARGIN))
    for (let i = 0; i < ready; i++) {
      this.#wires[this.#poller.fd(i)]?.handle(this.#poller.events(i))
      if (i % BATCH === BATCH - 1 && performance.now() >= until) return
    }
  }

  #connect(party: Party): void {
    const fd = this.#posix.socket(this.#address.family, 'nonblocking')
    try {
      this.#posix.setsockopt(fd, 'TCP_NODELAY', 1)
      this.#posix.connect(fd, this.#address)
    } catch (error) {
      this.#posix.close(fd)
      throw error
    }
    // A connection that is open at once becomes writable, too.
    this.#poller.add(fd, POLLOUT)
    const forget = () => {
      this.#wires[fd] = undefined
    }
    this.#wires[fd] = new EpollWire(fd, party, this.#posix, this.#poller, forget)
  }
}

class EpollWire implements Wire {
  readonly #fd: number
  readonly #party: Party
  readonly #posix: Posix
  readonly #poller: Poller
  readonly #forget: () => void
  /** The events to wait for when there is nothing to send. */
  readonly #interest: number

  constructor(fd: number, party: Party, posix: Posix, poller: Poller, forget: () => void) {
    this.#fd = fd
    this.#party = party
    this.#interest = party.reads ? POLLIN : 0
    this.#posix = posix
    this.#poller = poller
    this.#forget = forget
    party.attach(this)
  }

  handle(events: number): void {
    try {
      if (this.#party.state === 'connecting') this.#finishConnect()
      else this.#transfer(events)
    } catch (error) {
      this.#party.lost(kindOf(error))
    }
  }

  send(bytes: Buffer): number {
    try {
      const sent = this.#posix.send(this.#fd, bytes)
      const taken = sent === WOULD_BLOCK ? 0 : sent
      if (taken < bytes.length) this.#poller.modify(this.#fd, this.#interest | POLLOUT)
      return taken
    } catch (error) {
      this.#party.lost(kindOf(error))
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
    this.#poller.modify(this.#fd, this.#interest)
    this.#party.opened()
  }

  #transfer(events: number): void {
    const party = this.#party
    if (events & POLLOUT && !party.writable()) this.#poller.modify(this.#fd, this.#interest)
    if (!(events & (POLLIN | POLLHUP | POLLERR)) || party.state === 'closed') return
    const count = this.#posix.recv(this.#fd, buffer)
    if (count === 0) party.lost('closed')
    else if (count !== WOULD_BLOCK) party.received(buffer, count)
  }
}

function kindOf(error: unknown): ErrorKind {
  if (!isSystemError(error)) throw error
  return errorKind(error.code)
}

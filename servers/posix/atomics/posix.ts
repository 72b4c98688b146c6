/**
 * Backend `atomics`: what a system call is, built from what every Node has.
 *
 * A program may not touch the network itself. It asks the kernel, which may, and the program can
 * do nothing until the answer comes. Four things make up a system call; here each is one line:
 *
 *     the trap      the program writes the call to memory that both can see, and wakes the kernel
 *     the sleep     `Atomics.wait`: the thread uses no processor until a word of it changes
 *     the kernel    another thread, kernel.ts: it does what is asked, at once or when it can
 *     the wake-up   the kernel writes the result, changes the word and calls `Atomics.notify`
 *
 * While it sleeps, the program's thread is really blocked, as in read(2): no event loop goes on in
 * it, and code that looks synchronous is synchronous. A real kernel works on the caller's own
 * processor, after a change of mode; this one works on another thread. So such a call costs
 * microseconds instead of a fraction of one, most of them for putting threads to sleep and waking
 * them.
 *
 * So the calls that a server makes for each message don't go that way. Each connection has two rings
 * of bytes and a word that says what it is ready for, in memory that both sides see: `recv` and
 * `send` copy and return, `poll` looks (sockets.ts). A thread sleeps only if it has to wait, and the
 * kernel is told of all that was sent by one ring at its door (doorbell.ts). Real systems do it, too:
 * io_uring shares its queues with the kernel and needs no call while its SQPOLL thread watches; the
 * vDSO answers clock_gettime from a page that the kernel keeps up to date; DPDK gives a program the
 * rings of the network card. The price is the same everywhere: each change has to be made so that no
 * side sleeps through it (event-count.ts).
 *
 * Memory: 128 bytes of the table per descriptor. A connection's send ring begins with 2 KiB, and its
 * receive ring, when the first bytes come, with what they need, at least 2 KiB. Each grows up to
 * SO_SNDBUF or SO_RCVBUF, 64 KiB if nothing else was asked for, and keeps its size until `close`. The
 * kernel may hold back one chunk of Node's, up to 64 KiB, which did not fit, and 64 KiB that the host
 * is slow to take. So a connection costs 4 KiB with short messages, 40 MiB for 10,000 of them, and 256
 * KiB at most.
 *
 * Left out: to look for a moment before sleeping, as IORING_SETUP_SQPOLL does. That pays while each
 * side has a processor to itself, and costs more than it saves when other threads need one.
 *
 * Differences from Linux: `bind` reports no error until `listen`, and the accept queue is never
 * full (see socket.ts); with a time in SO_LINGER, `close` goes on in the background; a blocking
 * `send` waits only until there is some room, not until all bytes are taken; only sockets have
 * descriptors; there are no signals.
 */
import { getSystemErrorMap } from 'node:util'
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads'
import { built, NODE_FLAGS } from '../../boot/build.mjs'
import {
  type Accepted,
  type Address,
  type Blocking,
  type Family,
  formatAddress,
  type KernelPort,
  type Posix,
  type SocketOption,
  SystemError,
  WOULD_BLOCK,
} from '../api.ts'
import type { Newcomer } from './caller.ts'
import type { KernelData, Order } from './kernel.ts'
import { createTable } from './layout.ts'
import {
  CALLS,
  type CallName,
  CallPage,
  createPage,
  errno,
  MESSAGE,
  OPTION_NAMES,
  STATE,
  WORD,
} from './page.ts'
import { Sockets } from './sockets.ts'

/** How long a stopped kernel may go on sending what is in its send queues, in milliseconds. */
const FLUSH = 2000

/** The kernel thread, seen by the thread that started it. None of these methods blocks. */
export class AtomicsKernel {
  readonly #thread: Worker
  readonly #table: SharedArrayBuffer

  private constructor(limit: number) {
    this.#table = createTable(limit)
    this.#thread = new Worker(built('servers/posix/atomics/kernel.ts'), {
      workerData: { table: this.#table } satisfies KernelData,
      execArgv: NODE_FLAGS,
    })
  }

  /** @param limit descriptors are numbers below it */
  static start(limit = 65536): AtomicsKernel {
    return new AtomicsKernel(limit)
  }

  /** Lets one more program thread make calls. All of them share the descriptors. */
  attach(): KernelPort {
    const { port1, port2 } = new MessageChannel()
    const page = createPage()
    this.#order({ type: 'attach', page, port: port1 }, [port1])
    return { port: port2, page, table: this.#table }
  }

  /** shutdown(2) as an order: wakes the threads blocked on the descriptor. Errors are ignored. */
  shutdown(fd: number, how: number): void {
    this.#order({ type: 'shutdown', fd, how })
  }

  /**
   * Closes every descriptor and resolves when the thread has ended. A program thread that is
   * blocked in a call, or makes one later, gets an error from it.
   */
  async stop(): Promise<void> {
    const ended = new Promise<void>((resolve) => this.#thread.once('exit', () => resolve()))
    this.#order({ type: 'stop' })
    const timer = setTimeout(() => this.#thread.terminate(), FLUSH)
    await ended
    clearTimeout(timer)
  }

  #order(order: Order, transfer: MessagePort[] = []): void {
    this.#thread.postMessage(order, transfer)
  }
}

const EAGAIN = errno('EAGAIN')

/** The program's side: every method is one call to the kernel. */
export class Atomic implements Posix {
  readonly backend = 'atomics'
  readonly #port: MessagePort
  readonly #page: CallPage
  readonly #table: SharedArrayBuffer
  readonly #sockets: Sockets

  constructor({ port, page, table }: KernelPort) {
    this.#port = port
    this.#page = new CallPage(page)
    this.#table = table
    this.#sockets = new Sockets(table, {
      ring: () => port.postMessage(MESSAGE.bell),
      ask: (call, fd, bytes) => this.#ask(call, fd, bytes),
    })
  }

  forThread(): KernelPort {
    const { port1, port2 } = new MessageChannel()
    const page = createPage()
    this.#port.postMessage({ page, port: port1 } satisfies Newcomer, [port1])
    return { port: port2, page, table: this.#table }
  }

  socket(family: Family, blocking: Blocking): number {
    return this.#check('socket', -1, family === 'IPv4' ? 0 : 1, flag(blocking))
  }

  setsockopt(fd: number, option: SocketOption, value: number): void {
    this.#page.number = value
    this.#check('setsockopt', fd, OPTION_NAMES.indexOf(option))
  }

  bind(fd: number, address: Address): void {
    this.#page.writeAddress(address)
    this.#check('bind', fd)
  }

  listen(fd: number, backlog: number): void {
    this.#check('listen', fd, backlog)
  }

  accept(fd: number, blocking: Blocking): Accepted | null {
    if (this.#sockets.hasNothing(fd)) return null
    const result = this.#call('accept', fd, flag(blocking))
    if (result === -EAGAIN) return null
    return { fd: checked('accept', result), peer: this.#page.readAddress() }
  }

  connect(fd: number, address: Address): boolean {
    this.#page.writeAddress(address)
    const result = this.#call('connect', fd)
    return checked('connect', result, formatAddress(address)) === 0
  }

  recv(fd: number, buffer: Uint8Array): number {
    if (buffer.length === 0)
      throw new RangeError('recv into 0 bytes looks like the end of a stream')
    const result = this.#sockets.recv(fd, buffer)
    return result === -EAGAIN ? WOULD_BLOCK : checked('recv', result)
  }

  send(fd: number, bytes: Uint8Array): number {
    const result = this.#sockets.send(fd, bytes)
    return result === -EAGAIN ? WOULD_BLOCK : checked('send', result)
  }

  shutdown(fd: number, how: number): void {
    this.#check('shutdown', fd, how)
  }

  close(fd: number): void {
    this.#check('close', fd)
  }

  poll(set: Int32Array, count: number, timeout: number): number {
    if (count * 2 > set.length)
      throw new RangeError(`${count} entries in a set of ${set.length / 2}`)
    // poll(2), too, refuses more entries than there can be descriptors.
    if (count > this.#sockets.limit) throw new SystemError('poll', errno('EINVAL'))
    const found = this.#sockets.poll(set, count, timeout)
    if (this.#sockets.hasStopped()) throw stopped('poll')
    return found
  }

  getsockname(fd: number): Address {
    this.#check('getsockname', fd)
    return this.#page.readAddress()
  }

  getpeername(fd: number): Address {
    this.#check('getpeername', fd)
    return this.#page.readAddress()
  }

  socketError(fd: number): number {
    return this.#check('socketError', fd)
  }

  getaddrinfo(host: string): Omit<Address, 'port'>[] {
    const { written } = new TextEncoder().encodeInto(host, this.#page.data)
    const count = this.#call('getaddrinfo', -1, written)
    if (count < 0) throw new Error(`getaddrinfo ${host}: ${getSystemErrorMap().get(count)?.[1]}`)
    return Array.from({ length: count }, (_, i) => {
      const { family, address } = this.#page.readAddress(i)
      return { family, address }
    })
  }

  /** Where recv and send can't go on: the kernel mends it. It may tell of new slabs of memory. */
  #ask(call: 'recv' | 'send', fd: number, bytes: number): number {
    const result = this.#call(call, fd, bytes)
    for (;;) {
      const told = receiveMessageOnPort(this.#port)
      if (!told) return result
      this.#sockets.slabs.add(told.message)
    }
  }

  #check(name: CallName, fd: number, a = 0, b = 0): number {
    return checked(name, this.#call(name, fd, a, b))
  }

  // #region trap
  /** The trap, and the sleep. */
  #call(name: CallName, fd: number, a = 0, b = 0): number {
    const { words } = this.#page
    words[WORD.call] = CALLS.indexOf(name)
    words[WORD.fd] = fd
    words[WORD.a] = a
    words[WORD.b] = b
    Atomics.compareExchange(words, WORD.state, STATE.idle, STATE.called)
    this.#port.postMessage(MESSAGE.call)
    // A late notify of the previous call may end the sleep: only the state tells that this call is
    // answered.
    while (Atomics.load(words, WORD.state) === STATE.called) {
      Atomics.wait(words, WORD.state, STATE.called)
    }
    if (Atomics.load(words, WORD.state) === STATE.stopped) {
      throw stopped(name)
    }
    return words[WORD.result]!
  }
  // #endregion trap
}

function stopped(name: CallName | 'poll'): Error {
  return new Error(`${name}: the kernel thread has been stopped`)
}

function checked(name: CallName, result: number, detail?: string): number {
  if (result < 0) throw new SystemError(name, -result, detail)
  return result
}

function flag(blocking: Blocking): number {
  return blocking === 'nonblocking' ? 1 : 0
}

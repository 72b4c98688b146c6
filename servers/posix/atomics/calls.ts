/**
 * The system calls of the kernel thread, in the order of api.ts. A call takes its arguments from
 * the caller's page. It returns a result of 0 or more, or null when it has put the caller to sleep,
 * or throws a Fault when it is refused. After a sleep the call is tried again from its start, with
 * `caller.again` set.
 */
import { lookup } from 'node:dns'
import type { Address } from '../api.ts'
import type { Attempt, Caller } from './caller.ts'
import type { Shared } from './kernel-socket.ts'
import { type CallName, errno, Fault, OPTION_NAMES, WORD } from './page.ts'
import { Socket } from './socket.ts'
import type { DescriptorTable } from './table.ts'

const EAGAIN = errno('EAGAIN')
const FOR_EVER = -1

export class Calls implements Record<CallName, Attempt> {
  readonly #table: DescriptorTable
  readonly #shared: Shared

  constructor(table: DescriptorTable, shared: Shared) {
    this.#table = table
    this.#shared = shared
  }

  socket({ page: { words } }: Caller): number {
    const fd = this.#table.reserve()
    const family = words[WORD.a] === 0 ? 'IPv4' : 'IPv6'
    return this.#table.add(new Socket(this.#shared, fd, family, words[WORD.b] === 1))
  }

  setsockopt(caller: Caller): number {
    const option = OPTION_NAMES[caller.page.words[WORD.a]!]!
    this.#socket(caller).setOption(option, caller.page.number)
    return 0
  }

  bind(caller: Caller): number {
    this.#socket(caller).bind(caller.page.readAddress())
    return 0
  }

  listen(caller: Caller): number | null {
    const socket = this.#socket(caller)
    return socket.listen(caller.page.words[WORD.a]!) ?? caller.sleep(FOR_EVER, 0, socket)
  }

  /** Writes the peer's address into the page. */
  accept(caller: Caller): number | null {
    const listener = this.#socket(caller)
    // First the number, then the connection: if no number is free, the connection stays in the
    // queue and is not lost.
    const fd = this.#table.reserve()
    const socket = listener.accept(fd, caller.page.words[WORD.a] === 1)
    if (!socket) return caller.sleep(listener.patience('SO_RCVTIMEO'), -EAGAIN, listener)
    caller.page.writeAddress(socket.peer)
    return this.#table.add(socket)
  }

  /** The result is 0 once connected, 1 if connecting goes on in the background. */
  connect(caller: Caller): number | null {
    const socket = this.#socket(caller)
    if (!caller.again) socket.connect(caller.page.readAddress())
    return socket.connection ?? caller.sleep(socket.patience('SO_SNDTIMEO'), 1, socket)
  }

  /** The program's thread does recv and send by itself: this is where it can't go on. */
  recv(caller: Caller): number | null {
    const socket = this.#socket(caller)
    if (!socket.helpToReceive())
      return caller.sleep(socket.patience('SO_RCVTIMEO'), -EAGAIN, socket)
    caller.tell(this.#shared.pool.memory)
    return 0
  }

  send(caller: Caller): number | null {
    const socket = this.#socket(caller)
    const mayGoOn = socket.helpToSend(caller.page.words[WORD.a]!)
    if (!mayGoOn) return caller.sleep(socket.patience('SO_SNDTIMEO'), -EAGAIN, socket)
    caller.tell(this.#shared.pool.memory)
    return 0
  }

  shutdown(caller: Caller): number {
    this.#socket(caller).shutdown(caller.page.words[WORD.a]!)
    return 0
  }

  close(caller: Caller): number {
    this.#socket(caller).close()
    this.#table.remove(caller.page.words[WORD.fd]!)
    return 0
  }

  getsockname(caller: Caller): number {
    caller.page.writeAddress(this.#socket(caller).local)
    return 0
  }

  getpeername(caller: Caller): number {
    caller.page.writeAddress(this.#socket(caller).peer)
    return 0
  }

  socketError(caller: Caller): number {
    return this.#socket(caller).takeError()
  }

  /** Takes the name from the page's data and writes the addresses there; returns their number. */
  getaddrinfo(caller: Caller): null {
    const host = Buffer.from(caller.page.data.subarray(0, caller.page.words[WORD.a])).toString()
    lookup(host, { all: true }, (error, found) => {
      if (error) return caller.answer(error.errno ?? -errno('EAI_NONAME'))
      for (const [i, { address, family }] of found.entries()) {
        const kind = family === 6 ? 'IPv6' : 'IPv4'
        caller.page.writeAddress({ family: kind, address, port: 0 } satisfies Address, i)
      }
      caller.answer(found.length)
    })
    return null
  }

  #socket(caller: Caller): Socket {
    caller.socket ??= this.#table.find(caller.page.words[WORD.fd]!)
    if (!caller.socket) throw new Fault('EBADF')
    return caller.socket
  }
}

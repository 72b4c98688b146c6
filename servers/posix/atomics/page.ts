/**
 * The call page: the memory that one program thread shares with the kernel thread. A real processor
 * carries a system call's number and arguments in registers; here they are words of this page.
 *
 *     word 0   state: whose turn it is; the program's thread sleeps on this word
 *     word 1   the number of the call, its place in CALLS
 *     word 2   fd
 *     word 3   a, the second argument
 *     word 4   b, the third argument
 *     word 5   the result; as on Linux, a negative result is minus the errno
 *     byte 64… data: the bytes of recv and send, a sockaddr, a host name, or the set of a poll
 */
import { getSystemErrorMap } from 'node:util'
import type { Address } from '../api.ts'
import { decodeSockaddr, encodeSockaddr, SOCKADDR_SIZE } from '../sockaddr.ts'

export const CALLS = [
  'socket',
  'setsockopt',
  'bind',
  'listen',
  'accept',
  'connect',
  'recv',
  'send',
  'shutdown',
  'close',
  'poll',
  'getsockname',
  'getpeername',
  'socketError',
  'getaddrinfo',
] as const
export type CallName = (typeof CALLS)[number]

export const WORD = { state: 0, call: 1, fd: 2, a: 3, b: 4, result: 5 } as const

/**
 * `idle`: the program runs. `called`: the program sleeps, it is the kernel's turn. `stopped`: the
 * kernel has ended.
 */
export const STATE = { idle: 0, called: 1, stopped: 2 } as const

const DATA = 64

/** Bytes that one recv or send can carry. */
export const MAX_TRANSFER = 65536

/** The options of setsockopt, by their number. */
export const OPTION_NAMES = [
  'SO_REUSEADDR',
  'SO_LINGER',
  'SO_RCVBUF',
  'SO_SNDBUF',
  'SO_RCVTIMEO',
  'SO_SNDTIMEO',
  'TCP_NODELAY',
  'IPV6_V6ONLY',
] as const

/**
 * @param descriptors how many may be open; a poll set may have no more entries than that, as in
 * poll(2). Memory that is never touched costs nothing, so a page may be large.
 */
export function createPage(descriptors: number): SharedArrayBuffer {
  return new SharedArrayBuffer(DATA + Math.max(MAX_TRANSFER, 8 * descriptors))
}

/** The page as its two readers see it, each from its own thread. */
export class CallPage {
  readonly words: Int32Array
  readonly data: Uint8Array
  /** The data as a `struct pollfd[]`; see `Posix.poll`. */
  readonly pollSet: Int32Array
  readonly #number: Float64Array

  constructor(page: SharedArrayBuffer) {
    this.words = new Int32Array(page, 0, DATA / 4)
    this.data = new Uint8Array(page, DATA)
    this.pollSet = new Int32Array(page, DATA, Math.floor(this.data.length / 8) * 2)
    this.#number = new Float64Array(page, DATA, 1)
  }

  /** Bytes of the page. */
  get size(): number {
    return this.words.buffer.byteLength
  }

  /** The value of setsockopt, which may be a fraction of a second. */
  get number(): number {
    return this.#number[0]!
  }

  set number(value: number) {
    this.#number[0] = value
  }

  /** The address at place `i` of the data. */
  readAddress(i = 0): Address {
    return decodeSockaddr(this.data.subarray(SOCKADDR_SIZE * i, SOCKADDR_SIZE * (i + 1)))
  }

  writeAddress(address: Address, i = 0): void {
    this.data.set(encodeSockaddr(address), SOCKADDR_SIZE * i)
  }
}

/** The error numbers of this system by their names: the numbers differ between systems. */
const NUMBERS = new Map([...getSystemErrorMap()].map(([number, [name]]) => [name, -number]))

/** Thrown when a call is refused. At the edge of the kernel it becomes a negative result. */
export class Fault extends Error {
  readonly errno: number

  constructor(error: string | number) {
    super()
    this.errno = typeof error === 'number' ? error : errno(error)
  }
}

export function errno(name: string): number {
  const number = NUMBERS.get(name)
  if (number === undefined) throw new TypeError(`no errno ${name}`)
  return number
}

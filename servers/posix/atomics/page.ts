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
 *     byte 64… data: a sockaddr, or several, a host name, or the value of an option
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

/**
 * What a program thread sends through its channel: that there is a call in the page, or that there
 * are marks in the table; see doorbell.ts. A third message announces a new thread.
 */
export const MESSAGE = { call: 0, bell: 1 } as const

const DATA = 64
const SIZE = 16384

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

export function createPage(): SharedArrayBuffer {
  return new SharedArrayBuffer(SIZE)
}

/** The page as its two readers see it, each from its own thread. */
export class CallPage {
  readonly words: Int32Array
  readonly data: Uint8Array
  readonly #number: Float64Array

  constructor(page: SharedArrayBuffer) {
    this.words = new Int32Array(page, 0, DATA / 4)
    this.data = new Uint8Array(page, DATA)
    this.#number = new Float64Array(page, DATA, 1)
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

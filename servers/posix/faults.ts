/**
 * Faults on order: a socket layer around another one, which makes happen what a student can't
 * provoke by luck. No model knows of it. All that it does is allowed by the man pages: send(2) may
 * take fewer bytes than it is given, recv(2) may return fewer than have come, a readiness may be
 * gone at the call (poll(2), BUGS), accept(2) may fail with EMFILE, and a peer may reset.
 *
 * EINTR needs no such layer: real signals interrupt the calls of the layer below, which goes on with
 * them, see api.ts.
 */
import { constants } from 'node:os'
import {
  type Accepted,
  type Address,
  type Blocking,
  type Family,
  type KernelPort,
  type Posix,
  type SocketOption,
  SystemError,
  WOULD_BLOCK,
} from './api.ts'

export interface Faults {
  /** The most bytes that one send takes, and that one recv returns. */
  readonly send: number
  readonly recv: number
  /** How likely it is that a non-blocking call finds nothing to do, from 0 to 1. */
  readonly eagain: number
  /** The number of the accept that fails with EMFILE, from 1; 0 for none. */
  readonly emfile: number
  /** How likely it is that an accepted connection is reset at its first recv or send. */
  readonly reset: number
  /** Milliseconds after which a signal interrupts the thread's system call, again and again; 0: never. */
  readonly eintr: number
  /** Decides what chance decides: the same seed, the same sequence. */
  readonly seed: number
}

const NONE: Faults = {
  send: Number.POSITIVE_INFINITY,
  recv: Number.POSITIVE_INFINITY,
  eagain: 0,
  emfile: 0,
  reset: 0,
  eintr: 0,
  seed: 1,
}

/** What can be asked for, with an example of each. */
export const FAULTS = [
  'send=1',
  'recv=3',
  'eagain=0.5',
  'emfile@10',
  'reset@accept=0.1',
  'eintr=5',
  'seed=7',
]

const KEYS: Record<string, keyof Faults> = {
  'send=': 'send',
  'recv=': 'recv',
  'eagain=': 'eagain',
  'emfile@': 'emfile',
  'reset@accept=': 'reset',
  'eintr=': 'eintr',
  'seed=': 'seed',
}

/**
 * @param spec such as `send=1,recv=3,eagain=0.5`
 * @throws RangeError with the list of faults
 */
export function parseFaults(spec: string): Faults {
  const asked = spec.split(',').map((word) => {
    const [, name = '', value = ''] = /^(\D+?[=@])([\d.]+)$/.exec(word.trim()) ?? []
    const key = KEYS[name]
    if (!key || !isFit(key, Number(value))) {
      throw new RangeError(`unknown fault ${word}; there are: ${FAULTS.join(', ')}`)
    }
    return [key, Number(value)]
  })
  return { ...NONE, ...Object.fromEntries(asked) }
}

function isFit(key: keyof Faults, value: number): boolean {
  if (key === 'eagain') return value >= 0 && value < 1
  if (key === 'reset') return value >= 0 && value <= 1
  return Number.isInteger(value) && value >= (key === 'seed' ? 0 : 1)
}

/** `posix` itself if no faults are asked for. Signals are sent to the thread that calls this. */
export async function withFaults(posix: Posix, faults: Faults | undefined): Promise<Posix> {
  if (!faults) return posix
  if (faults.eintr > 0) (await import('./interruptions.ts')).interruptEvery(faults.eintr)
  return new FaultyPosix(posix, faults)
}

class FaultyPosix implements Posix {
  readonly #posix: Posix
  readonly #faults: Faults
  readonly #nonblocking = new Set<number>()
  readonly #reset = new Set<number>()
  #accepts = 0
  #state: number

  constructor(posix: Posix, faults: Faults) {
    this.#posix = posix
    this.#faults = faults
    this.#state = faults.seed
  }

  get backend() {
    return this.#posix.backend
  }

  forThread(): KernelPort | undefined {
    return this.#posix.forThread()
  }

  socket(family: Family, blocking: Blocking): number {
    return this.#opened(this.#posix.socket(family, blocking), blocking)
  }

  setsockopt(fd: number, option: SocketOption, value: number): void {
    this.#posix.setsockopt(fd, option, value)
  }

  bind(fd: number, address: Address): void {
    this.#posix.bind(fd, address)
  }

  listen(fd: number, backlog: number): void {
    this.#posix.listen(fd, backlog)
  }

  // #region accept
  accept(fd: number, blocking: Blocking): Accepted | null {
    if (this.#findsNothing(fd)) return null
    this.#accepts += 1
    if (this.#accepts === this.#faults.emfile) throw errorOf('accept', 'EMFILE')
    const accepted = this.#posix.accept(fd, blocking)
    if (!accepted) return null
    this.#opened(accepted.fd, blocking)
    if (this.#chance() < this.#faults.reset) this.#reset.add(accepted.fd)
    return accepted
  }
  // #endregion accept

  connect(fd: number, address: Address): boolean {
    return this.#posix.connect(fd, address)
  }

  // #region recv
  recv(fd: number, buffer: Uint8Array): number {
    if (this.#reset.has(fd)) throw errorOf('recv', 'ECONNRESET')
    if (this.#findsNothing(fd)) return WOULD_BLOCK
    return this.#posix.recv(fd, buffer.subarray(0, this.#faults.recv))
  }
  // #endregion recv

  // #region send
  send(fd: number, bytes: Uint8Array): number {
    if (this.#reset.has(fd)) throw errorOf('send', 'ECONNRESET')
    if (this.#findsNothing(fd)) return WOULD_BLOCK
    return this.#posix.send(fd, bytes.subarray(0, this.#faults.send))
  }
  // #endregion send

  shutdown(fd: number, how: number): void {
    this.#posix.shutdown(fd, how)
  }

  close(fd: number): void {
    this.#nonblocking.delete(fd)
    // The client must see the reset, too.
    if (this.#reset.delete(fd)) this.#posix.setsockopt(fd, 'SO_LINGER', 0)
    this.#posix.close(fd)
  }

  poll(set: Int32Array, count: number, timeout: number): number {
    return this.#posix.poll(set, count, timeout)
  }

  getsockname(fd: number): Address {
    return this.#posix.getsockname(fd)
  }

  getpeername(fd: number): Address {
    return this.#posix.getpeername(fd)
  }

  socketError(fd: number): number {
    return this.#posix.socketError(fd)
  }

  getaddrinfo(host: string): Omit<Address, 'port'>[] {
    return this.#posix.getaddrinfo(host)
  }

  #opened(fd: number, blocking: Blocking): number {
    if (blocking === 'nonblocking') this.#nonblocking.add(fd)
    return fd
  }

  /** Only a call that doesn't wait may find nothing: a blocking one returns when there is something. */
  #findsNothing(fd: number): boolean {
    return (
      this.#faults.eagain > 0 && this.#nonblocking.has(fd) && this.#chance() < this.#faults.eagain
    )
  }

  /** From 0 to 1, without 1: a linear congruential generator (Numerical Recipes). */
  #chance(): number {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0
    return this.#state / 2 ** 32
  }
}

function errorOf(call: string, name: 'EMFILE' | 'ECONNRESET'): SystemError {
  return new SystemError(call, constants.errno[name])
}

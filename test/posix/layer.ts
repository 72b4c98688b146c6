/**
 * A backend under test, and helpers that all suites use. Every suite runs for both backends; where
 * one can't do what the other does, the test is skipped and says why.
 */
import { afterAll, afterEach, beforeAll, describe, expect } from 'vitest'
import {
  type Address,
  type Backend,
  type Blocking,
  type KernelPort,
  POLLIN,
  POLLOUT,
  type Posix,
  WOULD_BLOCK,
} from '../../servers/posix/api.ts'
import { AtomicsKernel } from '../../servers/posix/atomics/posix.ts'
import { openPosix } from '../../servers/posix/open.ts'

/** An event that does not come within this time, in milliseconds, fails its test. */
const PATIENCE = 10_000

export const LOCALHOST: Address = { family: 'IPv4', address: '127.0.0.1', port: 0 }
export const LOCALHOST6: Address = { family: 'IPv6', address: '::1', port: 0 }

/** Declares `suite` once per backend that this machine has. */
export function describeBackends(title: string, suite: (layer: Layer) => void): void {
  for (const backend of ['libc', 'atomics'] as const) {
    describe.skipIf(backend === 'libc' && process.platform !== 'linux')(
      `${title} ${backend}`,
      () => {
        const layer = new Layer(backend)
        beforeAll(() => layer.open())
        afterEach(() => layer.closeAll())
        afterAll(() => layer.stop())
        suite(layer)
      },
    )
  }
}

export class Layer {
  readonly backend: Backend
  posix!: Posix
  #kernel: AtomicsKernel | undefined
  readonly #limit: number | undefined
  readonly #open = new Set<number>()

  constructor(backend: Backend, limit?: number) {
    this.backend = backend
    this.#limit = limit
  }

  async open(): Promise<void> {
    if (this.backend === 'atomics') this.#kernel = AtomicsKernel.start(this.#limit)
    this.posix = await openPosix(this.backend, this.#kernel?.attach())
  }

  async stop(): Promise<void> {
    await this.#kernel?.stop()
  }

  /** Lets another thread use the same descriptors. */
  attach(): KernelPort | undefined {
    return this.#kernel?.attach()
  }

  /** For a call from a thread that doesn't block, as the supervisor makes it. */
  get system(): Pick<Posix, 'shutdown'> {
    return this.#kernel ?? this.posix
  }

  /** Remembers a descriptor, which is closed after the test if it still is open. */
  keep(fd: number): number {
    this.#open.add(fd)
    return fd
  }

  close(fd: number, posix = this.posix): void {
    this.#open.delete(fd)
    posix.close(fd)
  }

  closeAll(): void {
    for (const fd of this.#open) this.close(fd)
  }

  socket(blocking: Blocking = 'nonblocking', family: Address['family'] = 'IPv4'): number {
    return this.keep(this.posix.socket(family, blocking))
  }

  /** A listener on a free port, and its address. */
  listener(
    blocking: Blocking = 'nonblocking',
    address = LOCALHOST,
    backlog = 128,
  ): { fd: number; address: Address } {
    const fd = this.socket(blocking, address.family)
    this.posix.bind(fd, address)
    this.posix.listen(fd, backlog)
    return { fd, address: this.posix.getsockname(fd) }
  }

  /** A new socket that is connected to `address`. */
  connect(address: Address, blocking: Blocking = 'nonblocking'): number {
    const fd = this.socket(blocking, address.family)
    if (!this.posix.connect(fd, address)) this.waitFor(fd, POLLOUT)
    expect(this.posix.socketError(fd)).toBe(0)
    return fd
  }

  /** The next connection of a listener. */
  accept(listener: number, blocking: Blocking = 'nonblocking'): number {
    this.waitFor(listener, POLLIN)
    return this.keep(this.posix.accept(listener, blocking)!.fd)
  }

  /** Both ends of a connection. */
  pair(blocking: Blocking = 'nonblocking', address = LOCALHOST): [client: number, server: number] {
    const listener = this.listener('nonblocking', address)
    const client = this.connect(listener.address, blocking)
    const server = this.accept(listener.fd, blocking)
    this.close(listener.fd)
    return [client, server]
  }

  /** The events of poll(2) on one descriptor, after `timeout` ms at most. */
  poll(fd: number, events: number, timeout = 0): number {
    const set = Int32Array.of(fd, events)
    this.posix.poll(set, 1, timeout)
    return set[1]! >>> 16
  }

  /** Waits for an event that must come, and returns all that came. */
  waitFor(fd: number, events: number): number {
    const found = this.poll(fd, events, PATIENCE)
    expect(found, `events of descriptor ${fd} within ${PATIENCE} ms`).not.toBe(0)
    return found
  }

  /** Sends all bytes, which the peer must read or the buffers on the way must hold. */
  sendAll(fd: number, bytes: Uint8Array): void {
    for (let sent = 0; sent < bytes.length; ) {
      const count = this.posix.send(fd, bytes.subarray(sent))
      if (count === WOULD_BLOCK) this.waitFor(fd, POLLOUT)
      else sent += count
    }
  }

  /** Exactly `length` bytes. */
  recvExactly(fd: number, length: number): Buffer {
    const bytes = Buffer.alloc(length)
    for (let got = 0; got < length; ) {
      const count = this.recv(fd, bytes.subarray(got))
      expect(count, 'bytes before the end of the stream').toBeGreaterThan(0)
      got += count
    }
    return bytes
  }

  /** One recv that waits: the number of bytes, 0 at the end. */
  recv(fd: number, buffer: Uint8Array = new Uint8Array(65536)): number {
    this.waitFor(fd, POLLIN)
    return this.posix.recv(fd, buffer)
  }
}

/** Milliseconds that `action` takes. */
export function duration(action: () => void): number {
  const start = performance.now()
  action()
  return performance.now() - start
}

/** The name of the errno that `call` fails with. */
export function codeOf(call: () => unknown): string {
  try {
    call()
  } catch (error) {
    return (error as { code?: string }).code ?? String(error)
  }
  return 'no error'
}

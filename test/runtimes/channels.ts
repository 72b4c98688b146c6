/**
 * What the suites of asyncore and asynchat share: every way to wait, and connections to test with.
 */
import { afterAll, afterEach, beforeAll, beforeEach, describe, vi } from 'vitest'
import { poll, SocketMap } from '../../servers/04-asyncore/loop.ts'
import type { Accepted, Backend, Posix } from '../../servers/posix/api.ts'
import { AtomicsKernel } from '../../servers/posix/atomics/posix.ts'
import { listenTcp } from '../../servers/posix/listen.ts'
import { openPoller, openPosix } from '../../servers/posix/open.ts'
import type { PollerName } from '../../servers/posix/poller.ts'

interface Wait {
  readonly backend: Backend
  readonly poller: PollerName
}

const ON_LINUX: readonly Wait[] = [
  { backend: 'libc', poller: 'poll' },
  { backend: 'libc', poller: 'epoll' },
]

/** The ways to wait that this machine has. */
const WAITS: readonly Wait[] = [
  ...(process.platform === 'linux' ? ON_LINUX : []),
  { backend: 'atomics', poller: 'poll' },
]

/** Declares `suite` once for each way to wait. Its tests have a new map each. */
export function describeWaits(title: string, suite: (channels: Channels) => void): void {
  for (const wait of WAITS) {
    describe(`${title} ${wait.backend} ${wait.poller}`, () => {
      const channels = new Channels(wait)
      beforeAll(() => channels.start())
      beforeEach(() => channels.open())
      afterEach(() => {
        vi.restoreAllMocks()
        channels.close()
      })
      afterAll(() => channels.stop())
      suite(channels)
    })
  }
}

/** A condition that does not hold within this time, in seconds, fails its test. */
const PATIENCE = 10

/** A map on one way to wait, and sockets to put into the map. `close` closes all of them. */
export class Channels {
  readonly backend: Backend
  readonly #poller: PollerName
  #kernel: AtomicsKernel | undefined
  readonly #peers = new Set<number>()
  posix!: Posix
  map!: SocketMap

  constructor({ backend, poller }: Wait) {
    this.backend = backend
    this.#poller = poller
  }

  /** Opens the socket layer, once for all tests of a suite: a kernel thread starts slowly. */
  async start(): Promise<void> {
    if (this.backend === 'atomics') this.#kernel = AtomicsKernel.start()
    this.posix = await openPosix(this.backend, this.#kernel?.attach())
  }

  async stop(): Promise<void> {
    await this.#kernel?.stop()
  }

  async open(): Promise<void> {
    this.map = new SocketMap(this.posix, await openPoller(this.posix, this.#poller))
  }

  close(): void {
    for (const channel of this.map.channels()) {
      const { fd } = channel
      this.map.delete(channel)
      if (fd >= 0) this.posix.close(fd)
    }
    for (const peer of this.#peers) this.posix.close(peer)
    this.#peers.clear()
    this.map.poller.close()
  }

  /**
   * A connection: the accepted end for a channel, and its peer, whose blocking calls time out.
   *
   * @param buffers the sizes of their receive buffers, if not the system's own, in bytes
   */
  pair(buffers: { accepted?: number; peer?: number } = {}): { accepted: Accepted; peer: number } {
    const { posix } = this
    const loopback = { family: 'IPv4', address: '127.0.0.1', port: 0 } as const
    const listener = listenTcp(posix, { address: loopback, backlog: 1 }, 'blocking')
    try {
      if (buffers.accepted) posix.setsockopt(listener, 'SO_RCVBUF', buffers.accepted)
      const peer = this.peer()
      if (buffers.peer) posix.setsockopt(peer, 'SO_RCVBUF', buffers.peer)
      posix.connect(peer, posix.getsockname(listener))
      return { accepted: posix.accept(listener, 'nonblocking')!, peer }
    } finally {
      posix.close(listener)
    }
  }

  /** A socket of the other side, not connected yet. */
  peer(): number {
    const peer = this.posix.socket('IPv4', 'blocking')
    this.#peers.add(peer)
    this.posix.setsockopt(peer, 'SO_RCVTIMEO', PATIENCE)
    this.posix.setsockopt(peer, 'SO_SNDTIMEO', PATIENCE)
    return peer
  }

  /** Closes a peer, with a FIN or with a reset. */
  closePeer(peer: number, how: 'FIN' | 'reset' = 'FIN'): void {
    if (how === 'reset') this.posix.setsockopt(peer, 'SO_LINGER', 0)
    this.#peers.delete(peer)
    this.posix.close(peer)
  }

  sendAll(peer: number, data: string | Uint8Array): void {
    const bytes = Buffer.from(data)
    for (let sent = 0; sent < bytes.length; ) sent += this.posix.send(peer, bytes.subarray(sent))
  }

  /** All that the peer receives until the end of the stream. The loop runs meanwhile. */
  receiveAll(peer: number): Buffer {
    const chunks: Buffer[] = []
    for (;;) {
      const chunk = this.receive(peer)
      if (chunk.length === 0) return Buffer.concat(chunks)
      chunks.push(chunk)
    }
  }

  /** The next bytes for the peer, none at the end of the stream. The loop runs meanwhile. */
  receive(peer: number): Buffer {
    const set = Int32Array.of(peer, 1)
    this.until(() => this.posix.poll(set, 1, 0) > 0)
    const buffer = Buffer.alloc(65536)
    return buffer.subarray(0, this.posix.recv(peer, buffer))
  }

  /** Runs the loop, a pass at a time, until the condition holds. */
  until(condition: () => boolean): void {
    const deadline = performance.now() + PATIENCE * 1000
    while (!condition()) {
      if (performance.now() > deadline) throw new Error(`still not so: ${condition}`)
      poll(0.01, this.map)
    }
  }
}

/**
 * What the suites of asyncore and asynchat stand on: every way to wait, and connections to test
 * with.
 */
import { poll, SocketMap } from '../../servers/04-asyncore/loop.ts'
import type { Accepted, Posix } from '../../servers/posix/api.ts'
import { listenTcp } from '../../servers/posix/listen.ts'
import { openPoller, openPosix } from '../../servers/posix/open.ts'
import type { PollerName } from '../../servers/posix/poller.ts'

export interface System {
  readonly posix: Posix
  readonly stop?: () => Promise<void>
}

interface Wait {
  readonly name: string
  readonly poller: PollerName
  /** The socket layer, once for a whole suite: a kernel thread takes its time to start. */
  readonly open: () => Promise<System>
}

const LIBC = async (): Promise<System> => ({ posix: await openPosix('libc') })

const ATOMICS = async (): Promise<System> => {
  const { AtomicsKernel } = await import('../../servers/posix/atomics/posix.ts')
  const kernel = AtomicsKernel.start()
  return { posix: await openPosix('atomics', kernel.attach()), stop: () => kernel.stop() }
}

const ON_LINUX: Wait[] = [
  { name: 'libc poll', poller: 'poll', open: LIBC },
  { name: 'libc epoll', poller: 'epoll', open: LIBC },
]

/** The ways to wait that this machine has. */
export const WAITS: readonly Wait[] = [
  ...(process.platform === 'linux' ? ON_LINUX : []),
  { name: 'atomics poll', poller: 'poll', open: ATOMICS },
]

/** Seconds after which something that should have happened by itself counts as missing. */
const PATIENCE = 10

/** A map on one way to wait, and sockets to put into it. It closes all of them. */
export class Channels {
  readonly posix: Posix
  readonly map: SocketMap
  readonly #peers = new Set<number>()

  private constructor(posix: Posix, map: SocketMap) {
    this.posix = posix
    this.map = map
  }

  static async open({ posix }: System, { poller }: Wait): Promise<Channels> {
    return new Channels(posix, new SocketMap(posix, await openPoller(posix, poller)))
  }

  close(): void {
    for (const channel of this.map.channels()) {
      const { fd } = channel
      this.map.delete(channel)
      if (fd >= 0) this.posix.close(fd)
    }
    for (const peer of this.#peers) this.posix.close(peer)
    this.map.poller.close()
  }

  /**
   * A connection: the accepted end for a channel, and its peer, whose calls block, but not for
   * ever.
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

  /** Closes a peer; with `reset` as one that has vanished. */
  closePeer(peer: number, how: 'FIN' | 'reset' = 'FIN'): void {
    if (how === 'reset') this.posix.setsockopt(peer, 'SO_LINGER', 0)
    this.#peers.delete(peer)
    this.posix.close(peer)
  }

  sendAll(peer: number, data: string | Uint8Array): void {
    const bytes = Buffer.from(data)
    for (let sent = 0; sent < bytes.length; ) sent += this.posix.send(peer, bytes.subarray(sent))
  }

  /** What the peer receives up to the end of the stream, while the loop does its part. */
  receiveAll(peer: number): Buffer {
    const chunks: Buffer[] = []
    for (;;) {
      const chunk = this.receive(peer)
      if (chunk.length === 0) return Buffer.concat(chunks)
      chunks.push(chunk)
    }
  }

  /** The next bytes for the peer, none at the end of the stream, while the loop does its part. */
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

/** Green sockets to test with: in pairs, over the network, and closed after each test. */
import { afterEach } from 'vitest'
import {
  createConnection,
  type Green,
  type GreenSocket,
  Listener,
  run,
} from '../../servers/07-green-threads/gevent.ts'

export const LOOPBACK = ['127.0.0.1', 0] as const
export const KiB = 1024
export const MiB = 1024 * KiB

const sockets: GreenSocket[] = []

/** Closes what a test leaves open, so that no test can hold up the next one. */
export function closeAfterEach(): void {
  afterEach(() =>
    run(function* () {
      for (const socket of sockets.splice(0)) yield* socket.abort()
    }),
  )
}

/** Has `socket` closed at the end of the test. */
export function closeLater<Each extends GreenSocket>(socket: Each): Each {
  sockets.push(socket)
  return socket
}

/** Both ends of a connection. With `highWater`, that many unsent bytes make the first end wait. */
export function* pair(highWater?: number): Green<[here: GreenSocket, there: GreenSocket]> {
  const listener = yield* Listener.listen(LOOPBACK, { highWater })
  try {
    const there = closeLater(yield* createConnection(listener.getsockname()))
    const here = closeLater(yield* listener.accept())
    return [here, there]
  } finally {
    listener.close()
  }
}

/** All that comes until the end of the stream. */
export function* recvAll(socket: GreenSocket, count = 65536): Green<Buffer> {
  const chunks: Buffer[] = []
  for (;;) {
    const chunk = yield* socket.recv(count)
    if (chunk.length === 0) return Buffer.concat(chunks)
    chunks.push(chunk)
  }
}

/** Exactly `count` bytes. */
export function* recvExactly(socket: GreenSocket, count: number): Green<Buffer> {
  const chunks: Buffer[] = []
  for (let left = count; left > 0; ) {
    const chunk = yield* socket.recv(left)
    if (chunk.length === 0) throw new Error(`the stream ended ${left} bytes too early`)
    chunks.push(chunk)
    left -= chunk.length
  }
  return Buffer.concat(chunks)
}

/**
 * Faults on order, for the models on Node's sockets: what posix/faults.ts is for the socket layer.
 * No model knows of it. Both faults happen to any server, on a slow network or with a slow client,
 * but never when one would like to see them.
 */
import { subscribe } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'
import type { Faults } from '../posix/faults.ts'

/** From now on all sockets that servers of this process accept have the faults. */
export function breakSockets({ send, recv }: Pick<Faults, 'send' | 'recv'>): void {
  // Published by net.Server for each connection: see "Diagnostics Channel" in Node's manual.
  subscribe('net.server.socket', (message) => {
    const { socket } = message as { socket: Socket }
    cutChunks(socket, recv)
    limitWrites(socket, send)
  })
}

/** Node gives a stream its bytes by `push`: here in pieces of `most` bytes. */
function cutChunks(socket: Socket, most: number): void {
  const { push } = socket
  socket.push = (chunk: Buffer | null) => {
    if (chunk === null) return push.call(socket, null)
    let hasRoom = true
    for (let at = 0; at < chunk.length && !socket.destroyed; at += most) {
      hasRoom = push.call(socket, chunk.subarray(at, at + most))
    }
    return hasRoom
  }
}

/** `write` returns false while `most` bytes wait or more, until the stream emits 'drain'. */
function limitWrites(socket: Socket, most: number): void {
  if (most === Number.POSITIVE_INFINITY) return
  // Nothing public sets this after a socket was made.
  const { _writableState: state } = socket as unknown as { _writableState: WritableState }
  state.highWaterMark = Math.min(state.highWaterMark, most)
  // A write that the kernel takes at once never waits: here each is handed on a little later.
  const { _write, _writev } = socket
  socket._write = (...args) => {
    setImmediate(() => _write.apply(socket, args))
  }
  socket._writev = (...args) => {
    setImmediate(() => _writev?.apply(socket, args))
  }
}

interface WritableState {
  highWaterMark: number
}

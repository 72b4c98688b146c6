/**
 * Node's event loop and its sockets, as a trace sees them. Node doesn't say when its loop waits. But
 * it counts how long the loop has been blocked in all, `performance.nodeTiming.idleTime`: read at the
 * start of each callback, the difference to the callback before is the wait that has just ended.
 */
import { createHook } from 'node:async_hooks'
import { subscribe } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'
import { performance } from 'node:perf_hooks'
import { peerAddress } from '../node/addresses.ts'
import { around } from './around.ts'
import type { Clients } from './clients.ts'
import { now } from './events.ts'
import type { Recorder } from './recorder.ts'

/** Waits that are shorter than this, in microseconds, are the loop looking and finding something. */
const SHORTEST = 1

/** Records the waits of this thread's event loop. */
export function traceLoop(recorder: Recorder): void {
  const loop = new Loop(recorder)
  const signals = new Set<number>()
  createHook({
    init: (id, type) => {
      if (type === 'SIGNALWRAP') signals.add(id)
    },
    before: (id) => loop.lookUp(signals.has(id)),
    after: () => loop.rest(),
  }).enable()
}

/** Records what the sockets of this thread's servers do. */
export function traceSockets({
  recorder,
  clients,
}: {
  readonly recorder: Recorder
  readonly clients: Clients
}): void {
  // Published by net.Server for each connection: see "Diagnostics Channel" in Node's manual.
  subscribe('net.server.socket', (message) => {
    const { socket } = message as { socket: Socket }
    const peer = peerAddress(socket)
    clients.accepted(peer)
    traceSocket(socket, peer.port, recorder, clients)
    // One that never got a place is reported to nobody.
    socket.once('close', () => clients.disconnected(peer))
  })
}

class Loop {
  readonly #recorder: Recorder
  #idle = 0
  #restsSince = now()
  #isFlushDue = false

  constructor(recorder: Recorder) {
    this.#recorder = recorder
  }

  /** A callback has ended. */
  rest(): void {
    this.#restsSince = now()
  }

  /**
   * A callback begins: has the loop waited before it? libuv does not count a wait that a signal has
   * ended, since it begins that wait again; it lasted since the callback before.
   */
  lookUp(isSignal: boolean): void {
    const at = now()
    const idle = performance.nodeTiming.idleTime * 1000
    const waited = isSignal ? at - this.#restsSince : idle - this.#idle
    this.#idle = idle
    if (waited >= SHORTEST) {
      this.#recorder.span('event loop', 'wait', at - waited, { call: 'epoll_wait, in libuv' }, at)
    }
    this.#flushBeforeNextWait()
  }

  /** Immediates run after the callbacks of a turn: there is no wait between these and them. */
  #flushBeforeNextWait(): void {
    if (this.#isFlushDue) return
    this.#isFlushDue = true
    setImmediate(() => {
      this.#recorder.flush()
      this.#isFlushDue = false
    })
  }
}

function traceSocket(socket: Socket, client: number, recorder: Recorder, clients: Clients): void {
  around(socket, 'push', (push, [chunk, encoding]) => {
    if (chunk !== null) clients.note(client, 'read')
    recorder.instant('read', 'call', { client, result: chunk?.length ?? 0 })
    return push(chunk, encoding)
  })
  traceWrite(socket, '_write', client, recorder, clients)
  traceWrite(socket, '_writev', client, recorder, clients)
}

/** Node's stream hands each write on to here. What the kernel doesn't take, it calls back for later. */
function traceWrite(
  socket: Socket,
  name: '_write' | '_writev',
  client: number,
  recorder: Recorder,
  clients: Clients,
): void {
  type Write = (...args: unknown[]) => void
  const owner = socket as unknown as Record<typeof name, Write>
  around(owner, name, (write, args) => {
    const callback = args.at(-1) as (error?: Error | null) => void
    const at = recorder.stack()
    const from = now()
    let isTaken = false
    const taken = (error?: Error | null) => {
      isTaken = true
      clients.note(client, 'sent')
      callback(error)
    }
    write(...args.slice(0, -1), taken)
    recorder.span('write', 'call', from, { client, at })
    if (!isTaken) clients.note(client, 'sent in part')
  })
}

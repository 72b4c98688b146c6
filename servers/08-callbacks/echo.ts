/**
 * callbacks: plain Node. A function for each thing that can happen to a socket.
 *
 * Where does it wait?                   Nowhere in this file: Node's event loop does, beneath it.
 * Who calls whom?                       Node calls the functions that were handed to it.
 * Where does a connection's state live? In the variables that its callbacks have in common.
 * What breaks it?                       A `write` that returned false and was ignored; a throw.
 */
import { createServer, type Socket } from 'node:net'
import { peerAddress, serverAddress } from '../node/addresses.ts'
import { Admission } from '../node/admission.ts'
import type { Address } from '../posix/api.ts'
import { Conversation } from '../protocol/conversation.ts'
import { createSession } from '../protocol/protocols.ts'
import type { Serve } from '../server.ts'
import { writeLine } from '../support/report.ts'
import { converse } from './connection.ts'

export const serve: Serve = (options, supervisor) =>
  new Promise((resolve, reject) => {
    const { address, backlog, highWater, idleTimeout, tls } = options
    const closers = new Set<() => void>()
    let isClosed = false

    // #region handle
    function handle(socket: Socket): void {
      const conversation = new Conversation(createSession(options), highWater)
      const peer = peerAddress(socket)
      const close = converse(socket, conversation)
      closers.add(close)
      supervisor.connected(peer)
      if (idleTimeout < Number.POSITIVE_INFINITY) socket.setTimeout(idleTimeout)
      socket.on('timeout', () => socket.destroy())
      socket.on('error', () => {}) // `close` comes next, and finds it in `errored`.
      socket.on('close', () => {
        closers.delete(close)
        supervisor.disconnected(peer, socket.errored ?? undefined)
        endWhenEmpty()
      })
      socket.resume() // It came paused, in case it had to wait for its turn.
    }
    // #endregion handle

    function endWhenEmpty(): void {
      if (isClosed && closers.size === 0) resolve()
    }

    const turnedAway = (peer: Address, error?: Error) => supervisor.turnedAway(peer, error)
    const rules = { places: supervisor.places, tls, handshakeTimeout: idleTimeout }
    const admission = new Admission(rules, handle, turnedAway)
    const settings = { allowHalfOpen: true, noDelay: true, pauseOnConnect: true }
    const server = createServer({ ...settings, highWaterMark: highWater }, (socket) =>
      admission.enter(socket),
    )
    // Before it listens it can't; later it is one client whom the system could not let in.
    server.on('error', (error) => (server.listening ? writeLine(error.message) : reject(error)))
    // Node says so when the last connection is as good as gone: its own `close` may come later.
    server.on('close', () => {
      isClosed = true
      endWhenEmpty()
    })
    // #region stop
    const stop = () => {
      server.close()
      admission.close()
      for (const close of closers) close()
    }
    // #endregion stop
    server.listen({ host: address.address, port: address.port, backlog }, () =>
      supervisor.listening(serverAddress(server), { stop }),
    )
  })

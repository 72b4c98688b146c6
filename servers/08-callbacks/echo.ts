/**
 * callbacks: plain Node. A function for each thing that can happen to a socket.
 *
 * Where does it wait?                   Nowhere in this file: Node's event loop does, beneath it.
 * Who calls whom?                       Node calls the functions that were handed to it.
 * Where does a connection's state live? In the variables that its callbacks have in common.
 * What breaks it?                       A `write` that returned false and was ignored; a throw.
 *
 * server.ts keeps the promises that Node does not: which client gets in, and how all connections end.
 */
import type { Socket } from 'node:net'
import { closeSoon } from '../node/closing.ts'
import { Conversation, LINGER } from '../protocol/conversation.ts'
import { createSession } from '../protocol/protocols.ts'
import type { Serve } from '../server.ts'
import { endWithin, guarded, listen } from './server.ts'

// #region converse
/**
 * Serves one client: each function here is handed to Node and called from there. What they share
 * is around them.
 *
 * @returns the function that closing time calls
 */
function converse(socket: Socket, conversation: Conversation): () => void {
  // #region read
  const received = (chunk: Uint8Array) => reply(conversation.receive(chunk))
  const ended = () => reply(conversation.end())
  socket.on('data', guarded(socket, received))
  socket.on('end', guarded(socket, ended))
  // #endregion read

  // #region reply
  function reply(bytes: Uint8Array): void {
    if (bytes.length === 0 || socket.write(bytes)) goOn()
    else waitForDrain()
  }
  // #endregion reply

  // #region backPressure
  /** While the client does not take what it is owed, nothing more is read from it. */
  function waitForDrain(): void {
    socket.pause()
    socket.once('drain', () => {
      socket.resume()
      goOn()
    })
  }
  // #endregion backPressure

  // #region end
  function goOn(): void {
    const step = conversation.next(0)
    if (step === 'close') closeSoon(socket)
    if (step === 'send FIN') endWithin(socket, LINGER)
  }
  // #endregion end

  // #region stop
  return () => {
    conversation.finish()
    socket.resume()
    goOn()
  }
  // #endregion stop
}
// #endregion converse

export const serve: Serve = async (options, supervisor) => {
  const { highWater } = options
  const accepted = (socket: Socket) =>
    converse(socket, new Conversation(createSession(options), highWater))
  const server = await listen(options, supervisor, accepted)
  supervisor.listening(server.address, { stop: () => server.closeAll() })
  await server.ended
}

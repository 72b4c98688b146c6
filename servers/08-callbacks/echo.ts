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
import { endWithin, listen } from './server.ts'

// #region converse
/**
 * Serves one client: each function here is handed to Node and called from there. What they share
 * is around them.
 *
 * @returns the function that closing time calls
 */
function converse(socket: Socket, conversation: Conversation): () => void {
  socket.on('data', received)
  socket.on('end', received)

  /** Node calls it with each chunk, and once without: at the end of the client's stream. */
  function received(chunk?: Uint8Array): void {
    try {
      // #region read
      const bytes = chunk ? conversation.receive(chunk) : conversation.end()
      // #endregion read
      // #region reply
      if (bytes.length === 0 || socket.write(bytes)) goOn()
      else waitForDrain()
      // #endregion reply
    } catch (error) {
      // No caller could catch it: uncaught, it would end the process, and not this connection.
      socket.destroy(error as Error)
    }
  }

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

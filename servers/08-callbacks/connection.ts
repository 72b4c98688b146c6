import type { Socket } from 'node:net'
import { type Conversation, LINGER } from '../protocol/conversation.ts'

// #region converse
/**
 * One client: what is done when bytes come, when its FIN does, and when it has taken what it was
 * owed. Each function is handed to Node and called from there; what they share is around them.
 *
 * @returns what closing time calls
 */
export function converse(socket: Socket, conversation: Conversation): () => void {
  socket.on('data', (chunk) => attempt(() => send(conversation.receive(chunk))))
  socket.on('end', () => attempt(() => send(conversation.end())))

  /** What a callback throws has no caller to go to: uncaught, it would end the process. */
  function attempt(callback: () => void): void {
    try {
      callback()
    } catch (error) {
      socket.destroy(error as Error)
    }
  }

  function send(reply: Uint8Array): void {
    if (reply.length === 0 || socket.write(reply)) step()
    else {
      // While the peer does not take what it is owed, nothing more is read from it.
      socket.pause()
      socket.once('drain', () => {
        socket.resume()
        step()
      })
    }
  }

  function step(): void {
    const next = conversation.next(0)
    if (next === 'close') socket.destroySoon()
    else if (next === 'send FIN') {
      socket.end(() => {
        const timer = setTimeout(() => socket.destroy(), LINGER)
        socket.once('close', () => clearTimeout(timer))
      })
    }
  }

  return () => {
    conversation.finish()
    socket.resume()
    step()
  }
}
// #endregion converse

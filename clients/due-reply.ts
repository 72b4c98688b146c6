/**
 * The reply that is due for a message: the bytes that a server must send. No code of
 * servers/protocol/ is used here, so that a server and its check can't share a mistake: a check is
 * worth something only if the two were written independently.
 */
import type { PROTOCOLS } from '../servers/protocol/protocols.ts'

export type Protocol = (typeof PROTOCOLS)[number]

// #region dueReply
/**
 * The reply that is due for one message.
 *
 * @param message the bytes that were sent, with the newline
 * @param previous the message before this one on the same connection; undefined for the first
 */
export function dueReply(protocol: Protocol, message: Uint8Array, previous?: Uint8Array): Buffer {
  if (protocol === 'previous' && previous) return Buffer.concat([previous, message])
  return Buffer.from(message)
}
// #endregion dueReply

/**
 * What a server owes for what it was sent. It is written apart from servers/protocol/, and more
 * simply, so that one mistake can't be in a server and in what judges it: a check is worth
 * something only if the two sides were made independently.
 */
import type { PROTOCOLS } from '../servers/protocol/protocols.ts'

export type Protocol = (typeof PROTOCOLS)[number]

// #region dueReply
/**
 * The bytes due for one message.
 *
 * @param message as it was sent, with its newline
 * @param previous the message before it on the same connection; undefined for the first
 */
export function dueReply(protocol: Protocol, message: Uint8Array, previous?: Uint8Array): Buffer {
  if (protocol === 'previous' && previous) return Buffer.concat([previous, message])
  return Buffer.from(message)
}
// #endregion dueReply

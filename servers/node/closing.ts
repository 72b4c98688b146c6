import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'

/**
 * True if a connection has ended in both directions but for our FIN: the peer's has been read, and
 * nothing is unsent. TLS has an end of its own to send.
 */
export function needsOnlyClose(socket: Socket): boolean {
  if (socket.destroyed || !socket.readableEnded || socket instanceof TLSSocket) return false
  return socket.writableLength === 0 && !socket.writableNeedDrain
}

// #region closeSoon
/**
 * Closes a connection after all that is unsent. Node's `destroySoon` sends the FIN by a system call
 * of its own, shutdown(2), and closes in a later turn of the loop. Where only the FIN is missing,
 * close(2) alone sends it too.
 */
export function closeSoon(socket: Socket): void {
  if (needsOnlyClose(socket)) socket.destroy()
  else socket.destroySoon()
}
// #endregion closeSoon

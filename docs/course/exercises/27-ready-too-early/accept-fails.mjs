/**
 * Preloaded into a submission: from the second client on, each accept is followed by one that
 * fails, which Node says with an 'error' event of the listener. On its own this is rare.
 */
import { subscribe } from 'node:diagnostics_channel'

let accepted = 0

subscribe('net.server.socket', ({ socket: { server } }) => {
  accepted += 1
  if (accepted < 2) return
  const error = Object.assign(new Error('accept ENFILE'), { code: 'ENFILE' })
  process.nextTick(() => server.emit('error', error))
})

/** A server of callbacks that echoes bytes, and reads no more than its client takes. */
import { createServer } from 'node:net'

const port = Number(process.argv[2] ?? 8881)

const server = createServer((socket) => {
  // `pipe` pauses and resumes by itself.
  socket.pipe(socket)
  // A client that resets its connection ends nobody else's: that is the next exercise.
  socket.on('error', () => {})
})
server.listen(port, '127.0.0.1')

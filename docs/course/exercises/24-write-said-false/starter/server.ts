/** A server of callbacks that echoes bytes. It does not look at what `write` says. */
import { createServer } from 'node:net'

const port = Number(process.argv[2] ?? 8881)

const server = createServer((socket) => {
  socket.on('data', (chunk) => {
    socket.write(chunk)
  })
  // A client that resets its connection ends nobody else's: that is the next exercise.
  socket.on('error', () => {})
})
server.listen(port, '127.0.0.1')

/** A server of callbacks that echoes bytes, and reads no more than its client takes. */
import { createServer } from 'node:net'

const port = Number(process.argv[2] ?? 8881)

const server = createServer((socket) => {
  socket.on('data', (chunk) => {
    if (socket.write(chunk)) return
    // It was refused: so it is written again when there is room.
    socket.pause()
    socket.once('drain', () => {
      socket.write(chunk)
      socket.resume()
    })
  })
  // A client that resets its connection ends nobody else's: that is the next exercise.
  socket.on('error', () => {})
})
server.listen(port, '127.0.0.1')

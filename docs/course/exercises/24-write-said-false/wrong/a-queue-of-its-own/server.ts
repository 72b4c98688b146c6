/** A server of callbacks that echoes bytes, and reads no more than its client takes. */
import { createServer } from 'node:net'

const port = Number(process.argv[2] ?? 8881)

const server = createServer({ allowHalfOpen: true }, (socket) => {
  const waiting: Buffer[] = []
  let isFull = false
  const write = (chunk: Buffer) => {
    isFull = !socket.write(chunk)
  }
  socket.on('data', (chunk) => {
    if (isFull) waiting.push(chunk)
    else write(chunk)
  })
  socket.on('drain', () => {
    isFull = false
    while (waiting.length > 0 && !isFull) write(waiting.shift()!)
    if (isEnded && waiting.length === 0) socket.end()
  })
  let isEnded = false
  socket.on('end', () => {
    isEnded = true
    if (waiting.length === 0) socket.end()
  })
  // A client that resets its connection ends nobody else's: that is the next exercise.
  socket.on('error', () => {})
})
server.listen(port, '127.0.0.1')

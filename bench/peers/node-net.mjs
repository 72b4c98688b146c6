// The plainest echo server that node:net allows: no framing, no limits, no back pressure. Models on
// Node's event loop are compared with this server. Prints `listening 127.0.0.1:PORT`.
import { createServer } from 'node:net'

const server = createServer({ noDelay: true }, (socket) => {
  socket.on('data', (chunk) => socket.write(chunk))
  socket.on('error', () => {})
})
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`listening 127.0.0.1:${server.address().port}\n`)
})

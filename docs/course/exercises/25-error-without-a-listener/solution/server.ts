/** A server of callbacks that echoes bytes, and outlives a client that breaks off. */
import { closeSync, openSync, writeSync } from 'node:fs'
import { createServer } from 'node:net'
import { devNull } from 'node:os'

const port = Number(process.argv[2] ?? 8881)

const server = createServer((socket) => {
  // Here goes what this client says. A real one would be a file of its own.
  const journal = openSync(devNull, 'a')
  socket.on('data', (chunk) => {
    writeSync(journal, chunk)
    socket.write(chunk)
  })
  // Without a listener, an 'error' is thrown, and the process ends. After it comes 'close'.
  socket.on('error', () => {})
  socket.on('close', () => closeSync(journal))
})
server.listen(port, '127.0.0.1')

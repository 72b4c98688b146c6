/** The beginning of a server of your own. It answers, and that is all that it promises. */
import { createServer } from 'node:net'
import { parseArgs } from 'node:util'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    'max-connections': { type: 'string', default: '1000' },
    idle: { type: 'string', default: '60' },
    grace: { type: 'string', default: '10' },
  },
})
const port = Number(positionals[0] ?? 8881)
console.log('not used yet:', values)

const server = createServer((socket) => {
  socket.on('data', (chunk) => {
    socket.write(chunk)
  })
})
server.listen(port, '127.0.0.1')

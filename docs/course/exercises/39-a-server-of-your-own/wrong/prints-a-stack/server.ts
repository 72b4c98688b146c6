/** A server of my own: functions that Node calls, and all nine promises. */
import { createServer, type Socket } from 'node:net'
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
const most = Number(values['max-connections'])
const idle = 1000 * Number(values.idle)
const grace = 1000 * Number(values.grace)

/** Those that are served, and behind them those that wait for a place: accepted, and not read. */
const open = new Set<Socket>()
const waiting = new Set<Socket>()
let isStopping = false

const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => {
  // The event `close` follows. Without a listener the error would end the process.
  socket.on('error', () => {})
  socket.on('close', () => {
    open.delete(socket)
    waiting.delete(socket)
    admit()
  })
  waiting.add(socket)
  admit()
})

function admit(): void {
  for (const socket of waiting) {
    if (open.size >= most) return
    waiting.delete(socket)
    open.add(socket)
    serve(socket)
  }
}

/** `pipe` stops reading while too much waits, and sends its FIN after the client's. */
function serve(socket: Socket): void {
  socket.setTimeout(idle, () => socket.destroy())
  socket.pipe(socket)
}

function stop(): void {
  // A second signal.
  if (isStopping) process.exit(1)
  isStopping = true
  server.close()
  for (const socket of waiting) socket.destroy()
  for (const socket of open) {
    socket.unpipe(socket)
    // What is owed is sent, then the FIN. What still comes is thrown away: a close with unread
    // input would reset the connection, and destroy the replies on their way.
    socket.end()
    socket.resume()
  }
  setTimeout(() => process.exit(0), grace).unref()
}

process.on('SIGINT', stop)
process.on('SIGTERM', stop)
server.listen(port, '127.0.0.1')

/** Two workers that answer lines. At SIGTERM they send what they owe, and end. */
import cluster from 'node:cluster'
import { createServer, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'

const WORKERS = 2
const port = Number(process.argv[2] ?? 8881)
const flag = process.argv.indexOf('--grace')
/** Seconds after SIGTERM, at most, until the server has ended. */
const grace = flag < 0 ? 10 : Number(process.argv[flag + 1])

if (cluster.isPrimary) {
  for (let i = 0; i < WORKERS; i++) cluster.fork()
  process.once('SIGTERM', () => {
    for (const worker of Object.values(cluster.workers ?? {})) worker?.send('closing time')
    // The workers end with the primary.
    setTimeout(() => process.exit(0), grace * 1000).unref()
  })
} else {
  const open = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const lines = createInterface({ input: socket })
    /** All answers so far, one after the other. */
    let answered = Promise.resolve()
    lines.on('line', (line) => {
      answered = answered.then(async () => {
        socket.write(`${process.pid} ${await answer(line)}\n`)
      })
    })
    // The client has sent its FIN: what it is owed goes first, and then ours.
    lines.on('close', () => answered.then(() => socket.end()))
    open.add(socket)
    socket.on('close', () => open.delete(socket))
    socket.on('error', () => {})
  })
  server.listen(port, '127.0.0.1')
  process.once('message', () => {
    server.close(() => process.exit(0))
    // `end` sends all that has been written, and then the FIN.
    for (const socket of open) socket.end()
  })
}

/** It stands for a question to a data base. */
async function answer(line: string): Promise<string> {
  await sleep(50)
  return line
}

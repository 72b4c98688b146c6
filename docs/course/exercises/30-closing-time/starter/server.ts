/** Two workers that answer lines. SIGTERM ends the primary, and with it everything. */
import cluster from 'node:cluster'
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'

const WORKERS = 2
const port = Number(process.argv[2] ?? 8881)

if (cluster.isPrimary) {
  for (let i = 0; i < WORKERS; i++) cluster.fork()
} else {
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
    socket.on('error', () => {})
  })
  server.listen(port, '127.0.0.1')
}

/** It stands for a question to a data base. */
async function answer(line: string): Promise<string> {
  await sleep(50)
  return line
}

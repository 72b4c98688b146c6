/** Two workers that echo lines. One that dies is replaced. */
import cluster from 'node:cluster'
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'

const WORKERS = 2
const port = Number(process.argv[2] ?? 8881)

if (cluster.isPrimary) {
  let isEnding = false
  for (let i = 0; i < WORKERS; i++) cluster.fork()
  cluster.on('exit', () => {
    // Not at once: that would be a storm.
    setTimeout(() => {
      if (!isEnding) cluster.fork()
    }, 20)
  })
  // The primary ends when it has no workers.
  process.once('SIGTERM', () => {
    isEnding = true
    for (const worker of Object.values(cluster.workers ?? {})) worker?.kill()
  })
} else {
  createServer((socket) => {
    createInterface({ input: socket }).on('line', (line) => {
      socket.write(`${process.pid} ${line}\n`)
    })
    socket.on('error', () => {})
  }).listen(port, '127.0.0.1')
}

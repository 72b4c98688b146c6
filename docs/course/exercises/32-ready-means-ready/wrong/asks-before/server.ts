/** Two workers that echo lines. It says when both listen, or why they can't. */
import cluster from 'node:cluster'
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'

const WORKERS = 2
/** Milliseconds before a dead worker is replaced. Without them, it could harm a machine. */
const PAUSE = 200
const port = Number(process.argv[2] ?? 8881)

if (cluster.isPrimary) {
  /** How many of the first workers do not listen yet. */
  let missing = WORKERS
  const start = () => {
    const worker = cluster.fork()
    worker.once('listening', () => {
      missing -= 1
      if (missing === 0) console.log(`listening 127.0.0.1:${port}`)
    })
    worker.once('exit', () => setTimeout(start, PAUSE))
  }
  // Where the primary can listen, the workers can.
  const attempt = createServer()
  attempt.once('error', ({ message }) => {
    console.error(`can't listen on 127.0.0.1:${port}: ${message}`)
    process.exit(1)
  })
  attempt.listen(port, '127.0.0.1', () => {
    attempt.close(() => {
      for (let i = 0; i < WORKERS; i++) start()
    })
  })
} else {
  createServer((socket) => {
    createInterface({ input: socket }).on('line', (line) => {
      socket.write(`${process.pid} ${line}\n`)
    })
    socket.on('error', () => {})
  }).listen(port, '127.0.0.1')
}

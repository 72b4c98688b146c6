/** Two workers that echo lines. One that dies is replaced, later and later if it dies again. */
import cluster from 'node:cluster'
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'

const WORKERS = 2
/** Milliseconds before the first replacement, and the most before a later one. */
const FIRST = 50
const LONGEST = 1000
const port = Number(process.argv[2] ?? 8881)

if (cluster.isPrimary) {
  const timers = new Set<NodeJS.Timeout>()
  let isEnding = false
  const start = (delay: number) => {
    const worker = cluster.fork()
    let next = Math.min(2 * delay, LONGEST)
    worker.once('listening', () => {
      next = FIRST
    })
    worker.once('exit', () => {
      if (isEnding) return
      const timer = setTimeout(() => {
        timers.delete(timer)
        start(next)
      }, delay)
      timers.add(timer)
    })
  }
  for (let i = 0; i < WORKERS; i++) start(FIRST)
  // The primary ends when it has no workers.
  process.once('SIGTERM', () => {
    isEnding = true
    for (const timer of timers) clearTimeout(timer)
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

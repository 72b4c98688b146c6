/** Two workers that echo lines. One that dies is replaced, later and later if it dies again. */
import cluster from 'node:cluster'
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'

const WORKERS = 2
/** Milliseconds before the first replacement, and the most before a later one. */
const FIRST = 50
const LONGEST = 1000
/** After so many deaths something must be wrong that a restart does not heal. */
const MOST = 5
const port = Number(process.argv[2] ?? 8881)

if (cluster.isPrimary) {
  let isEnding = false
  let delay = FIRST
  let deaths = 0
  const start = () => {
    if (isEnding) return
    cluster.fork().once('exit', () => {
      deaths += 1
      if (deaths > MOST) return
      setTimeout(start, delay)
      delay = Math.min(2 * delay, LONGEST)
    })
  }
  for (let i = 0; i < WORKERS; i++) start()
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

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
  let isGivenUp = false
  const start = () => {
    const worker = cluster.fork()
    // The primary may be about to answer a worker that it has just ended.
    worker.on('error', () => {})
    worker.once('listening', () => {
      missing -= 1
      if (missing === 0) console.log(`listening 127.0.0.1:${port}`)
    })
    worker.once('message', (reason: string) => {
      if (missing > 0) giveUp(reason)
    })
    worker.once('exit', (code, signal) => {
      // One that dies before the server is ready would die again.
      if (missing > 0) giveUp(`a worker has ended: ${signal ?? `exit code ${code}`}`)
      else setTimeout(start, PAUSE)
    })
  }
  /** The primary ends when it has no workers. If it did before, they would complain. */
  const giveUp = (reason: string) => {
    if (isGivenUp) return
    isGivenUp = true
    console.error(`can't listen on 127.0.0.1:${port}: ${reason}`)
    process.exitCode = 1
    for (const worker of Object.values(cluster.workers!)) worker!.process.kill('SIGKILL')
  }
  for (let i = 0; i < WORKERS; i++) start()
} else {
  const server = createServer((socket) => {
    createInterface({ input: socket }).on('line', (line) => {
      socket.write(`${process.pid} ${line}\n`)
    })
    socket.on('error', () => {})
  })
  server.once('error', ({ message }) => {
    // The message is on its way until the callback is called.
    process.send!(message, () => process.exit(1))
  })
  server.listen(port, '127.0.0.1')
}

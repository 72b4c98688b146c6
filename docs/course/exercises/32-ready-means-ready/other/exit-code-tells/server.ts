/** Two workers that echo lines. It says when both listen, or why they can't. */
import cluster from 'node:cluster'
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'
import { getSystemErrorName } from 'node:util'

const WORKERS = 2
/** Milliseconds before a dead worker is replaced. Without them, it could harm a machine. */
const PAUSE = 200
const port = Number(process.argv[2] ?? 8881)

if (cluster.isPrimary) {
  const listening = new Set<number>()
  let isReady = false
  /** The exit codes of the workers that could not start. */
  const failures: number[] = []
  cluster.on('listening', ({ id }) => {
    listening.add(id)
    if (isReady || listening.size < WORKERS) return
    isReady = true
    console.log(`listening 127.0.0.1:${port}`)
  })
  cluster.on('exit', (_, code) => {
    if (isReady) {
      setTimeout(() => cluster.fork(), PAUSE)
      return
    }
    failures.push(code ?? 0)
    // The other ones fail for the same reason, and are awaited.
    if (failures.length < WORKERS) return
    const failure = Math.max(...failures)
    const reason = failure > 0 ? getSystemErrorName(-failure) : 'a worker has ended'
    console.error(`can't listen on 127.0.0.1:${port}: ${reason}`)
    process.exit(1)
  })
  for (let i = 0; i < WORKERS; i++) cluster.fork()
} else {
  const server = createServer((socket) => {
    createInterface({ input: socket }).on('line', (line) => {
      socket.write(`${process.pid} ${line}\n`)
    })
    socket.on('error', () => {})
  })
  // The exit code of a worker is the number of its error.
  server.once('error', ({ errno = -1 }: NodeJS.ErrnoException) => process.exit(-errno))
  server.listen(port, '127.0.0.1')
}

/** Two workers that echo lines. The second one is started when the first one listens. */
import cluster from 'node:cluster'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'

const WORKERS = 2
/** Milliseconds before a dead worker is replaced. Without them, it could harm a machine. */
const PAUSE = 200
const port = Number(process.argv[2] ?? 8881)

if (cluster.isPrimary) {
  // No other worker runs while one of them fails: so the primary may end at once.
  for (let i = 0; i < WORKERS; i++) {
    const worker = cluster.fork()
    const reason = await Promise.race([
      once(worker, 'listening').then(() => ''),
      once(worker, 'message').then(([text]) => String(text)),
      once(worker, 'exit').then(() => 'a worker has ended'),
    ])
    if (reason === '') continue
    console.error(`can't listen on 127.0.0.1:${port}: ${reason}`)
    process.exit(1)
  }
  console.log(`listening 127.0.0.1:${port}`)
  cluster.on('exit', () => setTimeout(() => cluster.fork(), PAUSE))
} else {
  const server = createServer((socket) => {
    createInterface({ input: socket }).on('line', (line) => {
      socket.write(`${process.pid} ${line}\n`)
    })
    socket.on('error', () => {})
  })
  server.once('error', ({ message }) => {
    process.send!(message, () => process.exit(1))
  })
  server.listen(port, '127.0.0.1')
}

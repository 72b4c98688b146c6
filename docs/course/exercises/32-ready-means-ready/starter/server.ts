/** Two workers that echo lines. It says that it listens before anybody does. */
import cluster from 'node:cluster'
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'

const WORKERS = 2
/** Milliseconds before a dead worker is replaced. Without them, it could harm a machine. */
const PAUSE = 200
const port = Number(process.argv[2] ?? 8881)

if (cluster.isPrimary) {
  const start = () => {
    cluster.fork().once('exit', () => setTimeout(start, PAUSE))
  }
  for (let i = 0; i < WORKERS; i++) start()
  console.log(`listening 127.0.0.1:${port}`)
} else {
  createServer((socket) => {
    createInterface({ input: socket }).on('line', (line) => {
      socket.write(`${process.pid} ${line}\n`)
    })
    socket.on('error', () => {})
  }).listen(port, '127.0.0.1')
}

/** Two workers that number the lines they get. The primary counts for all of them. */
import cluster from 'node:cluster'
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'

const WORKERS = 2
const port = Number(process.argv[2] ?? 8881)

/** In the primary: the lines of all workers. */
let count = 0
/** In a worker: lines without a number. The primary answers in the order in which it is asked. */
const waiting: ((number: number) => void)[] = []

if (cluster.isPrimary) {
  cluster.on('message', (worker) => {
    count += 1
    worker.send(count)
  })
  for (let i = 0; i < WORKERS; i++) cluster.fork()
} else {
  process.on('message', (number: number) => waiting.shift()?.(number))
  createServer((socket) => {
    createInterface({ input: socket }).on('line', async (line) => {
      const number = await nextNumber()
      socket.write(`${number} ${process.pid} ${line}\n`)
    })
    socket.on('error', () => {})
  }).listen(port, '127.0.0.1')
}

function nextNumber(): Promise<number> {
  return new Promise((resolve) => {
    waiting.push(resolve)
    process.send?.('a line')
  })
}

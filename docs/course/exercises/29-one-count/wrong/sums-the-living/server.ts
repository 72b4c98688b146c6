/** Two workers that number the lines they get. The primary counts for all of them. */
import cluster from 'node:cluster'
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'

const WORKERS = 2
const port = Number(process.argv[2] ?? 8881)

/** In the primary: the lines of each worker. */
const counts = new Map<number, number>()
/** In a worker: lines without a number. The primary answers in the order in which it is asked. */
const waiting: ((number: number) => void)[] = []

if (cluster.isPrimary) {
  cluster.on('message', (worker) => {
    counts.set(worker.id, (counts.get(worker.id) ?? 0) + 1)
    const total = [...counts.values()].reduce((sum, count) => sum + count, 0)
    // Without a callback an error is thrown: a worker may have died since it asked.
    worker.send(total, () => {})
  })
  cluster.on('exit', ({ id }) => counts.delete(id))
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

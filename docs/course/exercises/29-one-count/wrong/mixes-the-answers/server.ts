/** Two workers that number the lines they get. The primary counts for all of them. */
import cluster from 'node:cluster'
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'

const WORKERS = 2
const port = Number(process.argv[2] ?? 8881)

/** In the primary: the lines of all workers. */
let count = 0

if (cluster.isPrimary) {
  cluster.on('message', (worker) => {
    count += 1
    // Without a callback an error is thrown: a worker may have died since it asked.
    worker.send(count, () => {})
  })
  for (let i = 0; i < WORKERS; i++) cluster.fork()
} else {
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
    process.once('message', resolve)
    process.send?.('a line')
  })
}

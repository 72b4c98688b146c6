/** Two workers that number the lines they get. The primary counts for all of them. */
import cluster from 'node:cluster'
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'

const WORKERS = 2
const port = Number(process.argv[2] ?? 8881)

interface Question {
  readonly id: number
}
interface Answer extends Question {
  readonly count: number
}

/** In a worker: lines without a number, by the id of their question. */
const waiting = new Map<number, (count: number) => void>()

if (cluster.isPrimary) {
  let count = 0
  for (let i = 0; i < WORKERS; i++) {
    const worker = cluster.fork()
    // A worker that has died takes no answer.
    worker.on('error', () => {})
    worker.on('message', ({ id }: Question) => {
      count += 1
      worker.send({ id, count })
    })
  }
} else {
  process.on('message', ({ id, count }: Answer) => {
    waiting.get(id)?.(count)
    waiting.delete(id)
  })
  createServer((socket) => {
    createInterface({ input: socket }).on('line', async (line) => {
      const number = await nextNumber()
      socket.write(`${number} ${process.pid} ${line}\n`)
    })
    socket.on('error', () => {})
  }).listen(port, '127.0.0.1')
}

let lastId = 0

function nextNumber(): Promise<number> {
  lastId += 1
  const id = lastId
  process.send?.({ id })
  return new Promise((resolve) => waiting.set(id, resolve))
}

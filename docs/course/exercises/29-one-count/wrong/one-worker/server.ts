/** A worker that numbers the lines it gets. */
import cluster from 'node:cluster'
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'

/** With more of them the count would be wrong. */
const WORKERS = 1
const port = Number(process.argv[2] ?? 8881)

if (cluster.isPrimary) {
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

/** How many lines there have been, with this one. */
let count = 0

async function nextNumber(): Promise<number> {
  count += 1
  return count
}

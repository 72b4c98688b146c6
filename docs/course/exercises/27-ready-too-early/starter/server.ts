/** Echoes bytes. It says that it is ready too early, and too much when it can't listen. */
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

const port = Number(process.argv[2] ?? 8881)
const host = process.argv[3] ?? '127.0.0.1'

async function start(): Promise<void> {
  await readIndex()
  // It is read again each minute.
  setInterval(readIndex, 60_000)
  const server = createServer((socket) => {
    serve(socket)
  })
  server.listen(port, host)
}

async function serve(socket: Socket): Promise<void> {
  for await (const chunk of socket) {
    if (!socket.write(chunk)) await once(socket, 'drain')
  }
}

/** It stands for a large file that a real server reads before it can answer. */
async function readIndex(): Promise<void> {
  await sleep(300)
}

start()
console.log(`listening ${host}:${port}`)

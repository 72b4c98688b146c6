/** Echoes bytes. It says that it is ready when it is, and why it can't listen. */
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
    // What fails here ends this connection. Without a `catch` it would end the process.
    serve(socket).catch(() => {})
  })
  server.listen(port, host)
  // Rejects if 'error' comes first.
  await once(server, 'listening')
  // From now on nobody awaits an 'error': an accept that fails is no reason to end.
  server.on('error', (error) => console.error(`${host}:${port}: ${error.message}`))
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

try {
  await start()
  console.log(`listening ${host}:${port}`)
} catch (error) {
  console.error(`can't listen on ${host}:${port}: ${(error as Error).message}`)
  // The interval would keep the process alive.
  process.exit()
}

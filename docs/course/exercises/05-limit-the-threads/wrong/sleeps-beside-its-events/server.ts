/** A thread for each client. Four at most: other clients wait in the backlog. */
import { once } from 'node:events'
import { isMainThread, Worker, workerData } from 'node:worker_threads'
import { sendAll } from '#servers/posix/blocking.ts'
import { listenTcp } from '#servers/posix/listen.ts'
import { openPosix } from '#servers/posix/open.ts'

const port = Number(process.argv[2] ?? 8881)
const address = { family: 'IPv4', address: '127.0.0.1', port } as const
/** So many clients are served at a time. */
const PLACES = 4
const buffer = new Uint8Array(8192)

const posix = await openPosix('libc')
if (isMainThread) await acceptAll()
else serveClient(workerData)

async function acceptAll(): Promise<void> {
  const listener = listenTcp(posix, { address, backlog: 100 }, 'blocking')
  const threads = new Set<Worker>()
  const clock = new Int32Array(new SharedArrayBuffer(4))
  for (;;) {
    // Somebody must leave before the next one comes in.
    while (threads.size >= PLACES) Atomics.wait(clock, 0, 0, 10)
    const { fd } = posix.accept(listener, 'blocking')!
    const thread = new Worker(process.argv[1]!, { workerData: fd, execArgv: [] })
    threads.add(thread)
    thread.on('exit', () => threads.delete(thread))
    // An error ends its own thread and no other.
    thread.on('error', (error) => console.error(String(error)))
    // Node starts a thread only while its event loop runs.
    await once(thread, 'online')
  }
}

function serveClient(fd: number): void {
  try {
    for (;;) {
      const count = posix.recv(fd, buffer)
      if (count === 0) break
      sendAll(posix, fd, buffer.subarray(0, count))
    }
  } finally {
    posix.close(fd)
  }
}

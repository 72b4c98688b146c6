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
  /** The places that are free. Threads share this word, and no event loop is needed for it. */
  const places = new Int32Array(new SharedArrayBuffer(4)).fill(PLACES)
  for (;;) {
    while (Atomics.load(places, 0) === 0) Atomics.wait(places, 0, 0)
    Atomics.sub(places, 0, 1)
    const { fd } = posix.accept(listener, 'blocking')!
    const thread = new Worker(process.argv[1]!, { workerData: { fd, places }, execArgv: [] })
    // An error ends its own thread and no other.
    thread.on('error', (error) => console.error(String(error)))
    // Node starts a thread only while its event loop runs.
    await once(thread, 'online')
  }
}

interface Place {
  readonly fd: number
  readonly places: Int32Array
}

function serveClient({ fd, places }: Place): void {
  try {
    for (;;) {
      const count = posix.recv(fd, buffer)
      if (count === 0) break
      sendAll(posix, fd, buffer.subarray(0, count))
    }
    Atomics.add(places, 0, 1)
    Atomics.notify(places, 0, 1)
  } finally {
    posix.close(fd)
  }
}

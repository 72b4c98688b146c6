/**
 * threads, bare: accept a client, start a thread that echoes to it, accept the next.
 *
 *     node --import tsx servers/02-threads/bare.ts 8881
 *
 * Where does it wait?                   In every call; but each client's thread waits for itself.
 * Who calls whom?                       The program calls the system, in each thread line by line.
 * Where does a connection's state live? In the local variables of the function that serves it.
 * What breaks it?                       Many clients: each costs a thread, even one that is silent.
 * What it leaves out:                   promises 4, 5, 6, 7, 8 and 9.
 */
import { once } from 'node:events'
import { isMainThread, Worker, workerData } from 'node:worker_threads'
import { built } from '../boot/build.mjs'
import { formatAddress } from '../posix/api.ts'
import { sendAll } from '../posix/blocking.ts'
import { listenTcp } from '../posix/listen.ts'
import { openPosix } from '../posix/open.ts'

const port = Number(process.argv[2] ?? 8881)
const address = { family: 'IPv4', address: '127.0.0.1', port } as const
const buffer = new Uint8Array(8192)

const posix = await openPosix('libc')
if (isMainThread) await acceptAll()
else serveClient(workerData)

async function acceptAll(): Promise<void> {
  // The threads run this file, too, as JavaScript: Node starts no thread on TypeScript.
  const program = built('servers/02-threads/bare.ts')
  const listener = listenTcp(posix, { address, backlog: 5 }, 'blocking')
  console.log(`listening ${formatAddress(posix.getsockname(listener))}`)
  for (;;) {
    const { fd } = posix.accept(listener, 'blocking')!
    const thread = new Worker(program, { workerData: fd, execArgv: [] })
    // Node starts a thread only while its event loop runs.
    await once(thread, 'online')
    // As in Python, an error ends its own thread and no other.
    thread.on('error', (error) => console.error(error))
  }
}

function serveClient(fd: number): void {
  for (;;) {
    const count = posix.recv(fd, buffer)
    if (count === 0) break
    sendAll(posix, fd, buffer.subarray(0, count))
  }
  posix.close(fd)
}

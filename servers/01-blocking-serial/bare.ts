/**
 * blocking-serial, bare: accept a client, echo what it sends to its end, accept the next.
 *
 *     node --import tsx servers/01-blocking-serial/bare.ts 8881
 *
 * Where does it wait?                   In every call: the thread sleeps in `accept`, `recv`, `send`.
 * Who calls whom?                       The program calls the system, line by line.
 * Where does a connection's state live? In the local variables of the function that serves it.
 * What breaks it?                       A second client: it waits until the first one has left.
 * What it leaves out:                   promises 1, 3, 4, 5, 6, 7, 8 and 9.
 */
import { formatAddress } from '../posix/api.ts'
import { sendAll } from '../posix/blocking.ts'
import { listenTcp } from '../posix/listen.ts'
import { openPosix } from '../posix/open.ts'

const port = Number(process.argv[2] ?? 8881)
const address = { family: 'IPv4', address: '127.0.0.1', port } as const
const buffer = new Uint8Array(8192)

const posix = await openPosix('libc')
const listener = listenTcp(posix, { address, backlog: 5 }, 'blocking')
console.log(`listening ${formatAddress(posix.getsockname(listener))}`)
for (;;) {
  const { fd } = posix.accept(listener, 'blocking')!
  for (;;) {
    const count = posix.recv(fd, buffer)
    if (count === 0) break
    sendAll(posix, fd, buffer.subarray(0, count))
  }
  posix.close(fd)
}

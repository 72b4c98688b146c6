/** A serial server that answers whole lines. Each call waits, for one client at a time. */
import { sendAll } from '#servers/posix/blocking.ts'
import { listenTcp } from '#servers/posix/listen.ts'
import { openPosix } from '#servers/posix/open.ts'

const port = Number(process.argv[2] ?? 8881)
const address = { family: 'IPv4', address: '127.0.0.1', port } as const
const buffer = new Uint8Array(8192)
/** The beginning of a line whose end has not come yet. There is only one client. */
let rest = Buffer.alloc(0)

const posix = await openPosix('libc')
const listener = listenTcp(posix, { address, backlog: 100 }, 'blocking')

for (;;) {
  const { fd } = posix.accept(listener, 'blocking')!
  try {
    serve(fd)
  } catch (error) {
    // A client that resets its connection ends nobody else's.
    console.error(String(error))
  }
  posix.close(fd)
}

function serve(fd: number): void {
  rest = Buffer.alloc(0)
  for (;;) {
    const count = posix.recv(fd, buffer)
    if (count === 0) break
    const bytes = Buffer.concat([rest, buffer.subarray(0, count)])
    const end = bytes.lastIndexOf('\n') + 1
    sendAll(posix, fd, bytes.subarray(0, end))
    rest = bytes.subarray(end)
  }
  // The client has ended its half of the connection, and can still receive.
  sendAll(posix, fd, rest)
}

/** A serial server: it accepts a client, serves it to its end, and accepts the next. */
import { listenTcp } from '#servers/posix/listen.ts'
import { openPosix } from '#servers/posix/open.ts'

const port = Number(process.argv[2] ?? 8881)
const address = { family: 'IPv4', address: '127.0.0.1', port } as const
const buffer = new Uint8Array(8192)

const posix = await openPosix('libc')
const listener = listenTcp(posix, { address, backlog: 5 }, 'blocking')

for (;;) {
  const { fd } = posix.accept(listener, 'blocking')!
  try {
    serve(fd)
  } catch (error) {
    // A client that resets its connection ends only that.
    console.error(String(error))
  }
  posix.close(fd)
}

function serve(fd: number): void {
  for (;;) {
    const count = posix.recv(fd, buffer)
    if (count === 0) return
    let rest = buffer.subarray(0, count)
    while (rest.length > 0) rest = rest.subarray(posix.send(fd, rest))
  }
}

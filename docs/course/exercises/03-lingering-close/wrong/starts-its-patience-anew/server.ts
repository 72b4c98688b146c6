/**
 * A serial server with one question for each connection: a number of bytes. It answers with so many,
 * and closes. As in HTTP/1.0, the close is the end of the reply.
 */
import { SHUT_WR } from '#servers/posix/api.ts'
import { sendAll } from '#servers/posix/blocking.ts'
import { listenTcp } from '#servers/posix/listen.ts'
import { openPosix } from '#servers/posix/open.ts'

const port = Number(process.argv[2] ?? 8881)
const address = { family: 'IPv4', address: '127.0.0.1', port } as const
const buffer = new Uint8Array(8192)

/** A client has this time to end, in milliseconds. */
const PATIENCE = 500

const posix = await openPosix('libc')
const listener = listenTcp(posix, { address, backlog: 5 }, 'blocking')

for (;;) {
  const { fd } = posix.accept(listener, 'blocking')!
  try {
    serve(fd)
  } catch (error) {
    console.error(String(error))
  }
  posix.close(fd)
}

function serve(fd: number): void {
  let question = ''
  while (!question.includes('\n')) {
    const count = posix.recv(fd, buffer)
    if (count === 0) return
    question += Buffer.from(buffer.subarray(0, count)).toString('latin1')
  }
  // A client may have sent more behind its question. See finish.
  sendAll(posix, fd, Buffer.alloc(Number.parseInt(question, 10), 'x'))
  finish(fd)
}

/** Sends our FIN, and throws away what still comes: unread, it would turn the FIN into a reset. */
function finish(fd: number): void {
  posix.shutdown(fd, SHUT_WR)
  posix.setsockopt(fd, 'SO_RCVTIMEO', PATIENCE / 1000)
  while (posix.recv(fd, buffer) > 0);
}

/** A completion server that echoes bytes. Each block goes back when the kernel is done with it. */
import { constants } from 'node:os'
import { BUFFER, MORE, Proactor } from '#servers/11-completion/proactor.ts'
import { listenTcp } from '#servers/posix/listen.ts'
import { openPosix } from '#servers/posix/open.ts'

const port = Number(process.argv[2] ?? 8881)
const address = { family: 'IPv4', address: '127.0.0.1', port } as const
const { ENOBUFS } = constants.errno

const posix = await openPosix('libc')
const listener = listenTcp(posix, { address, backlog: 100 }, 'blocking')
const proactor = new Proactor()
const { blocks } = proactor

function accept(): void {
  proactor.accept(listener, (fd) => {
    accept()
    serve(fd)
  })
}

function serve(fd: number): void {
  /** What waits to be sent. The first one is being sent. */
  const replies: { block: number; count: number }[] = []
  let isEnded = false
  receive()

  function receive(): void {
    proactor.recv(fd, (count, flags) => {
      if (flags & BUFFER) replies.push({ block: blocks.claim(flags), count })
      if (flags & BUFFER && replies.length === 1) send(0)
      if (flags & MORE) return
      // No block was free at the moment.
      if (count === -ENOBUFS) return receive()
      isEnded = true
      closeWhenSent()
    })
  }

  function send(from: number): void {
    const { block, count } = replies[0]!
    proactor.send(fd, block, from, count, (sent) => {
      // A negative number is an error: the client has gone, and the rest of the block is lost.
      if (sent >= 0 && from + sent < count) return send(from + sent)
      blocks.give(block)
      replies.shift()
      if (replies.length > 0) send(0)
      else closeWhenSent()
    })
  }

  function closeWhenSent(): void {
    if (isEnded && replies.length === 0) proactor.close(fd, () => {})
  }
}

accept()
for (;;) {
  proactor.wait()
  proactor.dispatch()
}

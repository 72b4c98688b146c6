/** A completion server that echoes bytes, with back pressure. */
import { constants } from 'node:os'
import { BUFFER, MORE, type Operation, Proactor } from '#servers/11-completion/proactor.ts'
import { listenTcp } from '#servers/posix/listen.ts'
import { openPosix } from '#servers/posix/open.ts'

const port = Number(process.argv[2] ?? 8881)
const address = { family: 'IPv4', address: '127.0.0.1', port } as const
const { ECANCELED, ENOBUFS } = constants.errno
/** While a client is owed this many bytes, no recv is wanted. */
const HIGH_WATER = 65536

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
  /** The bytes of all replies. */
  let owed = 0
  /** What is in flight. */
  let recv: Operation | undefined
  let isCancelled = false
  let isEnded = false
  goOn()

  function received(count: number, flags: number): void {
    if ((flags & MORE) === 0) recv = undefined
    if (flags & BUFFER) {
      replies.push({ block: blocks.claim(flags), count })
      owed += count
      if (replies.length === 1) send(0)
    } else if (count !== -ENOBUFS && count !== -ECANCELED) {
      isEnded = true
    }
    goOn()
  }

  function send(from: number): void {
    const { block, count } = replies[0]!
    proactor.send(fd, block, from, count, (sent) => {
      // A negative number is an error: the client has gone, and the rest is lost.
      if (sent >= 0 && from + sent < count) return send(from + sent)
      blocks.give(block)
      replies.shift()
      owed -= count
      if (replies.length > 0) send(0)
      goOn()
    })
  }

  /** Submits what is missing, and cancels what is too much. */
  function goOn(): void {
    const isWanted = owed < HIGH_WATER
    if (isEnded) {
      if (replies.length === 0) proactor.close(fd, () => {})
    } else if (recv === undefined && isWanted) {
      isCancelled = false
      recv = proactor.recv(fd, received)
    } else if (recv !== undefined && !isWanted && !isCancelled) {
      isCancelled = true
      proactor.cancel(recv)
    }
  }
}

accept()
for (;;) {
  proactor.wait()
  proactor.dispatch()
}

/**
 * completion, bare: the kernel is told what to do, and each completion begins the next operation.
 *
 *     node --import tsx servers/11-completion/bare.ts 8881
 *
 * Where does it wait?                   In `proactor.wait`, one io_uring_enter(2) for everything.
 * Who calls whom?                       The proactor calls the handler of what has completed.
 * Where does a connection's state live? In the variables of `serve`, and in the kernel.
 * What breaks it?                       A handler that takes long; a buffer touched too early.
 * What it leaves out:                   promises 3, 4, 5, 6, 7, 8 and 9.
 */
import { constants } from 'node:os'
import { formatAddress } from '../posix/api.ts'
import { listenTcp } from '../posix/listen.ts'
import { openPosix } from '../posix/open.ts'
import { BUFFER, MORE, Proactor } from './proactor.ts'

const port = Number(process.argv[2] ?? 8881)
const address = { family: 'IPv4', address: '127.0.0.1', port } as const

const posix = await openPosix('libc')
const listener = listenTcp(posix, { address, backlog: 5 }, 'blocking')
const proactor = new Proactor()
const { blocks } = proactor
const { ENOBUFS } = constants.errno

function accept(): void {
  proactor.accept(listener, (fd) => {
    accept()
    serve(fd)
  })
}

/** A recv brings many chunks, each in a block of its own. The replies wait for their turn. */
function serve(fd: number): void {
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
      if (from + sent < count) return send(from + sent)
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

console.log(`listening ${formatAddress(posix.getsockname(listener))}`)
accept()
for (;;) {
  proactor.wait()
  proactor.dispatch()
}

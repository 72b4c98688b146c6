/** A poll loop that has been ported to completion half-way. It echoes bytes. */
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
  receive()

  function receive(): void {
    proactor.recv(fd, (count, flags) => {
      // As in the loop: what has come is sent at once.
      if (flags & BUFFER) send(blocks.claim(flags), 0, count)
      if (flags & MORE) return
      // No block was free at the moment.
      if (count === -ENOBUFS) return receive()
      // As in the loop: the client has ended, or has gone.
      proactor.close(fd, () => {})
    })
  }

  function send(block: number, from: number, to: number): void {
    proactor.send(fd, block, from, to, (sent) => {
      // As in the loop: what was not taken is sent again. A negative number is an error.
      if (sent >= 0 && from + sent < to) send(block, from + sent, to)
      else blocks.give(block)
    })
  }
}

accept()
for (;;) {
  proactor.wait()
  proactor.dispatch()
}

/** A completion server that echoes bytes. Between the kernel's blocks, its own memory holds them. */
import { constants } from 'node:os'
import { BLOCK } from '#servers/11-completion/blocks.ts'
import { BUFFER, MORE, Proactor } from '#servers/11-completion/proactor.ts'
import { ByteQueue } from '#servers/bytes/byte-queue.ts'
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
  /** Bytes that wait for the send in flight, and those of the send itself. */
  const waiting = new ByteQueue()
  let isSending = false
  let isEnded = false
  receive()

  function receive(): void {
    proactor.recv(fd, (count, flags) => {
      if (flags & BUFFER) take(blocks.claim(flags), count)
      if (flags & MORE) return
      // No block was free at the moment.
      if (count === -ENOBUFS) return receive()
      isEnded = true
      closeWhenSent()
    })
  }

  function take(block: number, count: number): void {
    waiting.push(blocks.bytes(block, count))
    blocks.give(block)
    if (!isSending) send()
  }

  /** One block for each send, which nobody else has until it has completed. */
  function send(): void {
    isSending = true
    const bytes = waiting.peek().subarray(0, BLOCK)
    const block = blocks.take()
    blocks.bytes(block, bytes.length).set(bytes)
    proactor.send(fd, block, 0, bytes.length, (sent) => {
      blocks.give(block)
      // A negative number is an error: the client has gone, and nobody reads these bytes.
      waiting.drop(sent < 0 ? bytes.length : sent)
      isSending = false
      if (waiting.length > 0) send()
      else closeWhenSent()
    })
  }

  function closeWhenSent(): void {
    if (isEnded && !isSending) proactor.close(fd, () => {})
  }
}

accept()
for (;;) {
  proactor.wait()
  proactor.dispatch()
}

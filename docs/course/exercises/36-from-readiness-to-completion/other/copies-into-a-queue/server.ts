/** A completion server that echoes bytes. They wait in a queue, and no block is kept. */
import { constants } from 'node:os'
import { BLOCK } from '#servers/11-completion/blocks.ts'
import { BUFFER, MORE, type Operation, Proactor } from '#servers/11-completion/proactor.ts'
import { ByteQueue } from '#servers/bytes/byte-queue.ts'
import { listenTcp } from '#servers/posix/listen.ts'
import { openPosix } from '#servers/posix/open.ts'

const port = Number(process.argv[2] ?? 8881)
const address = { family: 'IPv4', address: '127.0.0.1', port } as const
const { ECANCELED, ENOBUFS } = constants.errno
/** From the first mark on no recv is wanted, and from the second one on it is again. */
const HIGH_WATER = 65536
const LOW_WATER = HIGH_WATER / 4

const posix = await openPosix('libc')
const listener = listenTcp(posix, { address, backlog: 100 }, 'blocking')
const proactor = new Proactor()
const { blocks } = proactor

function accept(): void {
  proactor.accept(listener, (fd) => {
    accept()
    new Client(fd)
  })
}

class Client {
  readonly #fd: number
  /** All that is owed, with the bytes of the send in flight. */
  readonly #waiting = new ByteQueue()
  #recv: Operation | undefined
  #isSending = false
  #isEnded = false

  constructor(fd: number) {
    this.#fd = fd
    this.#receive()
  }

  #receive(): void {
    this.#recv = proactor.recv(this.#fd, this.#received)
  }

  readonly #received = (count: number, flags: number): void => {
    if ((flags & MORE) === 0) this.#recv = undefined
    if (flags & BUFFER) {
      const block = blocks.claim(flags)
      this.#waiting.push(blocks.bytes(block, count))
      blocks.give(block)
    } else if (count !== -ENOBUFS && count !== -ECANCELED) {
      this.#isEnded = true
    }
    // To cancel it twice is no error: the second cancel finds nothing.
    const isTooMuch = this.#waiting.length >= HIGH_WATER
    if (this.#recv !== undefined && isTooMuch) proactor.cancel(this.#recv)
    this.#goOn()
  }

  #goOn(): void {
    if (!this.#isSending && this.#waiting.length > 0) this.#send()
    if (this.#isEnded) {
      if (!this.#isSending) proactor.close(this.#fd, () => {})
    } else if (this.#recv === undefined && this.#waiting.length <= LOW_WATER) {
      this.#receive()
    }
  }

  #send(): void {
    const bytes = this.#waiting.peek().subarray(0, BLOCK)
    const block = blocks.take()
    blocks.bytes(block, bytes.length).set(bytes)
    this.#isSending = true
    proactor.send(this.#fd, block, 0, bytes.length, (sent) => {
      this.#isSending = false
      blocks.give(block)
      // A negative number is an error: the client has gone, and nobody reads these bytes.
      this.#waiting.drop(sent < 0 ? bytes.length : sent)
      this.#goOn()
    })
  }
}

accept()
for (;;) {
  proactor.wait()
  proactor.dispatch()
}

/**
 * A client that knows what it is owed: it sends a message, and returns the reply once all of it is
 * right.
 */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { Target } from './command.ts'
import { describeDifference, difference } from './difference.ts'
import { dueReply, type Protocol } from './due-reply.ts'

/** The server's answer is not what is due; the message tells the differing bytes. */
export class WrongReply extends Error {}

/** The server has said nothing for too long. */
class Silence extends Error {
  readonly code = 'ETIMEDOUT'
}

export interface EchoClientOptions extends Target {
  /** Gives up, everywhere. */
  readonly signal?: AbortSignal
  /** Milliseconds without a byte after which the connection is given up. */
  readonly timeout?: number
}

export class EchoClient implements Disposable {
  readonly #socket: Socket
  readonly #chunks: AsyncIterator<Buffer>
  readonly #protocol: Protocol
  #previous: Uint8Array | undefined

  private constructor(socket: Socket, protocol: Protocol) {
    this.#socket = socket
    this.#protocol = protocol
    this.#chunks = socket[Symbol.asyncIterator]()
    // An error between two calls is kept by the socket, and thrown by the next call.
    socket.on('error', () => {})
  }

  /** Rejects with Node's error if there is no connection to be had. */
  static async connect({
    protocol,
    timeout = 0,
    ...where
  }: EchoClientOptions): Promise<EchoClient> {
    const socket = connect({ ...where, allowHalfOpen: true, noDelay: true })
    socket.setTimeout(timeout, () => {
      socket.destroy(new Silence(`no byte for ${timeout / 1000} s`))
    })
    await once(socket, 'connect')
    return new EchoClient(socket, protocol)
  }

  /**
   * Sends `message` and resolves with the reply. Throws a WrongReply at the first byte that is not
   * due, or if the server ends the connection instead.
   */
  async ask(message: Uint8Array): Promise<Buffer> {
    const due = dueReply(this.#protocol, message, this.#previous)
    this.#previous = message
    this.#socket.write(message)
    let reply = Buffer.alloc(0)
    while (reply.length < due.length) {
      const { value: chunk, done } = await this.#chunks.next()
      if (done) throw new WrongReply(`closed after ${reply.length} of ${due.length} bytes`)
      reply = Buffer.concat([reply, chunk])
      const wrong = difference(due, reply)
      if (wrong) throw new WrongReply(describeDifference(wrong))
    }
    return reply
  }

  /**
   * Sends the FIN, and waits for the server's. Throws a WrongReply if more bytes come before it.
   */
  async end(): Promise<void> {
    this.#socket.end()
    const { value: chunk, done } = await this.#chunks.next()
    const more = done ? undefined : difference(Buffer.alloc(0), chunk)
    if (more) throw new WrongReply(`after the last reply, ${describeDifference(more)}`)
  }

  [Symbol.dispose](): void {
    this.#socket.destroy()
  }
}

/** A client that checks replies: it sends a message, and compares the reply with the one due. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { NOTHING } from '../servers/bytes/bytes.ts'
import type { Target } from './command.ts'
import { describeDifference, difference } from './difference.ts'
import { dueReply, type Protocol } from './due-reply.ts'

/** The reply differs from the one that is due; the error's message shows the bytes of both. */
export class WrongReply extends Error {
  /** The first bytes that the server has sent on this connection; empty if it has sent none. */
  readonly first: Uint8Array

  constructor(message: string, first: Uint8Array) {
    super(message)
    this.first = first
  }
}

/** What the server sent first to a client that failed with `error`; empty if that isn't known. */
export function firstBytes(error: unknown): Uint8Array {
  return error instanceof WrongReply ? error.first : NOTHING
}

/** The server has sent nothing for `timeout`. */
class Silence extends Error {
  readonly code = 'ETIMEDOUT'
}

export interface EchoClientOptions extends Target {
  /** Closes the connection; a pending call rejects. */
  readonly signal?: AbortSignal
  /** Milliseconds without a byte after which the connection is closed; 0 for no limit. */
  readonly timeout?: number
}

export class EchoClient implements Disposable {
  readonly #socket: Socket
  readonly #chunks: AsyncIterator<Buffer>
  readonly #protocol: Protocol
  #previous: Uint8Array | undefined
  #first: Uint8Array = NOTHING

  private constructor(socket: Socket, protocol: Protocol) {
    this.#socket = socket
    this.#protocol = protocol
    this.#chunks = socket[Symbol.asyncIterator]()
    // The socket keeps an error that happens between two calls; the next call throws it.
    socket.on('error', () => {})
  }

  /** Rejects with Node's error if the connect fails. */
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
   * Sends `message` and resolves with the reply. Rejects with a WrongReply at the first byte that
   * is not due, or if the server ends the connection too early.
   */
  async ask(message: Uint8Array): Promise<Buffer> {
    const due = dueReply(this.#protocol, message, this.#previous)
    this.#previous = message
    this.#socket.write(message)
    let reply = Buffer.alloc(0)
    while (reply.length < due.length) {
      const { value: chunk, done } = await this.#chunks.next()
      if (done) this.#fail(`closed after ${reply.length} of ${due.length} bytes`)
      reply = Buffer.concat([reply, chunk])
      if (this.#first.length === 0) this.#first = reply
      const wrong = difference(due, reply)
      if (wrong) this.#fail(describeDifference(wrong))
    }
    return reply
  }

  /** Sends the FIN and waits for the server's. Rejects with a WrongReply if a byte comes first. */
  async end(): Promise<void> {
    this.#socket.end()
    const { value: chunk, done } = await this.#chunks.next()
    const more = done ? undefined : difference(NOTHING, chunk)
    if (more) this.#fail(`after the last reply, ${describeDifference(more)}`)
  }

  #fail(message: string): never {
    throw new WrongReply(message, this.#first)
  }

  [Symbol.dispose](): void {
    this.#socket.destroy()
  }
}

/**
 * HTTP/1.1 as a conversation of bytes: the same echo, for any browser or HTTP client.
 *
 * A request with a body is answered with that body, one without with its path and a newline. What a
 * browser, curl or a load generator sends comes in here as chunks of a stream, and the replies go
 * out the same way; no model knows that it speaks HTTP.
 *
 * Left out, and what production would have: compression, ranges, a log, `Upgrade` (RFC 9110, 7.8,
 * lets a server ignore it), a limit to the time of a body (Node: 300 s, its head included), and a
 * body that is answered while it still comes. To hold a body until it is complete costs up to 1 MiB
 * a connection; in return, a client that leaves in the middle of its body gets no reply as if the
 * body were complete.
 */

import { NOTHING } from '../bytes/bytes.ts'
import { type Request, RequestReader } from './http-reader.ts'
import { Refusal } from './http-refusal.ts'
import { Replies } from './http-reply.ts'
import type { Session } from './session.ts'

/**
 * The most milliseconds that a head may take, as in nginx and Node. The idle timeout doesn't end a
 * client that sends a byte now and then; it ends one that stops.
 */
const HEAD_TIME = 60_000

export class HttpSession implements Session {
  finished = false
  readonly #requests = new RequestReader()
  /** When the head that still comes was begun, by `performance.now()`. */
  #headBegun: number | undefined

  receive(chunk: Uint8Array): Uint8Array {
    const replies = new Replies()
    try {
      this.#requests.feed(chunk)
      this.#answerAll(replies)
      this.#limitHead()
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      this.#refuse(replies, error)
    }
    return replies.bytes()
  }

  /**
   * A client that ends its stream within a request can still read, so it gets a refusal (RFC 9112,
   * 8); nginx would just close. Between two requests nothing is owed.
   */
  end(): Uint8Array {
    if (!this.#requests.midRequest) return NOTHING
    const replies = new Replies()
    this.#refuse(replies, new Refusal(400, 'the request is incomplete'))
    return replies.bytes()
  }

  #answerAll(replies: Replies): void {
    while (!this.finished) {
      const request = this.#requests.next()
      if (request === undefined) return
      this.#headBegun = undefined
      if (request === 'continue') replies.askForBody()
      else this.#answer(replies, request)
    }
  }

  #answer(replies: Replies, { head, body }: Request): void {
    const { connection } = head
    const headOnly = head.method === 'HEAD'
    this.finished = connection === 'close'
    if (body === undefined) {
      replies.ok({ body: `${head.path}\n`, contentType: 'text/plain', headOnly, connection })
    } else {
      const contentType = head.contentType ?? 'application/octet-stream'
      replies.ok({ body, contentType, headOnly, connection })
    }
  }

  /**
   * After the answers: a head that is complete is never too late, since it may have waited in the
   * kernel while the client did not take its replies.
   */
  #limitHead(): void {
    if (this.finished || !this.#requests.midHead) return
    const now = performance.now()
    this.#headBegun ??= now
    if (now - this.#headBegun > HEAD_TIME) throw new Refusal(408, 'a head may take 60 s')
  }

  #refuse(replies: Replies, refusal: Refusal): void {
    this.finished = true
    replies.refuse(refusal, this.#requests.isHead)
  }
}

/** Puts the parts of each request together, its body in memory. */
import { ByteQueue } from '../bytes/byte-queue.ts'
import { NOTHING } from '../bytes/bytes.ts'
import { RequestHead } from './http-head.ts'
import { RequestParser } from './http-parser.ts'

export interface Request {
  readonly head: RequestHead
  /** Undefined if the request has no body, which is not the same as an empty one. */
  readonly body: Uint8Array | undefined
}

export class RequestReader extends RequestParser {
  #head: RequestHead | undefined
  /** The last piece of the body, in the memory of the chunk, and a copy of those before it. */
  #piece: Uint8Array = NOTHING
  readonly #body = new ByteQueue()

  /**
   * The next request that is complete; `continue` if a client waits to be told to send its body;
   * undefined if more bytes are needed. Bodies may share memory with the chunk that was fed. Throws
   * a `Refusal`, after which nothing can be read any more.
   */
  next(): Request | 'continue' | undefined {
    for (;;) {
      const part = this.nextPart()
      if (part instanceof RequestHead) {
        if (part.framing === 'none') return { head: part, body: undefined }
        if (part.framing === 0) return { head: part, body: NOTHING }
        this.#head = part
        // No `continue` is needed if the body has begun to come (RFC 9110, 10.1.1).
        if (part.awaitsContinue && !this.hasMore) return 'continue'
      } else if (part === 'end') {
        return { head: this.#head!, body: this.#takeBody() }
      } else {
        // The memory of the chunk is not ours once it has been used up.
        if (this.#piece.length > 0) this.#body.push(this.#piece)
        this.#piece = part ?? NOTHING
        if (!part) return undefined
      }
    }
  }

  /** A body that lies entirely in one chunk, as small ones do, is not copied. */
  #takeBody(): Uint8Array {
    const last = this.#piece
    this.#piece = NOTHING
    this.#head = undefined
    if (this.#body.length === 0) return last
    this.#body.push(last)
    const body = this.#body.peek()
    this.#body.clear()
    return body
  }
}

/**
 * How does an application read the body of a request that is still on its way? Through a file whose
 * bytes the parser brings, part by part, when the application asks for them.
 */
import type { RequestParser } from '../protocol/http-parser.ts'
import { Refusal } from '../protocol/http-refusal.ts'
import { FileObject } from './file.ts'
import { call } from './greenlet.ts'
import { DONE, type Green } from './hub.ts'
import type { BodyReader } from './wsgi.ts'

const NOTHING = Buffer.alloc(0)
const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n'

/**
 * Bytes of a body that an application has left unread, and that the server reads for it, so that
 * the connection can be used again. With more than that, a new connection is cheaper.
 */
const MOST_UNREAD = 65536

/** What the body needs of its connection. */
export interface Inlet {
  /** The next bytes. After so many seconds, or at the end of the stream, it throws a Refusal. */
  receive(seconds: number, late: string): Green<Buffer>
  send(text: string): Green<void>
}

/** The body of one request: the parts that the parser makes of it, up to its end. */
export class RequestBody {
  readonly #parser: RequestParser
  readonly #inlet: Inlet
  /** True if the client waits to be told to send it (RFC 9110, 10.1.1). */
  #isAwaited: boolean
  #hasEnded = false
  /** What is wrong with it: nothing more of it can be read. */
  #refusal: Refusal | undefined
  /** Seconds that may still be spent on waiting for the client. */
  #patience: number

  /** @param isAwaited whether the client has sent `Expect: 100-continue` */
  constructor(parser: RequestParser, inlet: Inlet, isAwaited: boolean, bodyTime: number) {
    this.#parser = parser
    this.#inlet = inlet
    this.#isAwaited = isAwaited
    this.#patience = bodyTime
  }

  /** The next piece; none at the end of the body. Throws a Refusal if the client breaks a rule. */
  *recv(): Green<Buffer> {
    if (this.#refusal) throw this.#refusal
    try {
      return yield* this.#next()
    } catch (error) {
      if (error instanceof Refusal) this.#refusal = error
      throw error
    }
  }

  *#next(): Green<Buffer> {
    while (!this.#hasEnded) {
      const part = this.#parser.nextPart()
      if (part === undefined) {
        this.#parser.feed(yield* this.#more())
        continue
      }
      this.#isAwaited = false
      if (part instanceof Uint8Array) return Buffer.from(part.buffer, part.byteOffset, part.length)
      this.#hasEnded = true
    }
    return NOTHING
  }

  /** Belongs to what a file reads from. Nobody asks: there is nothing to wait for. */
  waitReadable(): Green<void> {
    return DONE
  }

  /**
   * The response begins: the client isn't told any more to send its body. True if nobody can know
   * where the next request begins: the client still waits for that, or has broken a rule.
   */
  answered(): boolean {
    const isUnclear = this.#refusal !== undefined || (this.#isAwaited && !this.#parser.hasMore)
    this.#isAwaited = false
    return isUnclear
  }

  /** Reads what the application has left. False if that is too much, or broken. */
  *drain(): Green<boolean> {
    try {
      for (let left = MOST_UNREAD; left >= 0; ) {
        const piece = yield* this.recv()
        if (piece.length === 0) return true
        left -= piece.length
      }
    } catch (error) {
      // The request has its response. Another one would be taken for that of the next request.
      if (!(error instanceof Refusal)) throw error
    }
    return false
  }

  *#more(): Green<Buffer> {
    if (this.#isAwaited) yield* this.#inlet.send(CONTINUE)
    this.#isAwaited = false
    const from = performance.now()
    const chunk = yield* this.#inlet.receive(this.#patience, 'the body took too long')
    this.#patience -= (performance.now() - from) / 1000
    return chunk
  }
}

/** The `wsgi.input` of a request with a body. */
export class BodyFile implements BodyReader {
  readonly #file: FileObject

  constructor(body: RequestBody) {
    this.#file = new FileObject(body, undefined)
  }

  read(size?: number): Green<Buffer> {
    return this.#file.read(size)
  }

  readline(size?: number): Green<Buffer> {
    return this.#file.readline(size)
  }

  *readlines(hint = Number.POSITIVE_INFINITY): Green<Buffer[]> {
    const lines: Buffer[] = []
    let total = 0
    do {
      const line = yield* this.readline()
      if (line.length === 0) break
      lines.push(line)
      total += line.length
    } while (total < hint)
    return lines
  }
}

/** The `wsgi.input` of all requests without a body. */
export const NO_BODY: BodyReader = {
  read: () => call(() => NOTHING),
  readline: () => call(() => NOTHING),
  readlines: () => call(() => []),
}

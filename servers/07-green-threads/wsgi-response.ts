/**
 * How does a server turn what an application says into a response that its client understands? By
 * choosing how the client will find the end of the body, before the first byte is sent:
 *
 *     the length is known                     Content-Length
 *     it is not, and the client speaks 1.1    chunks, the last of which is empty
 *     it is not, and the client speaks 1.0    the end of the connection
 *     HEAD, 204, 304                          there is no body
 */
import type { RequestHead } from '../protocol/http-head.ts'
import { type Persistence, statusLines } from '../protocol/http-reply.ts'
import { DONE, type Green } from './hub.ts'
import type { Header, Piece } from './wsgi.ts'
import { checkFields, type Fields } from './wsgi-fields.ts'

/** Pieces up to this size are copied to their head or their chunk, so that one write sends both. */
const SMALL = 65536

const DETACHED = 'the connection has been detached: the server sends nothing any more'

/** What a response needs of its connection. */
export interface Outlet {
  send(bytes: Uint8Array | string): Green<void>
  /** The head is about to be sent: what it has to say about the connection. */
  persistence(): Persistence
}

export class Response {
  /** Bytes of the body that were sent, without the chunks around them. */
  sent = 0
  headSent = false
  /** True once all of it was given to the connection. */
  isComplete = false
  /** What the head has said about the connection. */
  connection: Persistence
  /** Such as `200 OK`, for the log. */
  status = ''
  readonly #request: RequestHead
  readonly #outlet: Outlet
  #fields: Fields | undefined
  #framing: 'length' | 'chunked' | 'connection' | 'none' = 'none'
  #isDetached = false
  #length = 0

  constructor(request: RequestHead, outlet: Outlet) {
    this.#request = request
    this.#outlet = outlet
  }

  /** True if nothing but the end of the connection shows the client where the body ends. */
  get endsWithConnection(): boolean {
    return this.#framing === 'connection'
  }

  /** True if all was sent that can be, whatever the application still has. */
  get isBodiless(): boolean {
    return this.headSent && this.#framing === 'none'
  }

  /** What `startResponse` does. */
  start(status: string, headers: readonly Header[], excInfo: unknown): void {
    if (this.#isDetached) throw new Error(DETACHED)
    if (this.headSent && excInfo !== undefined) throw excInfo
    if (this.#fields && excInfo === undefined) {
      throw new Error('startResponse was called a second time without excInfo')
    }
    this.#fields = checkFields(status, headers)
    this.status = status
  }

  /** The application has taken the connection over. */
  detach(): void {
    if (this.headSent) throw new Error('the response has begun: the connection is not free')
    if (this.#isDetached) throw new Error(DETACHED)
    this.#isDetached = true
  }

  /** Sends a piece of the body, and before the first one that is not empty the head. */
  write(piece: Piece): Green<void> {
    const size = sizeOf(piece)
    if (size === 0) return DONE
    if (this.#isDetached) throw new Error(DETACHED)
    const head = this.headSent ? '' : this.#begin(size, false)
    return this.#put(head, piece, size, '')
  }

  /** Sends the last piece, which may be empty, and the end of the body. */
  finish(piece: Piece = ''): Green<void> {
    if (this.#isDetached) return DONE
    const size = sizeOf(piece)
    const head = this.headSent ? '' : this.#begin(size, true)
    const missing = this.#length - this.sent - size
    if (this.#framing === 'length' && missing > 0) {
      throw new Error(`the body is shorter than its Content-Length: ${missing} bytes are missing`)
    }
    const sending = this.#put(head, piece, size, this.#framing === 'chunked' ? '0\r\n\r\n' : '')
    this.isComplete = true
    return sending
  }

  /** Chooses the framing, now that there is something to send. Returns the head. */
  #begin(size: number, isWhole: boolean): string {
    const fields = this.#fields
    if (!fields) throw new Error('startResponse must be called before the first piece of the body')
    const { status, lines, length, hasDate } = fields
    const isEmptyStatus = status.startsWith('204') || status.startsWith('304')
    if (isEmptyStatus && size > 0) throw new Error(`a response with ${status} has no body`)
    const isHead = this.#request.method === 'HEAD'
    const known = length ?? (isWhole ? size : undefined)
    if (!isHead && !isEmptyStatus) this.#choose(known, size, isWhole)
    this.connection = this.endsWithConnection ? 'close' : this.#outlet.persistence()
    let head = hasDate ? `HTTP/1.1 ${status}\r\n${lines}` : statusLines(status) + lines
    // In reply to HEAD an empty body may only mean that the application knows HEAD as well.
    const isNews = length === undefined && !isEmptyStatus && (!isHead || size > 0)
    if (isNews && known !== undefined) head += `Content-Length: ${known}\r\n`
    if (this.#framing === 'chunked') head += 'Transfer-Encoding: chunked\r\n'
    if (this.connection) head += `Connection: ${this.connection}\r\n`
    return `${head}\r\n`
  }

  #choose(length: number | undefined, size: number, isWhole: boolean): void {
    if (length === undefined) {
      this.#framing = this.#request.version === 'HTTP/1.0' ? 'connection' : 'chunked'
      return
    }
    if (size > length || (isWhole && size < length)) {
      throw new Error(`the body has ${size} bytes, and its Content-Length is ${length}`)
    }
    this.#framing = 'length'
    this.#length = length
  }

  #put(head: string, piece: Piece, size: number, end: string): Green<void> {
    if (this.#framing === 'length' && this.sent + size > this.#length) {
      throw new Error(`the body is longer than its Content-Length: ${this.#length}`)
    }
    if (head !== '') this.headSent = true
    if (this.#framing === 'none') return head === '' ? DONE : this.#send(head, '', 0, '')
    this.sent += size
    const isChunk = this.#framing === 'chunked' && size > 0
    if (!isChunk) return this.#send(head, piece, size, end)
    return this.#send(`${head}${size.toString(16)}\r\n`, piece, size, `\r\n${end}`)
  }

  #send(before: string, piece: Piece, size: number, after: string): Green<void> {
    if (typeof piece === 'string' || size <= SMALL) {
      return this.#outlet.send(join(before, piece, size, after))
    }
    this.#outlet.send(Buffer.from(before, 'latin1'))
    const sending = this.#outlet.send(piece)
    return after === '' ? sending : this.#outlet.send(after)
  }
}

/** In bytes. */
function sizeOf(piece: Piece): number {
  if (typeof piece === 'string') return Buffer.byteLength(piece)
  if (piece instanceof Uint8Array) return piece.length
  throw new TypeError(`a piece of a body is text or bytes, not ${typeof piece}`)
}

/** A head has one character for each byte, a piece of text is UTF-8. */
function join(before: string, piece: Piece, size: number, after: string): Buffer {
  const bytes = Buffer.allocUnsafe(before.length + size + after.length)
  bytes.write(before, 0, 'latin1')
  if (typeof piece === 'string') bytes.write(piece, before.length)
  else bytes.set(piece, before.length)
  bytes.write(after, before.length + size, 'latin1')
  return bytes
}

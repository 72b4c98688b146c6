/**
 * Cuts a stream of bytes into requests, and each request into its parts: the head, the pieces of
 * the body, and the end. HTTP/1.1 is made of two things only: lines, and counted bytes between them.
 *
 *     state          reads                goes on with
 *     request line   a line               fields
 *     fields         up to an empty line  body, chunk size, or the next request line
 *     body           counted bytes        end
 *     chunk size     a line               chunk; trailers, if the size is 0
 *     chunk          counted bytes        chunk end
 *     chunk end      an empty line        chunk size
 *     trailers       up to an empty line  end
 *     end            nothing              request line
 *
 * A line or a body may come in any number of pieces, and a piece may hold thousands of requests.
 * What is refused, and at which byte, depends on the bytes alone and not on where they were cut.
 */
import { ByteQueue } from '../bytes/byte-queue.ts'
import { NOTHING } from '../bytes/bytes.ts'
import {
  MAX_TARGET,
  parseChunkSize,
  parseField,
  RequestHead,
  TARGET_TOO_LONG,
} from './http-head.ts'
import { Refusal, type RefusalStatus } from './http-refusal.ts'

/** A request without a body is its head alone. After any other head come pieces and `end`. */
export type Part = RequestHead | Uint8Array | 'end'

/** The most bytes that a body may have, where nothing else is said. */
export const MAX_BODY = 1024 * 1024
/** The most bytes of all fields of a request, or of all its trailers, with their empty line. */
export const MAX_FIELDS = 16 * 1024
/** The most bytes of all chunk extensions of a request: RFC 9112, 7.1.1, wants a limit. */
export const MAX_EXTENSIONS = 4 * 1024
/** Empty lines before a request: some clients send one too many after a body (RFC 9112, 2.2). */
export const MAX_EMPTY_LINES = 4

type LineState = 'request line' | 'fields' | 'chunk size' | 'chunk end' | 'trailers'
type State = LineState | 'body' | 'chunk' | 'end'

/** The most bytes that the lines of a state may have together, and the refusal of one more. */
const LIMITS: Record<LineState, readonly [bytes: number, RefusalStatus, message: string]> = {
  // The longest method, the version, two spaces and CRLF take 19 bytes; empty lines before, 8.
  'request line': [MAX_TARGET + 32, 414, TARGET_TOO_LONG],
  fields: [MAX_FIELDS, 431, `header fields may have ${MAX_FIELDS} bytes`],
  // The digits and CRLF take 18 bytes at most.
  'chunk size': [18 + MAX_EXTENSIONS, 413, `chunk extensions may have ${MAX_EXTENSIONS} bytes`],
  'chunk end': [2, 400, 'a chunk is longer than its size'],
  trailers: [MAX_FIELDS, 431, `trailer fields may have ${MAX_FIELDS} bytes`],
}

const CRLF = '\r\n'

export class RequestParser {
  /** True while the request that is being read is a HEAD, even if the rest is malformed. */
  isHead = false
  readonly #maxBody: number
  readonly #keepsFields: boolean
  #state: State = 'request line'
  #chunk: Uint8Array = NOTHING
  #at = 0
  /** The chunk as a string of one character per byte, made when a line is first searched in it. */
  #text: string | undefined
  /** What has come of an unfinished line. */
  readonly #line = new ByteQueue()
  #head: RequestHead | undefined
  /** Bytes that the lines of this state may still have. */
  #budget = LIMITS['request line'][0]
  #emptyLines = 0
  #extensions = 0
  /** Bytes of the body, or of the chunk, that have not come yet. */
  #missing = 0
  /** Bytes of the body, as its length or its chunks so far have announced them. */
  #size = 0

  /**
   * @param maxBody the most bytes that a body may have
   * @param keepsFields whether a head keeps all its fields, or only what the server itself needs
   */
  constructor(maxBody = MAX_BODY, keepsFields = false) {
    this.#maxBody = maxBody
    this.#keepsFields = keepsFields
  }

  /** Takes the next bytes of the stream; call it only when the earlier ones are used up. */
  feed(chunk: Uint8Array): void {
    this.#chunk = chunk
    this.#at = 0
  }

  /**
   * The next part of a request; undefined if more bytes are needed. Pieces of a body share memory
   * with the chunk that was fed. Throws a {@link Refusal}, after which nothing can be read any more.
   */
  nextPart(): Part | undefined {
    if (this.#state === 'end') return this.#end()
    while (this.#at < this.#chunk.length) {
      const counted = this.#state === 'body' || this.#state === 'chunk'
      const part = counted ? this.#takeBytes() : this.#takeLine()
      if (part) return part
    }
    // An idle connection must not keep the memory of its last chunk.
    this.#chunk = NOTHING
    this.#text = undefined
    return undefined
  }

  /** True if a part of the chunk has not been read yet. */
  get hasMore(): boolean {
    return this.#at < this.#chunk.length
  }

  /** Gives up: returns what is unread of the chunk, for somebody else to read. */
  rest(): Uint8Array {
    const rest = this.#chunk.subarray(this.#at)
    this.feed(NOTHING)
    return rest
  }

  /** True if a request has begun and is not complete. */
  get midRequest(): boolean {
    return this.#state !== 'request line' || this.#line.length > 0
  }

  /** True if it has begun, and its body, if it has one, has not. */
  get midHead(): boolean {
    return this.#state === 'fields' || (this.#state === 'request line' && this.midRequest)
  }

  #takeLine(): Part | undefined {
    const line = this.#readLine()
    if (line === undefined) return undefined
    switch (this.#state) {
      case 'request line':
        return this.#begin(line)
      case 'fields':
        if (line === CRLF) return this.#afterHead()
        this.#head!.addField(line)
        return undefined
      case 'chunk size':
        return this.#beginChunk(line)
      case 'chunk end':
        if (line !== CRLF) this.#refuseLength()
        return this.#enter('chunk size')
      default:
        // Trailers are checked and dropped. To merge them with the fields would let them change
        // what has been decided: RFC 9110, 6.5.1.
        if (line === CRLF) return this.#end()
        parseField(line)
        return undefined
    }
  }

  /** The next line up to its LF, not checked yet; undefined if the LF has not come yet. */
  #readLine(): string | undefined {
    this.#text ??= latin1(this.#chunk)
    const newline = this.#text.indexOf('\n', this.#at)
    const start = this.#at
    this.#at = newline < 0 ? this.#chunk.length : newline + 1
    const length = this.#line.length + this.#at - start
    if (length > this.#budget) this.#refuseLength()
    if (newline >= 0) this.#budget -= length
    if (newline >= 0 && this.#line.length === 0) return this.#text.slice(start, this.#at)
    this.#line.push(this.#chunk.subarray(start, this.#at))
    if (newline < 0) return undefined
    const line = latin1(this.#line.peek())
    this.#line.clear()
    return line
  }

  #refuseLength(): never {
    const [, status, message] = LIMITS[this.#state as LineState]
    throw new Refusal(status, message)
  }

  #begin(line: string): undefined {
    if (line === CRLF && this.#emptyLines++ < MAX_EMPTY_LINES) return
    this.isHead = line.startsWith('HEAD ')
    this.#head = new RequestHead(line, this.#keepsFields)
    this.#enter('fields')
  }

  #afterHead(): RequestHead {
    const head = this.#head!
    const framing = head.finish()
    // An idle connection must not keep a head either: a part of a string may keep the whole string.
    this.#head = undefined
    if (framing === 'none' || framing === 0) {
      this.#end()
      return head
    }
    this.#extensions = 0
    this.#size = 0
    if (framing === 'chunked') {
      this.#enter('chunk size')
    } else {
      this.#announce(framing)
      this.#state = 'body'
    }
    return head
  }

  #beginChunk(line: string): undefined {
    const { size, extensions } = parseChunkSize(line)
    this.#extensions += extensions
    if (this.#extensions > MAX_EXTENSIONS) this.#refuseLength()
    this.#announce(size)
    if (size === 0) this.#enter('trailers')
    else this.#state = 'chunk'
  }

  /** Counts the bytes that the client announces: too many are refused before the first has come. */
  #announce(bytes: number): void {
    this.#size += bytes
    if (this.#size > this.#maxBody) {
      throw new Refusal(413, `a body may have ${this.#maxBody} bytes`)
    }
    this.#missing = bytes
  }

  #takeBytes(): Uint8Array {
    const bytes = this.#chunk.subarray(this.#at, this.#at + this.#missing)
    this.#at += bytes.length
    this.#missing -= bytes.length
    if (this.#missing === 0) {
      if (this.#state === 'body') this.#state = 'end'
      else this.#enter('chunk end')
    }
    return bytes
  }

  #end(): 'end' {
    this.isHead = false
    this.#emptyLines = 0
    this.#enter('request line')
    return 'end'
  }

  #enter(state: LineState): undefined {
    this.#state = state
    this.#budget = LIMITS[state][0]
  }
}

/** A string of characters 0 to 255, one for each byte: bytes beyond ASCII keep their values. */
function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
}

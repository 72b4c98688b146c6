/**
 * The head of a request: the grammar of its lines, and what they mean together. RFC 9110 says what
 * a request means, RFC 9112 how it is written; each rule here names its section.
 *
 * Where the specifications let a server choose between repairing and refusing, this one refuses.
 * Two programs that repair differently see different requests in the same bytes.
 */
import { isIPv6 } from 'node:net'
import { Refusal } from './http-refusal.ts'
import type { Persistence } from './http-reply.ts'

/** The most bytes that a request target may have. */
export const MAX_TARGET = 16 * 1024
export const TARGET_TOO_LONG = `a target may have ${MAX_TARGET} bytes`

// The patterns below are the ABNF of the specifications, written so that no text can match in two
// ways: otherwise a text could make them backtrack for a very long time.
const TOKEN = String.raw`[!#$%&'*+\-.^_\`|~0-9A-Za-z]+` // RFC 9110, 5.6.2
const VALUE = String.raw`[!-~\x80-\xff]+(?:[ \t]+[!-~\x80-\xff]+)*` // RFC 9110, 5.5
const QUOTED = String.raw`"(?:[\t !#-[\]-~\x80-\xff]|\\[\t -~\x80-\xff])*"` // RFC 9110, 5.6.4
const PERCENT = '%[0-9A-Fa-f]{2}'
const PATH = charactersAnd(String.raw`[0-9A-Za-z\-._~!$&'()*+,;=:@/?]*`) // RFC 3986, 3.3 and 3.4
const NAME = charactersAnd(String.raw`[0-9A-Za-z\-._~!$&'()*+,;=]*`) // RFC 3986, 3.2.2
/** Two groups: the address in brackets, and the port, which {@link isAuthority} looks at. */
const AUTHORITY = String.raw`(?:\[([0-9A-Fa-f:.]+)\]|${NAME})(?::([0-9]*))?` // RFC 3986, 3.2

/** RFC 9112, 3: exactly one space between its three parts. */
const REQUEST_LINE = new RegExp(String.raw`^(${TOKEN}) ([!-~]+) HTTP/([0-9])\.([0-9])\r\n$`)
/** RFC 9112, 3.2.1. */
const ORIGIN_FORM = new RegExp(`^/${PATH}$`)
/** RFC 9112, 3.2.2, without an empty host (RFC 9110, 4.2.1) or user information (4.2.4). */
const ABSOLUTE_FORM = new RegExp(`^https?://(?!:|/|[?]|$)${AUTHORITY}((?:[/?]${PATH})?)$`, 'i')
/** RFC 9112, 5: no space before the colon, no line that continues the one before. */
const FIELD_LINE = new RegExp(String.raw`^(${TOKEN}):[ \t]*(?:(${VALUE})[ \t]*)?\r\n$`)
/** RFC 9110, 7.2. */
const HOST = new RegExp(`^${AUTHORITY}$`)
/**
 * RFC 9112, 7.1: digits without sign or prefix. A space before a semicolon is refused, as in Node;
 * the RFC calls it bad, but wants servers to tolerate it.
 */
const CHUNK_SIZE = new RegExp(
  String.raw`^([0-9A-Fa-f]{1,16})((?:;${TOKEN}(?:=(?:${TOKEN}|${QUOTED}))?)*)\r\n$`,
)
/** RFC 9110, 7.6.1: a list of tokens. */
const CLOSE = listWith('close')
const KEEP_ALIVE = listWith('keep-alive')
const CODING = new RegExp(String.raw`^[ \t]*(${TOKEN})[ \t]*$`)

/** Others get a 501: this server makes no tunnels, and keeps no resources to lock or search. */
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

/** How the end of the body is found: by its length or its chunks; `none` if there is no body. */
export type Framing = number | 'chunked' | 'none'

export class RequestHead {
  readonly method: string
  /** In origin-form: the path with its query, as it was sent; `*` for the server as a whole. */
  readonly path: string
  /** The value of the Content-Type field, if the request has one. */
  contentType: string | undefined
  /** How the end of the body is found, once the head is complete. */
  framing: Framing = 'none'
  readonly #minor: string
  readonly #fields: string[] | undefined
  #host: string | undefined
  #length: string | undefined
  #codings: string | undefined
  #connection: string | undefined
  #expectation: string | undefined

  /**
   * @param line the request line, its CRLF included
   * @param keepsFields whether to keep fields that this class does not need itself
   */
  constructor(line: string, keepsFields = false) {
    const parts = REQUEST_LINE.exec(line)
    if (!parts) throw new Refusal(400, 'malformed request line')
    const [, method = '', target = '', major, minor = ''] = parts
    // RFC 9110, 2.5: a higher minor version is understood as the highest one that we know.
    if (major !== '1') throw new Refusal(505, 'this server speaks HTTP/1.1')
    if (!METHODS.has(method)) throw new Refusal(501, 'unknown method')
    if (target.length > MAX_TARGET) throw new Refusal(414, TARGET_TOO_LONG)
    this.method = method
    this.#minor = minor
    this.path = originForm(method, target)
    this.#fields = keepsFields ? [] : undefined
  }

  /** Takes a field line, its CRLF included. */
  addField(line: string): void {
    const [name, value] = parseField(line)
    this.#fields?.push(name, value)
    switch (name.toLowerCase()) {
      case 'host':
        if (this.#host !== undefined) throw new Refusal(400, 'more than one Host')
        this.#host = value
        break
      case 'content-length':
        // Refused even if both are the same, as RFC 9110, 8.6, allows.
        if (this.#length !== undefined) throw new Refusal(400, 'more than one Content-Length')
        this.#length = value
        break
      case 'transfer-encoding':
        this.#codings = append(this.#codings, value)
        break
      case 'connection':
        this.#connection = append(this.#connection, value)
        break
      case 'expect':
        this.#expectation = append(this.#expectation, value)
        break
      case 'content-type':
        this.contentType = value
        break
    }
  }

  /** Checks the head as a whole, once its empty line has come; returns what body follows it. */
  finish(): Framing {
    this.#checkHost()
    this.#checkExpectation()
    this.framing = this.#framing()
    return this.framing
  }

  /** True if at least a byte of a body, or a chunk, follows the head. */
  get hasBody(): boolean {
    return this.framing !== 'none' && this.framing !== 0
  }

  /** All fields in the order in which they came, if they are kept: a name, its value, a name … */
  get fields(): readonly string[] {
    return this.#fields ?? []
  }

  /** As the client has sent it. */
  get version(): string {
    return `HTTP/1.${this.#minor}`
  }

  /** True if the client waits for permission to send its body (RFC 9110, 10.1.1). */
  get awaitsContinue(): boolean {
    return this.#expectation !== undefined && this.#minor !== '0'
  }

  /** RFC 9112, 9.3: HTTP/1.1 goes on unless told to close, HTTP/1.0 closes unless told to go on. */
  get connection(): Persistence {
    const options = this.#connection ?? ''
    if (CLOSE.test(options)) return 'close'
    if (this.#minor !== '0') return undefined
    return KEEP_ALIVE.test(options) ? 'keep-alive' : 'close'
  }

  /** RFC 9112, 3.2. */
  #checkHost(): void {
    if (this.#host === undefined && this.#minor !== '0') throw new Refusal(400, 'no Host')
    if (this.#host && !isAuthority(HOST.exec(this.#host))) {
      throw new Refusal(400, 'malformed Host')
    }
  }

  /**
   * RFC 9112, 6.3: where does this request end? Nearly all request smuggling begins with two
   * programs that give different answers.
   */
  #framing(): Framing {
    if (this.#codings !== undefined) return this.#chunked(this.#codings)
    if (this.#length === undefined) return 'none'
    if (!/^[0-9]+$/.test(this.#length)) throw new Refusal(400, 'malformed Content-Length')
    return Number(this.#length)
  }

  #chunked(list: string): 'chunked' {
    if (this.#length !== undefined) {
      throw new Refusal(400, 'both Content-Length and Transfer-Encoding')
    }
    if (this.#minor === '0') throw new Refusal(400, 'Transfer-Encoding in HTTP/1.0')
    const codings = list.split(',').map((each) => CODING.exec(each)?.[1]?.toLowerCase())
    // `chunked` must be last, so that it delimits the whole body, and can't be applied twice. Other
    // codings are not malformed, only unknown to this server (RFC 9112, 6.1).
    const place = codings.indexOf('chunked')
    const misplaced = place >= 0 && place < codings.length - 1
    if (misplaced || codings.includes(undefined)) {
      throw new Refusal(400, 'malformed Transfer-Encoding')
    }
    if (codings.length > 1 || place < 0) throw new Refusal(501, 'unknown transfer coding')
    return 'chunked'
  }

  /** RFC 9110, 10.1.1: there is only one expectation, and HTTP/1.0 does not have it. */
  #checkExpectation(): void {
    if (!this.awaitsContinue || this.#expectation!.toLowerCase() === '100-continue') return
    throw new Refusal(417, 'the one expectation is 100-continue')
  }
}

/** The name and the value of a field line, or of a line of the trailers. */
export function parseField(line: string): [name: string, value: string] {
  const parts = FIELD_LINE.exec(line)
  if (!parts) throw new Refusal(400, 'malformed header field')
  return [parts[1]!, parts[2] ?? '']
}

/** The size of a chunk in bytes, and the length of its extensions, which are ignored. */
export function parseChunkSize(line: string): { size: number; extensions: number } {
  const parts = CHUNK_SIZE.exec(line)
  if (!parts) throw new Refusal(400, 'malformed chunk size')
  return { size: Number.parseInt(parts[1]!, 16), extensions: parts[2]!.length }
}

/** RFC 9112, 3.2: a target has one of four forms; only CONNECT uses the authority-form. */
function originForm(method: string, target: string): string {
  if (ORIGIN_FORM.test(target)) return target
  if (target === '*' && method === 'OPTIONS') return target
  const absolute = ABSOLUTE_FORM.exec(target)
  if (!isAuthority(absolute)) throw new Refusal(400, 'malformed request target')
  const path = absolute[3]!
  // RFC 9112, 3.2.4: without a path, OPTIONS asks about the server.
  if (path === '') return method === 'OPTIONS' ? '*' : '/'
  return path.startsWith('/') ? path : `/${path}`
}

/** What the pattern of an authority leaves open: RFC 3986, 3.2.2. A port of TCP has 16 bits. */
function isAuthority(parts: RegExpExecArray | null): parts is RegExpExecArray {
  if (!parts) return false
  const [, address, port] = parts
  return (address === undefined || isIPv6(address)) && Number(port ?? 0) <= 65535
}

/** RFC 9110, 5.3: fields of the same name together are one list. */
function append(list: string | undefined, value: string): string {
  return list === undefined ? value : `${list},${value}`
}

function listWith(token: string): RegExp {
  return new RegExp(String.raw`(?:^|,)[ \t]*${token}[ \t]*(?:,|$)`, 'i')
}

/** A pattern for these characters and percent-encoded bytes, in any order. */
function charactersAnd(characters: string): string {
  return `${characters}(?:${PERCENT}${characters})*`
}

/**
 * What may an application put into the head of a response? Its status and its fields are checked
 * here (PEP 3333, "The start_response() Callable"). A line break in a value would let whoever has
 * chosen that value write a second response of their own.
 */
import type { Header } from './wsgi.ts'

/** The head of a response, as far as the application makes it. */
export interface Fields {
  readonly status: string
  /** The field lines, one character for each byte. */
  readonly lines: string
  /** The Content-Length, if there is one. */
  readonly length: number | undefined
  readonly hasDate: boolean
}

/** RFC 9112, 4. An interim status (1xx) is no response: the server sends those. */
const STATUS = /^[2-5][0-9]{2} [!-~\x80-\xff](?:[\t -~\x80-\xff]*[!-~\x80-\xff])?$/
/** RFC 9110, 5.1. */
const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
/** RFC 9110, 5.5. */
const VALUE = /^[\t -~\x80-\xff]*$/

/** They are about this connection, which is the server's (RFC 9110, 7.6.1; PEP 3333). */
const HOP_BY_HOP = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'trailers',
  'transfer-encoding',
  'upgrade',
]

/** The names that mean something to the server. */
const MEANINGS = new Map<string, 'hop-by-hop' | 'length' | 'date'>([
  ...HOP_BY_HOP.map((name) => [name, 'hop-by-hop'] as const),
  ['content-length', 'length'],
  ['date', 'date'],
])

/** Throws a TypeError for what is no text, and an Error for text that may not be sent. */
export function checkFields(status: string, headers: readonly Header[]): Fields {
  if (typeof status !== 'string') throw new TypeError(`the status is text, not ${typeof status}`)
  if (!STATUS.test(status)) throw new Error(`${quote(status)} is no status such as 200 OK`)
  if (!Array.isArray(headers)) throw new TypeError('the headers are an array of pairs')
  let lines = ''
  let length: number | undefined
  let hasDate = false
  for (const [name, value] of headers) {
    const meaning = meaningOf(name, value)
    if (meaning === 'length') length = lengthOf(status, value, length)
    if (meaning === 'date') hasDate = true
    lines += `${name}: ${value}\r\n`
  }
  return { status, lines, length, hasDate }
}

function meaningOf(name: string, value: string): 'length' | 'date' | undefined {
  if (typeof name !== 'string' || typeof value !== 'string') {
    throw new TypeError(`a header is a pair of texts, not ${typeof name} and ${typeof value}`)
  }
  if (!NAME.test(name)) throw new Error(`${quote(name)} is no name of a header`)
  if (!VALUE.test(value)) throw new Error(`${quote(value)} is no value of a header: ${name}`)
  const meaning = MEANINGS.get(name.toLowerCase())
  if (meaning === 'hop-by-hop') throw new Error(`${name} is the server's, not the application's`)
  return meaning
}

function lengthOf(status: string, value: string, before: number | undefined): number {
  if (before !== undefined) throw new Error('more than one Content-Length')
  if (!/^[0-9]{1,15}$/.test(value)) throw new Error(`${quote(value)} is no Content-Length`)
  // RFC 9110, 8.6. A 304 may say how long the body is that it does not send.
  if (status.startsWith('204')) throw new Error(`${status} has no Content-Length`)
  return Number(value)
}

/** In quotes, so that a line break is seen and not made. */
function quote(text: string): string {
  return JSON.stringify(text)
}

/** Good requests and their answers, exact to the byte except for the date. */
import { createSession } from '../../servers/protocol/protocols.ts'
import type { Session } from '../../servers/protocol/session.ts'

export interface Example {
  readonly rule: string
  /** One character for each byte. */
  readonly sent: string
  readonly answer: string
}

export function bytes(text: string): Buffer {
  return Buffer.from(text, 'latin1')
}

export function openSession(): Session {
  return createSession({ protocol: 'http', maxLine: 1 })
}

/** All replies to these chunks, one character for each byte, with the dates masked. */
export function answer(session: Session, chunks: readonly Uint8Array[]): string {
  const replies: string[] = []
  for (const chunk of chunks) {
    if (session.finished) break
    replies.push(Buffer.from(session.receive(chunk)).toString('latin1'))
  }
  return masked(replies.join(''))
}

export function masked(replies: string): string {
  return replies.replace(/Date: \w{3}, \d{2} \w{3} \d{4} \d{2}:\d{2}:\d{2} GMT\r\n/g, 'Date: *\r\n')
}

/** The answer to a request without a body. */
export function path(path: string, connection = ''): string {
  return reply('200 OK', 'text/plain', `${path}\n`, connection)
}

/** The answer to a request with a body. */
export function echo(body: string, type = 'application/octet-stream', connection = ''): string {
  return reply('200 OK', type, body, connection)
}

/** The last answer on a connection. */
export function refusal(status: string, message: string): string {
  return reply(status, 'text/plain', `${status}: ${message}\n`, CLOSE)
}

export const CLOSE = 'Connection: close\r\n'
const KEEP_ALIVE = 'Connection: keep-alive\r\n'
export const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n'

function reply(status: string, type: string, body: string, connection: string): string {
  const content = `Content-Type: ${type}\r\nContent-Length: ${body.length}\r\n`
  return `HTTP/1.1 ${status}\r\nDate: *\r\n${content}${connection}\r\n${body}`
}

/** A reply without its body, as for HEAD. */
export function headOf(reply: string): string {
  return reply.slice(0, reply.indexOf('\r\n\r\n') + 4)
}

export const GET = 'GET / HTTP/1.1\r\nHost: a\r\n'
export const POST = 'POST / HTTP/1.1\r\nHost: a\r\n'
export const NEXT = 'GET /next HTTP/1.1\r\nHost: a\r\n\r\n'
export const CHUNKED = `${POST}Transfer-Encoding: chunked\r\n\r\n`

export const ANSWERED: readonly Example[] = [
  ...rows('RFC 9112, 3: the request line', [
    ['GET /a/b?c=d&e HTTP/1.1\r\nHost: a\r\n\r\n', path('/a/b?c=d&e')],
    ['DELETE /a%20b;c=(d) HTTP/1.1\r\nHost: a\r\n\r\n', path('/a%20b;c=(d)')],
    ['HEAD /a HTTP/1.1\r\nHost: a\r\n\r\n', headOf(path('/a'))],
    ['GET / HTTP/1.2\r\nHost: a\r\n\r\n', path('/')],
    [`\r\n\r\n\r\n\r\n${NEXT}`, path('/next')],
    [`${GET}\r\n\r\n${NEXT}`, path('/') + path('/next')],
  ]),
  ...rows('RFC 9112, 3.2: forms of the target', [
    ['GET http://a:80/b?c HTTP/1.1\r\nHost: d\r\n\r\n', path('/b?c')],
    ['GET HTTPS://a HTTP/1.1\r\nHost: a\r\n\r\n', path('/')],
    ['GET http://[::1]:8881?b HTTP/1.1\r\nHost: a\r\n\r\n', path('/?b')],
    ['OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n', path('*')],
    ['OPTIONS http://a HTTP/1.1\r\nHost: a\r\n\r\n', path('*')],
  ]),
  ...rows('RFC 9110, 7.2: Host', [
    ['GET / HTTP/1.1\r\nHost:\r\n\r\n', path('/')],
    ['GET / HTTP/1.1\r\nhOST: [::1]:8881\r\n\r\n', path('/')],
    ...['a:65535', 'a:0', 'a:', 'a:00000080', '[::ffff:1.2.3.4]:', '1.2.3.4:80'].map(
      (host) => [`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`, path('/')] as const,
    ),
    ['GET / HTTP/1.0\r\n\r\n', path('/', CLOSE)],
  ]),
  ...rows('RFC 9112, 5: field lines', [
    [`${GET}X:\t a \t b\t \r\nY:\r\nZ: \xe4\xff\r\n\r\n`, path('/')],
    [`${POST}Content-Length: \t 2 \r\n\r\nhi`, echo('hi')],
    [`${GET}Connection: upgrade\r\nUpgrade: websocket\r\n\r\n${NEXT}`, path('/') + path('/next')],
  ]),
  ...rows('RFC 9112, 6: a body is echoed with its type', [
    [`${POST}Content-Length: 4\r\n\r\n\0\r\n\xff${NEXT}`, echo('\0\r\n\xff') + path('/next')],
    [`${POST}Content-Length: 0\r\n\r\n${NEXT}`, echo('') + path('/next')],
    [`${POST}Content-Length: 002\r\nContent-Type: a/b\xe4\r\n\r\nhi`, echo('hi', 'a/b\xe4')],
    [`${GET}Content-Length: 2\r\n\r\nhi`, echo('hi')],
    ['HEAD / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi', headOf(echo('hi'))],
    ['POST / HTTP/1.0\r\nContent-Length: 2\r\n\r\nhi', echo('hi', undefined, CLOSE)],
  ]),
  ...rows('RFC 9112, 7.1: chunks', [
    [
      `${CHUNKED}5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n${NEXT}`,
      echo('hello world') + path('/next'),
    ],
    [`${POST}Transfer-Encoding: CHUNKED\r\n\r\n0\r\n\r\n`, echo('')],
    [`${CHUNKED}00A\r\n0123456789\r\n000\r\n\r\n`, echo('0123456789')],
    [
      `${CHUNKED}a\r\n0\r\n\r\n0\r\n\r\n\r\n0\r\n\r\n${NEXT}`,
      echo('0\r\n\r\n0\r\n\r\n') + path('/next'),
    ],
    [`${CHUNKED}2;a;b=c;d="e\\"; "\r\nhi\r\n0;f\r\n\r\n`, echo('hi')],
    [`${CHUNKED}0\r\nConnection: close\r\nHost: b\r\nX:\r\n\r\n${NEXT}`, echo('') + path('/next')],
  ]),
  ...rows('RFC 9112, 9.3: persistence', [
    [`${GET}Connection: close\r\n\r\n${NEXT}`, path('/', CLOSE)],
    [`${GET}Connection: Keep-Alive\r\n\r\n${NEXT}`, path('/') + path('/next')],
    [`${GET}Connection: a ,\tCLOSE\r\n\r\n${NEXT}`, path('/', CLOSE)],
    [`${GET}Connection: keep-alive\r\nConnection: close\r\n\r\n${NEXT}`, path('/', CLOSE)],
    [`${GET}Connection: closed\r\n\r\n${NEXT}`, path('/') + path('/next')],
    ['GET / HTTP/1.0\r\nConnection: close, keep-alive\r\n\r\n', path('/', CLOSE)],
    [
      `GET / HTTP/1.0\r\n${KEEP_ALIVE}\r\nHEAD /a HTTP/1.0\r\n\r\n${NEXT}`,
      path('/', KEEP_ALIVE) + headOf(path('/a', CLOSE)),
    ],
  ]),
  ...rows('RFC 9110, 10.1.1: HTTP/1.0 has no expectations', [
    [
      'POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx',
      echo('x', undefined, CLOSE),
    ],
  ]),
]

export type Row = readonly [sent: string, answer: string]

function rows(rule: string, rows: readonly Row[]): Example[] {
  return rows.map(([sent, answer]) => ({ rule, sent, answer }))
}

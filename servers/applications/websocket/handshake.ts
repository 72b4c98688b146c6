/**
 * When may a request become a WebSocket? When it asks for one as RFC 6455, section 4.2.1, says, and
 * when the page that asks belongs to this site.
 */
import type { Environ, Header } from '../../07-green-threads/wsgi.ts'

/** What a client must ask for that wants to talk to this address: RFC 9110, section 15.5.22. */
const UPGRADE: readonly Header[] = [
  ['Upgrade', 'websocket'],
  ['Connection', 'Upgrade'],
  ['Sec-WebSocket-Version', '13'],
]

/** 16 bytes in base64. */
const KEY = /^[+/0-9A-Za-z]{22}==$/

/** The request becomes no WebSocket. Answer it with this status and these headers. */
export class HandshakeError extends Error {
  override readonly name = 'HandshakeError'
  readonly status: string
  readonly headers: readonly Header[]

  constructor(status: string, message: string, headers: readonly Header[] = []) {
    super(message)
    this.status = status
    this.headers = headers
  }
}

/**
 * Throws a HandshakeError if the request may not become a WebSocket.
 *
 * @param origins sites, such as `https://example.org`, whose pages may connect, besides our own
 */
export function checkHandshake(environ: Environ, origins: readonly string[] = []): void {
  const asks =
    tokens(environ.HTTP_CONNECTION).includes('upgrade') &&
    tokens(environ.HTTP_UPGRADE).includes('websocket') &&
    environ.SERVER_PROTOCOL !== 'HTTP/1.0'
  if (!asks)
    throw new HandshakeError('426 Upgrade Required', 'only WebSocket is served here', UPGRADE)
  if (environ.HTTP_SEC_WEBSOCKET_VERSION !== '13')
    throw new HandshakeError('426 Upgrade Required', 'only version 13 is spoken here', UPGRADE)
  if (environ.REQUEST_METHOD !== 'GET')
    throw new HandshakeError('405 Method Not Allowed', 'a WebSocket begins with GET', ALLOW)
  if (!KEY.test(environ.HTTP_SEC_WEBSOCKET_KEY ?? ''))
    throw bad('Sec-WebSocket-Key is not 16 bytes')
  if (!environ.HTTP_HOST) throw bad('Host is missing')
  // The bytes of a body would be taken for frames.
  if (hasBody(environ)) throw bad('a handshake has no body')
  if (!isWelcome(environ, origins))
    throw new HandshakeError('403 Forbidden', `pages of ${environ.HTTP_ORIGIN} may not connect`)
}

const ALLOW: readonly Header[] = [['Allow', 'GET']]

function bad(message: string): HandshakeError {
  return new HandshakeError('400 Bad Request', message)
}

/** The words of a header that is a list. Their case does not matter. */
function tokens(header = ''): string[] {
  return header.split(',').map((token) => token.trim().toLowerCase())
}

function hasBody(environ: Environ): boolean {
  return Number(environ.CONTENT_LENGTH || 0) > 0 || environ.HTTP_TRANSFER_ENCODING !== undefined
}

// #region origin
/**
 * A browser lets the page of any site open a WebSocket to ours, sends our cookies with it, and lets
 * that page read what comes: only we can refuse. It says truly which site the page is from. A client
 * that sends no Origin is no browser, has no cookies that aren't its own, and is let in.
 */
function isWelcome({ HTTP_ORIGIN: origin, HTTP_HOST: host }: Environ, origins: readonly string[]) {
  if (origin === undefined || origins.includes(origin)) return true
  return URL.canParse(origin) && new URL(origin).host === host?.toLowerCase()
}
// #endregion origin

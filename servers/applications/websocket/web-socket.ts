/**
 * How does an HTTP request become a WebSocket, and what ends it? The WSGI server gives the
 * connection away, and the greenlet of the request goes on as that of the WebSocket: it still has
 * its place in the pool, and closing time kills it.
 */
import type { IncomingMessage } from 'node:http'
import { type WebSocket, WebSocketServer } from 'ws'
import { type Green, GreenletExit } from '../../07-green-threads/gevent.ts'
import { checkCount, checkSeconds } from '../../07-green-threads/numbers.ts'
import type { Application, Environ } from '../../07-green-threads/wsgi.ts'
import { LINGER } from '../../protocol/conversation.ts'
import { statusLines } from '../../protocol/http-reply.ts'
import { GreenWebSocket, WebSocketClosed } from './green-web-socket.ts'
import { checkHandshake, HandshakeError } from './handshake.ts'

export { GreenWebSocket, WebSocketClosed }

export interface WebSocketOptions {
  /** The longest message that is taken from the client, in bytes: 1 MiB. */
  readonly maxPayload?: number
  /** Sites, such as `https://example.org`, whose pages may connect, besides this one. */
  readonly origins?: readonly string[]
  /**
   * Seconds of silence before a ping; seconds in which its pong must come, and in which the client
   * must take some of what is unsent: 20.
   */
  readonly pingInterval?: number
}

/** Talks to one client. The end of the function closes the WebSocket. */
export type Talk = (socket: GreenWebSocket, environ: Environ) => Green<void>

/** Codes of close frames: RFC 6455, section 7.4.1. */
const CODE = { normal: 1000, goingAway: 1001, internalError: 1011 }

/**
 * A fragment of a message keeps alive what it was read with, and Node reads up to 64 KiB at a time.
 * So one byte of a message, followed by 64 KiB of pongs, costs 64 KiB. 128 such fragments cost
 * 8 MiB, and are enough for 1 MiB in pieces of 8 KiB. A chunk is what one read has brought.
 */
const LIMITS = { maxFragments: 128, maxBufferedChunks: 8192 }

const DEFAULTS = { maxPayload: 2 ** 20, origins: [], pingInterval: 20 }

/** In seconds. */
const DAY = 24 * 3600

/** Milliseconds in which the client must answer a close frame. */
const CLOSE_PATIENCE = 5000

/**
 * Makes a WSGI application of a function that talks over a WebSocket. The client is told why it
 * ends: 1000 if the function returns, 1001 if the server closes, 1011 if the function throws.
 */
export function webSocket(talk: Talk, options: WebSocketOptions = {}): Application {
  const settings = { ...DEFAULTS, ...options }
  checkSettings(settings)
  return function* application(environ) {
    try {
      checkHandshake(environ, settings.origins)
    } catch (error) {
      if (!(error instanceof HandshakeError)) throw error
      return refuse(environ, error)
    }
    const socket = upgrade(environ, settings)
    if (socket) yield* converse(socket, () => talk(socket, environ))
  }
}

/** For `ws`, a length of 0 or of 2 GiB and more is no limit at all. */
function checkSettings({ maxPayload, pingInterval }: Required<WebSocketOptions>): void {
  checkCount(maxPayload, 1, 'bytes of a message')
  if (maxPayload >= 2 ** 31) throw new RangeError(`a message of ${maxPayload} bytes`)
  checkSeconds(pingInterval)
  if (pingInterval <= 0 || pingInterval > DAY)
    throw new RangeError(`a ping after ${pingInterval} seconds`)
}

function* converse(socket: GreenWebSocket, talk: () => Green<void>): Green<void> {
  let code = CODE.internalError
  try {
    yield* talk()
    code = CODE.normal
  } catch (error) {
    if (error instanceof GreenletExit) code = CODE.goingAway
    // It is no failure of the program that the client has left.
    if (!(error instanceof WebSocketClosed)) throw error
  } finally {
    yield* socket.close(code)
  }
}

/** Takes the connection over. Undefined if the client has left meanwhile. */
function upgrade(
  environ: Environ,
  { maxPayload, pingInterval }: Required<WebSocketOptions>,
): GreenWebSocket | undefined {
  const { socket, head } = environ['gevent.detach']()
  const limits = { ...LIMITS, maxPayload, closeTimeout: CLOSE_PATIENCE }
  const server = new WebSocketServer({ noServer: true, clientTracking: false, ...limits })
  let opened: GreenWebSocket | undefined
  server.handleUpgrade(asRequest(environ), socket, head, (ws: WebSocket) => {
    opened = new GreenWebSocket(ws, socket, pingInterval)
  })
  return opened
}

/** What `ws` looks at. No subprotocol and no extension is agreed on: it sees no offer of one. */
function asRequest(environ: Environ): IncomingMessage {
  const headers = {
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': environ.HTTP_SEC_WEBSOCKET_KEY,
  }
  return { method: 'GET', url: environ.PATH_INFO, headers } as IncomingMessage
}

/**
 * Answers on the socket itself: a refusal has fields about the connection, and WSGI leaves those to
 * the server. A close with unread input would send a reset, which may destroy the answer.
 */
function refuse(environ: Environ, { status, message, headers }: HandshakeError): void {
  const { socket } = environ['gevent.detach']()
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  const about = `Content-Type: text/plain\r\nContent-Length: ${message.length + 1}\r\n`
  const body = environ.REQUEST_METHOD === 'HEAD' ? '' : `${message}\n`
  socket.on('error', () => {})
  socket.end(`${statusLines(status)}${lines}${about}Connection: close\r\n\r\n${body}`, 'latin1')
  socket.resume()
  setTimeout(() => socket.destroy(), LINGER).unref()
}

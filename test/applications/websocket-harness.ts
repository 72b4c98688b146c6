/** WebSocket servers to test, and a client that sends whatever frames it is told to. */
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterEach, beforeEach, expect } from 'vitest'
import { type Green, hub, Pool, run } from '../../servers/07-green-threads/gevent.ts'
import { WSGIServer, type WSGIServerOptions } from '../../servers/07-green-threads/pywsgi.ts'
import type { Application } from '../../servers/07-green-threads/wsgi.ts'
import {
  type GreenWebSocket,
  type WebSocketOptions,
  webSocket,
} from '../../servers/applications/websocket/web-socket.ts'

export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const

const KEY = 'dGhlIHNhbXBsZSBub25jZQ=='

/** A server on a free port. Its pool holds one greenlet for each connection. */
export interface Served {
  readonly port: number
  readonly pool: Pool
  readonly stop: () => Promise<unknown>
}

const ends: (() => unknown)[] = []

/**
 * Stops the servers and closes the clients of a test, so that no test can hold up the next one. A
 * greenlet that has failed meanwhile, and that the test did not expect to, fails the test.
 */
export function closeAfterEach(): void {
  const failures: unknown[] = []
  beforeEach(() => {
    hub.handleError = (_context, error) => failures.push(error)
  })
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end()
    expect(failures.splice(0)).toEqual([])
  })
}

export async function serve(
  application: Application,
  options: WSGIServerOptions = {},
): Promise<Served> {
  const pool = new Pool(100)
  const server = new WSGIServer(['127.0.0.1', 0], application, { ...options, spawn: pool })
  await run(() => server.start())
  const stop = () => run(() => server.stop(0))
  ends.push(stop)
  return { port: server.serverPort, pool, stop }
}

export interface Frame {
  readonly fin: boolean
  readonly opcode: number
  readonly payload: Buffer
}

export interface FrameOptions {
  readonly fin?: boolean
  /** The three reserved bits: 4, 2 or 1, or a sum of these. */
  readonly reserved?: number
  readonly mask?: Buffer | undefined
  /** Instead of the true length. */
  readonly length?: number
}

/** The bytes of a frame: RFC 6455, section 5.2. */
export function frame(opcode: number, data: string | Uint8Array = '', options: FrameOptions = {}) {
  const {
    fin = true,
    reserved = 0,
    mask = 'mask' in options ? undefined : randomBytes(4),
  } = options
  const payload = Buffer.from(data as Uint8Array)
  const { length = payload.length } = options
  const first = (fin ? 0x80 : 0) | (reserved << 4) | opcode
  const masked = mask ? payload.map((byte, i) => byte ^ mask[i % 4]!) : payload
  const second = mask ? 0x80 : 0
  return Buffer.concat([Buffer.of(first), lengthOf(length, second), mask ?? Buffer.of(), masked])
}

function lengthOf(length: number, bit: number): Buffer {
  if (length < 126) return Buffer.of(bit | length)
  const bytes = Buffer.alloc(length < 65536 ? 3 : 9)
  bytes[0] = bit | (length < 65536 ? 126 : 127)
  if (length < 65536) bytes.writeUInt16BE(length, 1)
  else bytes.writeBigUInt64BE(BigInt(length), 1)
  return bytes
}

/** The payload of a close frame. */
export function closing(code: number, reason: string | Uint8Array = ''): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16BE(code)
  return Buffer.concat([bytes, Buffer.from(reason as Uint8Array)])
}

/** A client below the WebSocket: it sends bytes, and reads frames. */
export class RawClient {
  readonly socket: Socket
  readonly #chunks: AsyncIterator<Buffer>
  #bytes = Buffer.alloc(0)
  /** The head of the answer to the handshake. */
  head = ''

  private constructor(socket: Socket) {
    this.socket = socket
    this.#chunks = socket[Symbol.asyncIterator]() as AsyncIterator<Buffer>
    ends.push(() => socket.destroy())
    socket.on('error', () => {})
  }

  static async connect(port: number): Promise<RawClient> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    const client = new RawClient(socket)
    await once(socket, 'connect')
    return client
  }

  /** Connects, and opens a WebSocket; `after` is sent in the same packet as the handshake. */
  static async open(port: number, path = '/', after = Buffer.alloc(0)): Promise<RawClient> {
    const client = await RawClient.connect(port)
    client.socket.write(Buffer.concat([Buffer.from(handshake({}, path)), after]))
    await client.readHead()
    return client
  }

  async readHead(): Promise<string> {
    let end = -1
    while (end < 0) {
      end = this.#bytes.indexOf('\r\n\r\n')
      if (end < 0 && !(await this.#more())) throw new Error(`no head: ${this.#bytes}`)
    }
    this.head = this.#bytes.subarray(0, end).toString('latin1')
    this.#bytes = this.#bytes.subarray(end + 4)
    return this.head
  }

  send(opcode: number, data: string | Uint8Array = '', options: FrameOptions = {}): void {
    this.socket.write(frame(opcode, data, options))
  }

  /** The next frame; undefined at the end of the connection. */
  async next(): Promise<Frame | undefined> {
    if (!(await this.#have(2))) return undefined
    const [first, second] = this.#bytes as Iterable<number>
    const short = second! & 0x7f
    const start = short < 126 ? 2 : short === 126 ? 4 : 10
    await this.#have(start)
    const length = short < 126 ? short : Number(`0x${this.#bytes.toString('hex', 2, start)}`)
    if (!(await this.#have(start + length)))
      throw new Error('the end came in the middle of a frame')
    const payload = this.#bytes.subarray(start, start + length)
    this.#bytes = this.#bytes.subarray(start + length)
    return { fin: (first! & 0x80) !== 0, opcode: first! & 0x0f, payload }
  }

  /** All frames up to the end of the connection, each as its opcode and its payload. */
  async rest(): Promise<[opcode: number, payload: Buffer][]> {
    const frames: [number, Buffer][] = []
    for (let next = await this.next(); next; next = await this.next()) {
      frames.push([next.opcode, next.payload])
    }
    return frames
  }

  async #have(count: number): Promise<boolean> {
    while (this.#bytes.length < count) if (!(await this.#more())) return false
    return true
  }

  async #more(): Promise<boolean> {
    const { value, done } = await this.#chunks
      .next()
      .catch(() => ({ value: undefined, done: true }))
    if (value) this.#bytes = Buffer.concat([this.#bytes, value])
    return !done
  }
}

/** A handshake. Fields that are given replace those that it has; undefined leaves one out. */
export function handshake(
  fields: Readonly<Record<string, string | undefined>> = {},
  path = '/',
  method = 'GET',
): string {
  const all = {
    Host: 'example.org:8000',
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': KEY,
    ...fields,
  }
  const lines = Object.entries(all).filter(([, value]) => value !== undefined)
  return `${method} ${path} HTTP/1.1\r\n${lines.map(([k, v]) => `${k}: ${v}\r\n`).join('')}\r\n`
}

/** What the server must make of KEY: RFC 6455, section 4.2.2. */
export const ACCEPT = createHash('sha1')
  .update(`${KEY}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
  .digest('base64')

export function* echo(socket: GreenWebSocket): Green<void> {
  for (;;) {
    const message = yield* socket.receive()
    if (message === undefined) return
    yield* socket.send(message)
  }
}

/** A WebSocket between `talk` and a client. */
export async function open(
  talk: (socket: GreenWebSocket) => Green<void>,
  options?: WebSocketOptions,
) {
  const server = await serve(webSocket(talk, options))
  return { server, client: await RawClient.open(server.port) }
}

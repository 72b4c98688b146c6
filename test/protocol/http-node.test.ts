/**
 * The session and Node's HTTP, which has another parser: the session serves Node's client, and is
 * compared with Node's server.
 */
import { once } from 'node:events'
import { Agent, createServer as createHttpServer, type RequestOptions, request } from 'node:http'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { Duplex } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { setImmediate } from 'node:timers/promises'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { RequestReader } from '../../servers/protocol/http-reader.ts'
import { Refusal } from '../../servers/protocol/http-refusal.ts'
import { openSession } from './http-examples.ts'

describe("Node's client", () => {
  let server: Server
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })

  beforeAll(async () => {
    server = createServer({ allowHalfOpen: true }, (socket) => {
      const session = openSession()
      const say = (bytes: Uint8Array) => {
        if (bytes.length > 0) socket.write(bytes)
        if (session.finished) socket.end()
      }
      socket.on('data', (chunk) => session.finished || say(session.receive(chunk)))
      socket.on('end', () => socket.end(session.finished ? '' : session.end()))
      socket.on('error', () => {})
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
  })

  afterAll(async () => {
    agent.destroy()
    await new Promise((resolve) => server.close(resolve))
  })

  async function ask(options: RequestOptions, ...body: (string | Buffer)[]) {
    const { port } = server.address() as AddressInfo
    const asked = request({ host: '127.0.0.1', port, agent, ...options })
    for (const piece of body) asked.write(piece)
    asked.end()
    const [response] = await once(asked, 'response')
    const answered = await buffer(response)
    return { asked, status: response.statusCode, headers: response.headers, body: answered }
  }

  test('reads paths, and keeps its connection', async () => {
    const first = await ask({ path: '/a?b' })
    const second = await ask({ path: '/c' })
    expect(first.body.toString()).toBe('/a?b\n')
    expect(second.body.toString()).toBe('/c\n')
    expect(second.asked.reusedSocket).toBe(true)
    expect(new Date(first.headers.date!).getTime()).toBeGreaterThan(Date.now() - 60_000)
  })

  test('gets its bodies back, counted and chunked, and in many packets', async () => {
    const body = Buffer.from(Array.from({ length: 500_000 }, (_, i) => i % 251))
    const headers = { 'Content-Type': 'x/y', 'Content-Length': body.length }
    const counted = await ask({ method: 'POST', headers }, body)
    expect(counted.headers['content-type']).toBe('x/y')
    expect(counted.body.equals(body)).toBe(true)
    const chunked = await ask({ method: 'PUT' }, body.subarray(0, 3), body.subarray(3))
    expect(chunked.body.equals(body)).toBe(true)
  })

  test('gets a length without a body for HEAD', async () => {
    const { headers, body } = await ask({ method: 'HEAD', path: '/abc' })
    expect(headers['content-length']).toBe('5')
    expect(body).toHaveLength(0)
  })

  test('sends its body only after 100 Continue', async () => {
    const { port } = server.address() as AddressInfo
    const headers = { Expect: '100-continue', 'Content-Length': 2 }
    const asked = request({ host: '127.0.0.1', port, agent, method: 'POST', headers })
    asked.flushHeaders()
    await once(asked, 'continue')
    asked.end('hi')
    const [response] = await once(asked, 'response')
    expect((await buffer(response)).toString()).toBe('hi')
  })

  test('is told what is wrong, and that the connection ends', async () => {
    const headers = { 'Content-Length': 2 ** 20 + 1 }
    const { status, headers: answered, body } = await ask({ headers })
    expect(status).toBe(413)
    expect(answered.connection).toBe('close')
    expect(body.toString()).toBe('413 Content Too Large: a body may have 1048576 bytes\n')
  })
})

/** A request as both servers report it. As in Node, no body is the same as an empty one. */
interface Seen {
  readonly method: string
  readonly path: string
  readonly body: string | undefined
}

/** The requests that we answer until we refuse one, and the number of their bytes. */
function seenByUs(sent: Buffer): { seen: Seen[]; length: number } {
  const reader = new RequestReader()
  const seen: Seen[] = []
  let length = 0
  try {
    for (let at = 0; at < sent.length; at++) {
      reader.feed(sent.subarray(at, at + 1))
      const next = reader.next()
      if (next === undefined || next === 'continue') continue
      const { head, body = Buffer.alloc(0) } = next
      length = at + 1
      seen.push({ method: head.method, path: head.path, body: latin1(body) })
      if (head.connection === 'close') break
    }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
  }
  return { seen, length }
}

/** The requests that Node's server sees. Any duplex stream is a connection to it: no port. */
async function seenByNode(sent: Buffer): Promise<Seen[]> {
  const seen: Promise<Seen>[] = []
  const server = createHttpServer((request, response) => {
    const { method = '', url = '' } = request
    // Undefined if the request never becomes complete.
    const body = buffer(request).then(latin1, () => undefined)
    seen.push(body.then((body) => ({ method, path: url, body })))
    body.then(() => response.end())
  })
  const wire = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() })
  const closed = new Promise((resolve) => wire.on('error', () => {}).on('close', resolve))
  server.emit('connection', wire)
  wire.push(sent)
  // At the end of the stream Node drops the requests that its program has not read to their end.
  for (let turn = 0; turn < 3; turn++) await setImmediate()
  wire.push(null)
  await closed
  return Promise.all(seen)
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1')
}

describe('in comparison with Node', () => {
  const HEAD = 'GET / HTTP/1.1\r\nHost: a\r\n'
  const CHUNKED = 'Transfer-Encoding: chunked\r\n\r\n'
  const good = fc.constantFrom(
    ...['/a', '/b?c'].map((path) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`),
    ...[`${HEAD}\r\n`, `${HEAD}Content-Length: 5\r\n\r\nGET /`],
    `${HEAD}${CHUNKED}5\r\nGET /\r\n10;x=y\r\n0\r\n\r\nGET / HTTP/1\r\n0\r\nX: y\r\n\r\n`,
  )
  const spice = fc.constantFrom(
    ...[
      '\r\n',
      '\n',
      '\r',
      '\0',
      ' ',
      '\t',
      ':',
      ',',
      ';',
      '0',
      '5',
      '0x',
      '+',
      '-',
      '\x0b',
      '\xa0',
    ],
    ...['Content-Length: 5\r\n', 'Content-Length: 0\r\n', 'Transfer-Encoding: chunked\r\n'],
    ...['Transfer-Encoding: identity\r\n', 'chunked', 'Connection: close\r\n', '0\r\n\r\n'],
  )
  const edit = fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), drop: fc.nat(3), spice })
  const stream = fc
    .tuple(fc.array(good, { minLength: 1, maxLength: 3 }), fc.array(edit, { maxLength: 3 }))
    .map(([all, edits]) => edits.reduce(edited, all.join('')))

  function edited(text: string, { at, drop, spice }: { at: number; drop: number; spice: string }) {
    const start = Math.floor(at * text.length)
    return text.slice(0, start) + spice + text.slice(start + drop)
  }

  async function check(text: string): Promise<void> {
    const sent = Buffer.from(text, 'latin1')
    const { seen, length } = seenByUs(sent)
    expect(await seenByNode(sent.subarray(0, length))).toEqual(seen)
  }

  test('Node understands what we answer in the same way, however it is garbled', async () => {
    await fc.assert(fc.asyncProperty(stream, check), { numRuns: 2000 })
  })
})

/** Which requests become a WebSocket, and what the others are told. */
import { describe, expect, test } from 'vitest'
import { webSocket } from '../../servers/applications/websocket/web-socket.ts'
import {
  ACCEPT,
  closeAfterEach,
  frame,
  handshake,
  OPCODE,
  RawClient,
  serve,
} from './websocket-harness.ts'

closeAfterEach()

/** Sends `Hello`, and then ends. */
const hello = (origins: readonly string[] = []) =>
  webSocket(
    function* (socket) {
      const message = yield* socket.receive()
      yield* socket.send(`Hello, ${message}`)
    },
    { origins },
  )

async function headOf(request: string, origins?: readonly string[]): Promise<string[]> {
  const { port } = await serve(hello(origins))
  const client = await RawClient.connect(port)
  client.socket.write(request)
  const head = await client.readHead()
  return head.split('\r\n')
}

describe('a handshake is accepted', () => {
  test('with the answer that RFC 6455 asks for', async () => {
    const head = await headOf(handshake())
    expect(head[0]).toBe('HTTP/1.1 101 Switching Protocols')
    expect(head.slice(1).toSorted()).toEqual([
      'Connection: Upgrade',
      `Sec-WebSocket-Accept: ${ACCEPT}`,
      'Upgrade: websocket',
    ])
  })

  test.each([
    ['with several words in Connection', { Connection: 'keep-alive, upgrade' }],
    ['with words in capitals', { Connection: 'UPGRADE', Upgrade: 'WebSocket' }],
    ['with several protocols in Upgrade', { Upgrade: 'h2c, websocket' }],
    ['from a page of this site', { Origin: 'http://example.org:8000' }],
    ['from a page of this site behind a proxy with TLS', { Origin: 'https://example.org:8000' }],
    [
      'from a page of this site, in capitals',
      { Host: 'Example.ORG', Origin: 'http://example.org' },
    ],
    ['from a page of a site that is listed', { Origin: 'https://friend.example' }],
  ])('%s', async (_, fields) => {
    const [status] = await headOf(handshake(fields), ['https://friend.example'])
    expect(status).toBe('HTTP/1.1 101 Switching Protocols')
  })

  test('without a subprotocol or an extension, which it offers', async () => {
    const offers = {
      'Sec-WebSocket-Protocol': 'chat',
      'Sec-WebSocket-Extensions': 'permessage-deflate',
    }
    const head = await headOf(handshake(offers))
    expect(head[0]).toBe('HTTP/1.1 101 Switching Protocols')
    expect(head.join()).not.toMatch(/protocol:|extensions/i)
  })

  test('and what comes in the same packet is its first frame', async () => {
    const { port } = await serve(hello())
    const client = await RawClient.open(port, '/', frame(OPCODE.text, 'world'))
    expect(await client.next()).toMatchObject({ payload: Buffer.from('Hello, world') })
  })
})

describe('a handshake is refused', () => {
  const SEE_VERSION = /^Sec-WebSocket-Version: 13$/m
  const SEE_UPGRADE = /^Upgrade: websocket$/m

  test.each([
    [426, SEE_UPGRADE, 'without Upgrade', { Upgrade: undefined }],
    [426, SEE_UPGRADE, 'to another protocol', { Upgrade: 'h2c' }],
    [426, SEE_UPGRADE, 'with Upgrade, and nothing in Connection', { Connection: 'keep-alive' }],
    [426, SEE_VERSION, 'without a version', { 'Sec-WebSocket-Version': undefined }],
    [426, SEE_VERSION, 'of version 8', { 'Sec-WebSocket-Version': '8' }],
    [400, /./, 'without a key', { 'Sec-WebSocket-Key': undefined }],
    [400, /./, 'with a key of 15 bytes', { 'Sec-WebSocket-Key': btoa('a'.repeat(15)) }],
    [400, /./, 'with a key of 17 bytes', { 'Sec-WebSocket-Key': btoa('a'.repeat(17)) }],
    [400, /./, 'with a body', { 'Content-Length': '5' }],
    [403, /./, 'from a page of another site', { Origin: 'http://evil.example' }],
    [403, /./, 'from a page of another port', { Origin: 'http://example.org' }],
    [
      403,
      /./,
      'from a site with a name that begins alike',
      { Origin: 'http://example.org:8000.evil' },
    ],
    [403, /./, 'from a page in a sandbox', { Origin: 'null' }],
  ])('%i, matching %s: %s', async (code, field, _, fields) => {
    const head = await headOf(`${handshake(fields)}12345`, ['https://friend.example'])
    expect(head[0]).toMatch(new RegExp(`^HTTP/1.1 ${code} `))
    expect(head.join('\n')).toMatch(field)
  })

  test('405: by POST', async () => {
    const head = await headOf(handshake({ 'Content-Length': '0' }, '/', 'POST'))
    expect(head[0]).toBe('HTTP/1.1 405 Method Not Allowed')
    expect(head).toContain('Allow: GET')
  })
})

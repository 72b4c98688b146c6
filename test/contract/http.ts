/** The promises hold for any session: HTTP, asked by Node's client and by hand, over every model. */
import { Agent, type IncomingMessage, type RequestOptions, request } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { noise } from '../../clients/check/samples.ts'
import type { RunningServer } from '../../clients/launcher.ts'
import { ClientSession } from '../../clients/session.ts'
import { start, type Variant } from './variant.ts'

export function httpTests(variant: Variant): void {
  let server: RunningServer

  beforeAll(async () => {
    // IPv6 makes no difference to HTTP, and has to work with every model.
    server = await start(variant, ['--protocol', 'http', '--host', '::1'])
  })

  afterAll(() => server.kill())

  async function ask(options: RequestOptions, body?: Buffer) {
    const { address: host, port } = server.address
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      request({ host, port, ...options }, resolve)
        .on('error', reject)
        .end(body)
    })
    // The agent takes the socket back when all has been read.
    const { localPort } = response.socket
    return { response, localPort, body: await buffer(response) }
  }

  test('a path, and a body of a MiB, on one connection', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    try {
      const path = await ask({ agent, path: '/hello?x=1' })
      expect(path.response.statusCode).toBe(200)
      expect(path.body.toString()).toBe('/hello?x=1\n')
      const sent = noise(2 ** 20)
      const echo = await ask({ agent, path: '/', method: 'POST' }, sent)
      expect(echo.body.equals(sent)).toBe(true)
      const head = await ask({ agent, path: '/hello', method: 'HEAD' })
      expect(head.response.headers['content-length']).toBe('7')
      expect(head.body).toHaveLength(0)
      expect(head.localPort).toBe(path.localPort)
    } finally {
      agent.destroy()
    }
  })

  test('pipelined requests, cut anywhere, are answered in their order', async () => {
    using client = await ClientSession.connect(server.address)
    const paths = Array.from({ length: 100 }, (_, i) => `/request/${i}`)
    const sent = Buffer.from(
      paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: here\r\n\r\n`).join(''),
    )
    const replies = client.receiveAll()
    for (let at = 0; at < sent.length; at += 61) await client.send(sent.subarray(at, at + 61))
    client.end()
    const bodies = (await replies)
      .toString()
      .split('\n')
      .filter((line) => line.startsWith('/'))
    expect(bodies.map((body) => body.split('HTTP')[0])).toEqual(paths)
  })

  test('what is malformed is told so, and nothing behind it is answered', async () => {
    using client = await ClientSession.connect(server.address)
    await client.send(
      'GET / HTTP/1.1\r\nHost : here\r\n\r\nGET /more HTTP/1.1\r\nHost: here\r\n\r\n',
    )
    const reply = (await client.receiveAll()).toString()
    expect(reply).toMatch(/^HTTP\/1\.1 400 /)
    expect(reply).not.toContain('/more')
  })
}

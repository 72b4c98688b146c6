/** The WSGI programs as their clients see them. */
import { expect, test } from 'vitest'
import { ClientSession } from '../../clients/session.ts'
import { launchApp, urlOf } from './harness.ts'

test('hello: one piece, whose length is known', async () => {
  await using server = await launchApp('hello')
  const answer = await fetch(urlOf(server))
  expect(answer.status).toBe(200)
  expect(answer.headers.get('content-length')).toBe('19')
  expect(await answer.text()).toBe('<p>Hello World</p>\n')
})

test('streaming: a piece comes before the next one is made, and a cut body looks like one', async () => {
  await using server = await launchApp('streaming')
  const { body, headers } = await fetch(urlOf(server))
  expect(headers.get('transfer-encoding')).toBe('chunked')
  const pieces = body!.pipeThrough(new TextDecoderStream()).getReader()
  expect(await pieces.read()).toMatchObject({ value: '<p>Hello\n' })
  await server.kill()
  await expect(pieces.read()).rejects.toThrow()
})

test('streaming: to a client of HTTP/1.0 the end of the connection ends the body', async () => {
  await using server = await launchApp('streaming')
  using client = await ClientSession.connect(server.address)
  await client.send('GET / HTTP/1.0\r\n\r\n')
  const [head, body] = String(await client.receiveAll()).split('\r\n\r\n')
  expect(head).not.toMatch(/transfer-encoding|content-length/i)
  expect(body).toBe('<p>Hello\nWorld</p>\n')
})

test('request-local: each of two requests at a time has its own, a plain variable the last', async () => {
  await using server = await launchApp('request-local')
  using first = await ClientSession.connect(server.address)
  using second = await ClientSession.connect(server.address)
  const ask = async (client: ClientSession, path: string) => {
    await client.send(`GET ${path} HTTP/1.0\r\n\r\n`)
    return String(await client.receiveAll()).split('\r\n\r\n')[1]
  }
  const answers = await Promise.all([ask(first, '/first'), ask(second, '/second')])
  const hello = (path: string) => `Hello 127.0.0.1, you have asked for ${path}`
  expect(answers).toEqual([
    `${hello('/first')}\nA plain variable says: /second\n`,
    `${hello('/second')}\nA plain variable says: /second\n`,
  ])
})

/** What the clients say of a server that speaks something else: see clients/speaks.ts. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import type { AddressInfo, Server, Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { describe, expect, test } from 'vitest'
import { echo, Running, runClient, startServer, TestServer } from './support.ts'

const read = (name: string) => readFileSync(new URL(`../tls/${name}`, import.meta.url), 'utf8')

async function serve(server: Server): Promise<TestServer> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket.on('close', () => sockets.delete(socket)).on('error', () => {}))
  })
  server.on('tlsClientError', () => {}).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return new TestServer((server.address() as AddressInfo).port, async () => {
    const closed = once(server, 'close')
    server.close()
    for (const socket of sockets) socket.destroy()
    await closed
  })
}

const SERVERS = {
  TLS: () => {
    const identity = { cert: read('localhost.pem'), key: read('localhost.key') }
    return serve(createTlsServer(identity, echo('line')))
  },
  HTTP: () => serve(createHttpServer((_, response) => response.end('hello\n'))),
}

const COMMANDS = [
  [['lines']],
  [['lines', '--timeout', '0.5', 'a']],
  [['burst', '--clients', '3', '--messages', '1']],
  [['load', '--connections', '3', '--duration', '0.3']],
  [['load', '--connections', '3', '--duration', '0.3', '--io', 'node']],
  [['load', '--connections', '3', '--duration', '0.3', '--size', '2', '--stall', '0.5']],
]

describe.each(['TLS', 'HTTP'] as const)('a server that speaks %s is named', (name) => {
  test.each(COMMANDS)('%j', async (command) => {
    await using server = await SERVERS[name]()
    const { code, stderr } = await runClient([...command, '--port', server.port])
    expect(code).toBe(1)
    const errors = stderr.split('\n').filter((line) => line.startsWith('error: '))
    expect(errors).toEqual([expect.stringMatching(`the server seems to speak ${name}$`)])
  })
})

describe('talk', () => {
  test.each([
    ['that waits for the rest of a TLS record', 'a\n'],
    ['that closes at once', 'hello world\n'],
  ])('to a TLS server %s', async (_, line) => {
    await using server = await SERVERS.TLS()
    const running = new Running(['talk', '--port', `${server.port}`])
    running.child.stdin.write(line)
    expect(await running.end()).toBe(1)
    expect(running.stderr).toBe(
      `connected to 127.0.0.1:${server.port}\n` +
        'error: no byte has come: the server seems to speak TLS\n',
    )
  })

  test('a server that is slow is waited for', async () => {
    await using server = await startServer((socket) => {
      socket.once('data', (line) => setTimeout(() => socket.end(line), 4000))
    })
    const { code, stdout } = await runClient(['talk', '--port', server.port], 'hello\n')
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'hello\n' })
  })

  test('a server that closes without a byte is not suspected', async () => {
    await using server = await startServer((socket) => socket.on('data', () => socket.end()))
    const { code, stderr } = await runClient(['talk', '--port', server.port], 'hello\n')
    expect({ code, stderr }).toMatchObject({
      code: 0,
      stderr: `connected to 127.0.0.1:${server.port}\nclosed by the server\n`,
    })
  })
})

/** TLS: clients that leave in the handshake, and fatal errors after it, on every model with TLS. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect as connectTcp, type Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { launch, type RunningServer } from '../clients/launcher.ts'
import { ClientSession } from '../clients/session.ts'
import { MODELS } from '../servers/models.ts'

const [CERT, KEY] = ['tls/localhost.pem', 'tls/localhost.key'].map((name) =>
  fileURLToPath(new URL(name, import.meta.url)),
) as [string, string]
const TLS = ['--tls-cert', CERT, '--tls-key', KEY, '--protocol', 'line']
const ca = readFileSync(CERT, 'utf8')
/** The header of a handshake record, which announces more bytes than will come. */
const HEAD = Buffer.from('160301020001000100', 'hex')
const speakers = MODELS.filter(({ takes }) => takes.includes('tls'))

const opened: Socket[] = []
afterEach(() => {
  for (const socket of opened.splice(0)) socket.destroy()
})

/** A socket without TLS. */
function dial({ address: { address, port } }: RunningServer, allowHalfOpen: boolean): Socket {
  const socket = connectTcp({ host: address, port, allowHalfOpen }).on('error', () => {})
  opened.push(socket)
  return socket
}

/** How a client leaves in the middle of its handshake. */
const LEAVINGS: Record<string, (socket: Socket) => void> = {
  'with a FIN': (socket) => socket.end(),
  'with a FIN after half a hello': (socket) => socket.end(HEAD),
  'with a reset': (socket) => socket.write(HEAD, () => socket.resetAndDestroy()),
}

/** A client, after its handshake, and the socket below it: what is written there is plain. */
async function secure(server: RunningServer, options: ConnectionOptions = {}) {
  const below = dial(server, false)
  const pipe = Duplex.from({ readable: below, writable: below })
  const client = connectTls({ socket: pipe, ca, servername: 'localhost', ...options })
  for (const each of [pipe, client]) each.on('error', () => {})
  client.once('secureConnect', () => client.write('hello\n'))
  await once(client, 'data')
  return { client, below }
}

/** What ends a connection after its handshake, and the version of TLS in which it is tried. */
const FATAL: [string, 'TLSv1.2' | 'TLSv1.3', (below: Socket, client: TLSSocket) => void][] = (
  ['TLSv1.2', 'TLSv1.3'] as const
).flatMap((version) => [
  ['a line of plain text', version, (below) => below.write('GET / HTTP/1.0\r\n\r\n')],
  // The head of a record of application data, and a body that has the wrong tag.
  ['a broken record', version, (below) => below.write(`\x17\x03\x03\x00\x20${'x'.repeat(32)}`)],
])
FATAL.push([
  'a renegotiation',
  'TLSv1.2',
  (_, client) => {
    client.renegotiate({}, () => {})
  },
])

describe.each(speakers)('$id', ({ id }) => {
  describe('in the handshake', () => {
    test.each(Object.entries(LEAVINGS))(
      'clients that leave %s free their places at once',
      async (how, leave) => {
        const flags = [...TLS, '--max-connections', '2', '--json', '--verbose']
        await using server = await launch(id, flags)
        const from = performance.now()
        const ports: (number | undefined)[] = []
        const closed: Promise<unknown>[] = []
        for (let i = 0; i < 4; i++) {
          const socket = dial(server, true)
          await once(socket, 'connect')
          ports.push(socket.localPort)
          closed.push(once(socket, 'close'))
          leave(socket.resume())
        }
        using client = await ClientSession.connectTls(server.address, ca)
        expect((await client.ask('hello\n', 6)).toString()).toBe('hello\n')
        // A handshake that says nothing may take ten seconds.
        expect(performance.now() - from).toBeLessThan(5000)
        await Promise.all(closed)
        client.end()
        const { stderr } = await server.stop()
        // After a reset that came before it was accepted, the system doesn't know the peer.
        if (how === 'with a reset') return
        for (const port of ports) {
          expect(stderr).toContain(`{"event":"disconnected","address":"127.0.0.1","port":${port},`)
        }
      },
    )
  })

  describe('after the handshake', () => {
    let server: RunningServer

    beforeAll(async () => {
      server = await launch(id, TLS)
    })

    afterAll(() => server.kill())

    test.each(FATAL)('%s closes at once, %s', async (_, version, misbehave) => {
      using bystander = await ClientSession.connectTls(server.address, ca)
      const { client, below } = await secure(server, { maxVersion: version })
      const late = AbortSignal.timeout(5000)
      const alert = once(client, 'error', { signal: late }).then(String, String)
      // It may be closed by a reset: once('close') would reject then.
      const closed = new Promise((resolve, reject) => {
        below.once('close', resolve)
        late.addEventListener('abort', reject)
      })
      misbehave(below, client)
      await closed
      // In TLS 1.2 a client that renegotiates gets no alert: Node tells nobody but the server.
      if (version === 'TLSv1.3') expect(await alert).toContain('alert')
      expect((await bystander.ask('still here\n', 11)).toString()).toBe('still here\n')
    })
  })
})

/** TLS: a fatal error closes the connection at once, as RFC 8446, section 6.2, says. */
import { readFileSync } from 'node:fs'
import { connect as connectTcp, type Socket } from 'node:net'
import { Duplex } from 'node:stream'
import {
  type ConnectionOptions,
  connect as connectTls,
  createSecureContext,
  TLSSocket,
} from 'node:tls'
import { expect } from 'vitest'
import { noise } from '../../clients/check/samples.ts'
import {
  AsyncResult,
  createConnection,
  type Green,
  type GreenSocket,
  Listener,
  SSLSocket,
  StreamServer,
  sleep,
  spawn,
  wrapSocket,
} from '../../servers/07-green-threads/gevent.ts'
import { caught, green, watchFailures } from './green-harness.ts'
import { closeAfterEach, closeLater, LOOPBACK, MiB, recvAll } from './green-io-harness.ts'
import { dial, echo } from './green-server-spawn.ts'

const read = (name: string) => readFileSync(new URL(`../tls/${name}`, import.meta.url), 'utf8')
const [cert, key] = [read('localhost.pem'), read('localhost.key')]
const TRUSTED = { serverHostname: 'localhost', ca: cert }

closeAfterEach()
const seen = watchFailures()

/** A TLS client of Node's, and the socket below it: what is written there is sent without TLS. */
function secureClient(port: number, options: ConnectionOptions = {}): [TLSSocket, Socket] {
  const below = connectTcp(port, '127.0.0.1')
  const socket = Duplex.from({ readable: below, writable: below })
  const secure = connectTls({ socket, ca: cert, servername: 'localhost', ...options })
  for (const each of [below, socket, secure]) each.on('error', () => {})
  return [secure, below]
}

/** Serves one client that misbehaves after its handshake. Returns what its handler's wait throws. */
function* misbehaving(
  handle: (socket: GreenSocket) => Green<unknown>,
  misbehave: (secure: TLSSocket, below: Socket) => unknown,
  options: ConnectionOptions = {},
): Green<unknown> {
  const failure = new AsyncResult<unknown>()
  const closed = new AsyncResult<void>()
  function* watched(socket: GreenSocket): Green<void> {
    failure.set(yield* caught(() => handle(socket)))
    // The connection must be closed by now, and not only when its handler has ended.
    yield* closed.get()
  }
  const server = new StreamServer(LOOPBACK, watched, { key, cert, spawn: 1 })
  yield* server.start()
  const [secure, below] = secureClient(server.serverPort, options)
  below.on('close', () => closed.set())
  secure.once('data', () => misbehave(secure, below))
  secure.once('secureConnect', () => secure.write('hello'))
  try {
    yield* closed.get(2)
    return yield* failure.get(2)
  } finally {
    below.destroy()
    closed.set()
    yield* server.stop(0)
  }
}

function* answerOnce(socket: GreenSocket): Green<void> {
  yield* socket.sendall(yield* socket.recv(100))
}

/** Waits in another way than by `recv`. */
const HANDLERS: Record<string, (socket: GreenSocket) => Green<unknown>> = {
  recv: echo,
  sendall: function* (socket) {
    yield* answerOnce(socket)
    yield* socket.sendall(noise(16 * MiB))
  },
  'nothing of the socket': answerOnce,
}

const PLAIN = (_: TLSSocket, below: Socket) => below.write('GET / HTTP/1.0\r\n\r\n')
/** The head of a record of application data, and a body that has the wrong tag. */
const BROKEN = (_: TLSSocket, below: Socket) =>
  below.write(Buffer.concat([Buffer.from('1703030020', 'hex'), Buffer.alloc(32, 'x')]))

for (const [name, handle] of Object.entries(HANDLERS)) {
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    for (const [what, misbehave] of [
      ['a line of plain text', PLAIN],
      ['a broken record', BROKEN],
    ] as const) {
      green(`${maxVersion}: ${what} closes, while the handler waits for ${name}`, function* () {
        const failure = yield* misbehaving(handle, misbehave, { maxVersion })
        if (handle === answerOnce) expect(failure).toBe(undefined)
        else expect(String((failure as NodeJS.ErrnoException).code)).toMatch(/^ERR_SSL_/)
        expect(seen.failures).toEqual([])
      })
    }
  }
}

green('a client that asks for a renegotiation is closed', function* () {
  const closed = new AsyncResult<void>()
  let failure: unknown
  function* handle(socket: GreenSocket): Green<void> {
    failure = yield* caught(() => echo(socket))
    yield* closed.get()
  }
  const server = new StreamServer(LOOPBACK, handle, { key, cert, spawn: 1 })
  yield* server.start()
  const options = { ca: cert, servername: 'localhost', maxVersion: 'TLSv1.2' } as const
  const client = connectTls({ port: server.serverPort, ...options })
  client.on('error', () => {}).on('close', () => closed.set())
  client.once('data', () => client.renegotiate({}, () => {})).write('hello')
  yield* closed.get(2)
  expect(failure).toMatchObject({ code: 'ERR_TLS_RENEGOTIATION_DISABLED' })
  yield* server.stop(0)
})

green('the alert is sent before the close', function* () {
  const alert = new AsyncResult<Error>()
  yield* misbehaving(echo, (secure, below) => {
    secure.once('error', (error) => alert.set(error))
    BROKEN(secure, below)
  })
  expect(String(yield* alert.get(2))).toMatch(/alert bad record mac/)
})

green('a client closes too, and its recv throws', function* () {
  const listener = yield* Listener.listen(LOOPBACK)
  const dialing = spawn(() => createConnection(listener.getsockname()))
  yield* listener.waitAcceptable()
  const below = listener.acceptNowait()
  const closed = new AsyncResult<void>()
  // The FIN, or a reset if the client has not read all.
  for (const event of ['end', 'close']) below.on(event, () => closed.set())
  const socket = Duplex.from({ readable: below, writable: below }) as Socket
  const secureContext = createSecureContext({ key, cert })
  const server = new TLSSocket(socket, { isServer: true, secureContext })
  for (const each of [below, socket, server]) each.on('error', () => {})
  const client = closeLater(yield* wrapSocket((yield* dialing.get()) as GreenSocket, TRUSTED))
  const reading = spawn(() => caught(() => client.recv(1)))
  BROKEN(server, below)
  expect(yield* reading.get(2)).toMatchObject({ code: expect.stringMatching(/^ERR_SSL_/) })
  yield* closed.get(2)
  listener.close()
})

for (const ending of ['abort', 'close', 'detach'] as const) {
  green(`${ending} under a handshake that waits ends it with EBADF`, function* () {
    const listener = yield* Listener.listen(LOOPBACK)
    const client = yield* createConnection(listener.getsockname())
    const silent = closeLater(yield* listener.accept())
    const secure = closeLater(SSLSocket.client(client.detach(), TRUSTED))
    const handshake = spawn(() => caught(() => secure.doHandshake()))
    yield* sleep(0)
    const raw = ending === 'detach' ? secure.detach() : undefined
    if (ending !== 'detach') secure[ending]()
    expect(yield* handshake.get(2)).toMatchObject({ code: 'EBADF' })
    raw?.destroy()
    yield* silent.abort()
    listener.close()
  })
}

green('after close a send is refused, and the 8 MiB before it arrive', function* () {
  const owed = noise(8 * MiB)
  let refusal: unknown
  function* handle(socket: GreenSocket): Green<void> {
    socket.sendall(owed)
    const closing = socket.close()
    refusal = yield* caught(() => socket.sendall('late'))
    yield* closing
  }
  const server = new StreamServer(LOOPBACK, handle, { key, cert })
  yield* server.start()
  const client = closeLater(yield* wrapSocket(yield* dial(server), TRUSTED))
  expect((yield* recvAll(client)).equals(owed)).toBe(true)
  expect(refusal).toMatchObject({ code: 'EBADF' })
  yield* server.stop(0)
})

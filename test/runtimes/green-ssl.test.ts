/** TLS for green sockets, on both sides. */
import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import { noise } from '../../clients/check/samples.ts'
import {
  createConnection,
  type Green,
  type GreenSocket,
  Listener,
  SHUT_WR,
  SSLSocket,
  StreamServer,
  type StreamServerOptions,
  sleep,
  spawn,
  Timeout,
  wrapSocket,
} from '../../servers/07-green-threads/gevent.ts'
import { caught, green, watchFailures } from './green-harness.ts'
import { closeAfterEach, closeLater, LOOPBACK, MiB, recvAll } from './green-io-harness.ts'
import { ask, dial, echo } from './green-server-spawn.ts'

const certfile = fileURLToPath(new URL('../tls/localhost.pem', import.meta.url))
const keyfile = fileURLToPath(new URL('../tls/localhost.key', import.meta.url))
const cert = readFileSync(certfile, 'utf8')
const key = readFileSync(keyfile, 'utf8')
const TRUSTED = { serverHostname: 'localhost', ca: cert }

closeAfterEach()
const seen = watchFailures()

/** Runs `body` with a server that speaks TLS. */
function* serving(
  options: StreamServerOptions,
  body: (server: StreamServer) => Green<void>,
  handle: (socket: GreenSocket) => unknown = echo,
): Green<void> {
  const server = new StreamServer(LOOPBACK, handle, { key, cert, spawn: 10, ...options })
  yield* server.start()
  try {
    yield* body(server)
  } finally {
    yield* server.stop(0)
  }
}

function* dialTls(server: StreamServer): Green<SSLSocket> {
  return closeLater(yield* wrapSocket(yield* dial(server), TRUSTED))
}

green('a key with a certificate, as text or as files, turns TLS on', function* () {
  expect(new StreamServer(LOOPBACK, echo).sslEnabled).toBe(false)
  expect(new StreamServer(LOOPBACK, echo, { key, cert }).sslEnabled).toBe(true)
  expect(() => new StreamServer(LOOPBACK, echo, { key })).toThrow('certificate')
  expect(() => new StreamServer(LOOPBACK, echo, { certfile })).toThrow('key')
  const files = new StreamServer(LOOPBACK, echo, { keyfile, certfile })
  yield* files.start()
  expect(yield* ask(yield* dialTls(files), 'hello')).toBe('hello')
  yield* files.stop(0)
})

green('a client sees the version that was agreed on, and the certificate', function* () {
  yield* serving({}, function* (server) {
    const client = yield* dialTls(server)
    expect(client.version()).toBe('TLSv1.3')
    expect(client.getpeercert().subject.CN).toBe('localhost')
    expect(client.getpeername()).toEqual(server.address)
  })
})

green('8 MiB are echoed, and each direction ends by itself', function* () {
  yield* serving({}, function* (server) {
    const client = yield* dialTls(server)
    const sent = noise(8 * MiB)
    const sending = spawn(function* () {
      yield* client.sendall(sent)
      yield* client.shutdown(SHUT_WR)
    })
    expect((yield* recvAll(client)).equals(sent)).toBe(true)
    yield* sending.get()
  })
})

green('a peer that does not read makes the sender wait, and loses nothing', function* () {
  const sent = noise(16 * MiB)
  let isSent = false
  function* handle(socket: GreenSocket): Green<void> {
    yield* socket.sendall(sent)
    isSent = true
  }
  yield* serving(
    { highWater: 1000 },
    function* (server) {
      const client = yield* dialTls(server)
      yield* client.recv(1)
      yield* sleep(0.02)
      expect(isSent).toBe(false)
      expect(yield* recvAll(client)).toHaveLength(sent.length - 1)
    },
    handle,
  )
})

green('a client without TLS costs only its own connection, and is not reported', function* () {
  yield* serving({}, function* (server) {
    const good = yield* dialTls(server)
    const plain = yield* dial(server)
    yield* plain.sendall('GET / HTTP/1.0\r\n\r\n')
    yield* caught(() => recvAll(plain))
    expect(yield* ask(good, 'still here')).toBe('still here')
  })
  expect(seen.failures).toEqual([])
})

green('a handshake that stalls ends at its timeout, and holds up no other client', function* () {
  yield* serving({ handshakeTimeout: 0.1 }, function* (server) {
    const failed: unknown[] = []
    server.handshakeFailed = (_, error) => failed.push(error)
    const stalled = yield* dial(server)
    const truncated = yield* dial(server)
    // The header of a TLS record, which announces more bytes than will come.
    yield* truncated.sendall(Buffer.from('160301020001000100', 'hex'))
    yield* truncated.shutdown(SHUT_WR)
    expect(yield* ask(yield* dialTls(server), 'hello')).toBe('hello')
    for (const client of [stalled, truncated]) expect(yield* recvAll(client)).toHaveLength(0)
    const codes = [{ code: 'ECONNRESET' }, { code: 'ERR_TLS_HANDSHAKE_TIMEOUT' }]
    expect(failed).toMatchObject(codes)
  })
  expect(seen.failures).toEqual([])
})

green('a handshake takes a place in the pool, and the server goes on accepting', function* () {
  yield* serving({ spawn: 2 }, function* (server) {
    const stalled = yield* dial(server)
    expect(yield* ask(yield* dialTls(server), 'hello')).toBe('hello')
    expect(server.full()).toBe(true)
    yield* server.stop(0)
    yield* caught(() => recvAll(stalled))
  })
})

green('a peer that resets, in the handshake or later, gives its place back', function* () {
  yield* serving({ spawn: 1 }, function* (server) {
    const vanishing = yield* dial(server)
    yield* sleep(0.01)
    yield* vanishing.abort()
    const raw = yield* dial(server)
    const client = yield* wrapSocket(raw, TRUSTED)
    expect(yield* ask(client, 'hello')).toBe('hello')
    yield* client.abort()
    // The pool has one place: both have given it back.
    expect(yield* ask(yield* dialTls(server), 'next')).toBe('next')
  })
})

green('a client refuses a certificate that is unknown or for another host', function* () {
  yield* serving({}, function* (server) {
    const unknown = yield* dial(server)
    expect(yield* caught(() => wrapSocket(unknown, { serverHostname: 'localhost' }))).toMatchObject(
      { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
    )
    const another = yield* dial(server)
    expect(
      yield* caught(() => wrapSocket(another, { ...TRUSTED, serverHostname: 'example.org' })),
    ).toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' })
  })
})

green('a client’s handshake ends at its timeout, and when the server closes', function* () {
  const listener = yield* Listener.listen(LOOPBACK)
  const client = yield* createConnection(listener.getsockname())
  const silent = closeLater(yield* listener.accept())
  expect(yield* caught(() => wrapSocket(client, TRUSTED, 0.02))).toBeInstanceOf(Timeout)
  const second = yield* createConnection(listener.getsockname())
  const leaving = yield* listener.accept()
  const handshake = spawn(() => caught(() => wrapSocket(second, TRUSTED)))
  yield* sleep(0)
  yield* leaving.close()
  expect(yield* handshake.get()).toBeInstanceOf(Error)
  yield* silent.abort()
  listener.close()
})

green('a connection that began in plain text goes on in TLS, and drops no byte', function* () {
  const listener = yield* Listener.listen(LOOPBACK)
  const plain = yield* createConnection(listener.getsockname())
  const server = spawn(function* () {
    const client = yield* listener.accept()
    // The start of the handshake has come behind the text, and is read ahead.
    yield* sleep(0.02)
    expect((yield* client.recv(8)).toString()).toBe('STARTTLS')
    const secure = SSLSocket.server(client.detach(), createSecureContext({ key, cert }))
    yield* secure.doHandshake()
    yield* echo(secure)
    yield* secure.close()
  })
  yield* plain.sendall('STARTTLS')
  const secure = closeLater(yield* wrapSocket(plain, TRUSTED))
  expect(plain.closed).toBe(true)
  expect(yield* caught(() => plain.recv(1))).toMatchObject({ code: 'EBADF' })
  expect(yield* ask(secure, 'secret')).toBe('secret')
  yield* secure.close()
  yield* server.get()
  listener.close()
})

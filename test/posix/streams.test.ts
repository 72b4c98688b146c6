/** Bytes on a connection: how many are taken, how they arrive, and how a stream ends. */
import { once } from 'node:events'
import { connect } from 'node:net'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLOUT,
  SHUT_RD,
  SHUT_WR,
  WOULD_BLOCK,
} from '../../servers/posix/api.ts'
import { codeOf, describeBackends, duration, type Layer } from './layer.ts'

/** Bytes whose values depend on their places, so that a lost or moved one is found. */
function pattern(length: number): Buffer {
  return Buffer.from(Uint8Array.from({ length }, (_, i) => i * 31 + (i >> 8)))
}

/** Sends into a connection whose peer doesn't read until no more is taken; returns how much was. */
function fill(layer: Layer, fd: number): number {
  const chunk = pattern(65536)
  for (let total = 0; ; ) {
    const at = total % chunk.length
    const sent = layer.posix.send(fd, chunk.subarray(at))
    if (sent !== WOULD_BLOCK) total += sent
    // The host may still move bytes to the peer's buffer, which makes room again soon.
    else if (layer.poll(fd, POLLOUT, 100) === 0) return total
    expect(total, 'back pressure').toBeLessThan(64 * 2 ** 20)
  }
}

describeBackends('streams:', (layer) => {
  test('recv is WOULD_BLOCK before any byte comes, and 0 at the end of the stream', () => {
    const [client, server] = layer.pair()
    const buffer = new Uint8Array(8)
    expect(layer.posix.recv(server, buffer)).toBe(WOULD_BLOCK)
    layer.sendAll(client, Buffer.from('abc'))
    expect(layer.recv(server, buffer)).toBe(3)
    expect(layer.posix.recv(server, buffer)).toBe(WOULD_BLOCK)
    layer.close(client)
    expect(layer.recv(server, buffer)).toBe(0)
    expect(layer.posix.recv(server, buffer), 'and stays 0').toBe(0)
  })

  test('recv takes no more than fits, and leaves the rest', () => {
    const [client, server] = layer.pair()
    layer.sendAll(client, Buffer.from('abcdef'))
    const buffer = Buffer.alloc(4)
    expect(layer.recvExactly(server, 4).toString()).toBe('abcd')
    expect(layer.recv(server, buffer)).toBe(2)
    expect(buffer.toString('latin1', 0, 2)).toBe('ef')
  })

  test('an empty send sends nothing', () => {
    const [client, server] = layer.pair()
    expect(layer.posix.send(client, new Uint8Array(0))).toBe(0)
    expect(layer.poll(server, POLLIN)).toBe(0)
  })

  test('bytes sent before the FIN arrive before the end', () => {
    const [client, server] = layer.pair()
    layer.sendAll(client, Buffer.from('last words'))
    layer.close(client)
    expect(layer.recvExactly(server, 10).toString()).toBe('last words')
    expect(layer.recv(server)).toBe(0)
  })

  test('half-close: one direction ends, the other goes on', () => {
    const [client, server] = layer.pair()
    layer.posix.shutdown(client, SHUT_WR)
    expect(layer.recv(server)).toBe(0)
    layer.sendAll(server, Buffer.from('still here'))
    expect(layer.recvExactly(client, 10).toString()).toBe('still here')
    expect(codeOf(() => layer.posix.send(client, Buffer.from('x')))).toBe('EPIPE')
    layer.posix.shutdown(server, SHUT_WR)
    expect(layer.recv(client)).toBe(0)
    expect(layer.waitFor(client, POLLIN) & POLLHUP).toBe(POLLHUP)
  })

  test('SHUT_RD: recv ends, send goes on', () => {
    const [client, server] = layer.pair()
    layer.posix.shutdown(client, SHUT_RD)
    expect(layer.recv(client)).toBe(0)
    layer.sendAll(client, Buffer.from('x'))
    expect(layer.recvExactly(server, 1).toString()).toBe('x')
  })

  test('if the peer does not read, send takes a part, then no byte, then goes on', () => {
    const [client, server] = layer.pair()
    const total = fill(layer, client)
    const received = layer.recvExactly(server, total)
    const chunk = pattern(65536)
    for (let at = 0; at < total; at += chunk.length) {
      const part = received.subarray(at, at + chunk.length)
      expect(part.equals(chunk.subarray(0, part.length))).toBe(true)
    }
    layer.waitFor(client, POLLOUT)
    layer.sendAll(client, Buffer.from('resumed'))
    expect(layer.recvExactly(server, 7).toString()).toBe('resumed')
  })

  test('the smallest buffers still let all bytes through', () => {
    const [client, server] = layer.pair()
    for (const option of ['SO_SNDBUF', 'SO_RCVBUF'] as const) {
      layer.posix.setsockopt(client, option, 0)
      layer.posix.setsockopt(server, option, 0)
    }
    transfer(layer, client, server, { sends: [5000], recvs: [3000, 4000] })
    transfer(layer, server, client, { sends: [100_000], recvs: [65536] })
  })

  test('a blocking send waits for room, up to SO_SNDTIMEO', () => {
    const [client] = layer.pair('blocking')
    layer.posix.setsockopt(client, 'SO_SNDTIMEO', 0.05)
    const chunk = new Uint8Array(65536)
    let last = 0
    let waited = 0
    while (last !== WOULD_BLOCK) {
      waited = duration(() => {
        last = layer.posix.send(client, chunk)
      })
    }
    expect(waited).toBeGreaterThanOrEqual(49)
  })

  test('SO_LINGER 0: close sends a reset', () => {
    const [client, server] = layer.pair()
    layer.posix.setsockopt(client, 'SO_LINGER', 0)
    layer.close(client)
    expect(layer.waitFor(server, POLLIN) & (POLLERR | POLLHUP)).toBe(POLLERR | POLLHUP)
    expect(codeOf(() => layer.posix.recv(server, new Uint8Array(8)))).toBe('ECONNRESET')
    expect(layer.posix.recv(server, new Uint8Array(8)), 'told once').toBe(0)
    expect(codeOf(() => layer.posix.send(server, Buffer.from('x')))).toBe('EPIPE')
  })

  test('the error of a reset waits in SO_ERROR', () => {
    const [client, server] = layer.pair()
    layer.posix.setsockopt(client, 'SO_LINGER', 0)
    layer.close(client)
    layer.waitFor(server, POLLERR)
    expect(layer.posix.socketError(server)).not.toBe(0)
    expect(layer.posix.socketError(server)).toBe(0)
    expect(layer.posix.recv(server, new Uint8Array(8))).toBe(0)
  })

  test('clients that reset before they are accepted do no harm', async () => {
    const listener = layer.listener()
    const { port, address: host } = listener.address
    const clients = Array.from({ length: 100 }, () => {
      const client = connect({ port, host }, () => client.resetAndDestroy())
      return once(client, 'close')
    })
    await Promise.all(clients)
    for (;;) {
      const accepted = layer.posix.accept(listener.fd, 'nonblocking')
      if (!accepted) break
      layer.waitFor(layer.keep(accepted.fd), POLLIN)
      expect(codeOf(() => layer.posix.recv(accepted.fd, new Uint8Array(8)))).toBe('ECONNRESET')
    }
    layer.connect(listener.address)
    layer.accept(listener.fd)
  })

  test('bytes that came before a reset can still be read', () => {
    const [client, server] = layer.pair()
    layer.sendAll(client, Buffer.from('abc'))
    layer.waitFor(server, POLLIN)
    layer.posix.setsockopt(client, 'SO_LINGER', 0)
    layer.close(client)
    layer.waitFor(server, POLLERR)
    expect(layer.posix.recv(server, new Uint8Array(8))).toBe(3)
    expect(codeOf(() => layer.posix.recv(server, new Uint8Array(8)))).toBe('ECONNRESET')
  })

  test('close with unread bytes sends a reset', () => {
    const [client, server] = layer.pair()
    layer.sendAll(client, Buffer.from('unread'))
    layer.waitFor(server, POLLIN)
    layer.close(server)
    layer.waitFor(client, POLLIN)
    expect(codeOf(() => layer.posix.recv(client, new Uint8Array(8)))).toBe('ECONNRESET')
  })

  test('close with all bytes read sends a FIN', () => {
    const [client, server] = layer.pair()
    layer.sendAll(client, Buffer.from('read'))
    layer.recvExactly(server, 4)
    layer.close(server)
    expect(layer.recv(client)).toBe(0)
  })

  test('whatever the sizes of send and recv, the bytes arrive exactly', () => {
    // The sizes have one order of magnitude, so that no megabyte passes byte by byte.
    const plan = fc.constantFrom(1, 50, 5000).chain((unit) => {
      const size = fc.integer({ min: unit, max: 40 * unit })
      const sizes = fc.array(size, { minLength: 1, maxLength: 12 })
      return fc.record({ sends: sizes, recvs: sizes })
    })
    fc.assert(
      fc.property(plan, (sizes) => {
        const [client, server] = layer.pair()
        transfer(layer, client, server, sizes)
        layer.closeAll()
      }),
      { numRuns: 40 },
    )
  })
})

/** Sends chunks of the sizes `sends` and receives into buffers of the sizes `recvs`, in turn. */
function transfer(
  layer: Layer,
  from: number,
  to: number,
  { sends, recvs }: { sends: number[]; recvs: number[] },
): void {
  const bytes = pattern(sends.reduce((sum, size) => sum + size, 0))
  const received = Buffer.alloc(bytes.length)
  let sent = 0
  let got = 0
  for (let i = 0; got < bytes.length; i++) {
    const chunk = bytes.subarray(sent, sent + sends[i % sends.length]!)
    const took = chunk.length > 0 ? layer.posix.send(from, chunk) : 0
    if (took !== WOULD_BLOCK) sent += took
    if (took === WOULD_BLOCK || sent === bytes.length) layer.waitFor(to, POLLIN)
    const end = Math.min(got + recvs[i % recvs.length]!, received.length)
    const count = layer.posix.recv(to, received.subarray(got, end))
    if (count !== WOULD_BLOCK) got += count
  }
  expect(received.equals(bytes)).toBe(true)
}

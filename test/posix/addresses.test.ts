import { networkInterfaces } from 'node:os'
import { expect, test } from 'vitest'
import { type Address, POLLIN } from '../../servers/posix/api.ts'
import { codeOf, describeBackends, LOCALHOST, LOCALHOST6 } from './layer.ts'

const interfaces = Object.values(networkInterfaces()).flatMap((entries) => entries ?? [])
const hasIPv6 = interfaces.some((entry) => entry.address === '::1')
const linkLocal = interfaces.find((entry) => entry.address.startsWith('fe80:'))

describeBackends('addresses:', (layer) => {
  function echo(address: Address): void {
    const [client, server] = layer.pair('nonblocking', address)
    layer.sendAll(client, Buffer.from('ping'))
    expect(layer.recvExactly(server, 4).toString()).toBe('ping')
    layer.sendAll(server, Buffer.from('pong'))
    expect(layer.recvExactly(client, 4).toString()).toBe('pong')
  }

  test('bytes pass over IPv4', () => echo(LOCALHOST))

  test.skipIf(!hasIPv6)('bytes pass over IPv6', () => echo(LOCALHOST6))

  test.skipIf(!linkLocal)('bytes pass over a link-local address, which keeps its interface', () => {
    const { address, scopeid } = linkLocal as { address: string; scopeid: number }
    const full: Address = { family: 'IPv6', address: `${address}%${scopeid}`, port: 0 }
    echo(full)
    const [client, server] = layer.pair('nonblocking', full)
    expect(layer.posix.getpeername(client).address).toBe(full.address)
    expect(layer.posix.getpeername(server).address).toBe(full.address)
  })

  test('localhost is found by its name', () => {
    const found = layer.posix.getaddrinfo('localhost')
    expect(found.length).toBeGreaterThan(0)
    for (const { family, address } of found) {
      expect([LOCALHOST, LOCALHOST6].map((loop) => loop.address)).toContain(address)
      echo({ family, address, port: 0 })
    }
  })

  test('a numeric address is found as it is, and an unknown name is not found', () => {
    expect(layer.posix.getaddrinfo('127.0.0.1')).toEqual([{ family: 'IPv4', address: '127.0.0.1' }])
    expect(layer.posix.getaddrinfo('::1')).toEqual([{ family: 'IPv6', address: '::1' }])
    expect(() => layer.posix.getaddrinfo('no.such.name.invalid')).toThrow(/getaddrinfo no\.such/)
  })

  test.skipIf(!hasIPv6)('an error shows an IPv6 address in brackets', () => {
    const listener = layer.listener('nonblocking', LOCALHOST6)
    layer.close(listener.fd)
    const refused = layer.socket('blocking', 'IPv6')
    const { port } = listener.address
    expect(() => layer.posix.connect(refused, listener.address)).toThrow(`connect [::1]:${port}: `)
  })

  test('both ends know both addresses', () => {
    const listener = layer.listener()
    expect(listener.address.port).toBeGreaterThan(0)
    const client = layer.connect(listener.address)
    layer.waitFor(listener.fd, POLLIN)
    const accepted = layer.posix.accept(listener.fd, 'nonblocking')!
    const server = layer.keep(accepted.fd)
    expect(accepted.peer).toEqual(layer.posix.getsockname(client))
    expect(layer.posix.getpeername(server)).toEqual(accepted.peer)
    expect(layer.posix.getpeername(client)).toEqual(listener.address)
    expect(layer.posix.getsockname(server)).toEqual(listener.address)
  })

  test('a socket that is not bound has the address 0.0.0.0 and port 0', () => {
    const address = { family: 'IPv4', address: '0.0.0.0', port: 0 }
    expect(layer.posix.getsockname(layer.socket())).toEqual(address)
  })

  test.skipIf(!hasIPv6)('a listener on :: serves IPv4 too, unless IPV6_V6ONLY is set', () => {
    function listenOnAll(v6only: number): Address {
      const fd = layer.socket('nonblocking', 'IPv6')
      layer.posix.setsockopt(fd, 'IPV6_V6ONLY', v6only)
      layer.posix.bind(fd, { family: 'IPv6', address: '::', port: 0 })
      layer.posix.listen(fd, 8)
      return { ...LOCALHOST, port: layer.posix.getsockname(fd).port }
    }
    const client = layer.connect(listenOnAll(0))
    expect(layer.posix.getpeername(client).address).toBe('127.0.0.1')
    const refused = layer.socket('blocking')
    expect(codeOf(() => layer.posix.connect(refused, listenOnAll(1)))).toBe('ECONNREFUSED')
  })

  test('a client that is bound to an address connects from it', () => {
    const listener = layer.listener()
    const client = layer.socket('blocking')
    layer.posix.bind(client, { ...LOCALHOST, address: '127.0.0.2' })
    expect(layer.posix.connect(client, listener.address)).toBe(true)
    layer.waitFor(listener.fd, POLLIN)
    const { fd, peer } = layer.posix.accept(listener.fd, 'nonblocking')!
    layer.keep(fd)
    expect(peer.address).toBe('127.0.0.2')
  })
})

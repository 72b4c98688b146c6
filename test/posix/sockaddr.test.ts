import { SocketAddress } from 'node:net'
import { networkInterfaces } from 'node:os'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeSockaddr, encodeSockaddr, SOCKADDR_SIZE } from '../../servers/posix/sockaddr.ts'

const port = fc.nat(65535)
const ipv4 = fc.record({ family: fc.constant('IPv4' as const), address: fc.ipV4(), port })
const ipv6 = fc.record({ family: fc.constant('IPv6' as const), address: fc.ipV6(), port })

test('an IPv4 address is decoded as it was encoded', () => {
  fc.assert(
    fc.property(ipv4, (given) => {
      expect(decodeSockaddr(encodeSockaddr(given))).toEqual(given)
    }),
  )
})

test('an IPv6 address is decoded in its short form, whichever it had', () => {
  fc.assert(
    fc.property(ipv6, (given) => {
      const { address } = new SocketAddress({ family: 'ipv6', address: given.address })
      expect(decodeSockaddr(encodeSockaddr(given))).toEqual({ ...given, address })
    }),
  )
})

test('the number of an interface is kept', () => {
  const given = { family: 'IPv6', address: 'fe80::1%7', port: 80 } as const
  expect(decodeSockaddr(encodeSockaddr(given))).toEqual(given)
})

const [name, linkLocal] =
  Object.entries(networkInterfaces())
    .map(
      ([name, list]) => [name, list?.find((entry) => entry.address.startsWith('fe80:'))] as const,
    )
    .find(([, entry]) => entry) ?? []

test.skipIf(!linkLocal)('the name of an interface is turned into its number', () => {
  const { scopeid } = linkLocal as { scopeid: number }
  const given = { family: 'IPv6', port: 80 } as const
  const bytes = encodeSockaddr({ ...given, address: `fe80::1%${name}` })
  expect(decodeSockaddr(bytes).address).toBe(`fe80::1%${scopeid}`)
})

test('the bytes are those of ip(7) and ipv6(7)', () => {
  const bytes = encodeSockaddr({ family: 'IPv4', address: '1.2.3.4', port: 0x1234 })
  expect([...bytes.subarray(2)]).toEqual([0x12, 0x34, 1, 2, 3, 4, 0, 0, 0, 0, 0, 0, 0, 0])
  const six = encodeSockaddr({ family: 'IPv6', address: '::ffff:1.2.3.4', port: 0x1234 })
  expect(six).toHaveLength(SOCKADDR_SIZE)
  expect([...six.subarray(2, 4)]).toEqual([0x12, 0x34])
  expect([...six.subarray(18, 24)]).toEqual([255, 255, 1, 2, 3, 4])
})

test.each([
  '',
  '1.2.3',
  '1.2.3.4.5',
  '1.2.3.256',
  '1.2.3.-4',
  '1.2.3.x',
  '1..2.3',
  ' 1.2.3.4',
  '0x1.2.3.4',
])('%j is not an IPv4 address', (address) => {
  expect(() => encodeSockaddr({ family: 'IPv4', address, port: 0 })).toThrow(TypeError)
})

test.each(['', ':', ':::', '1::2::3', 'g::', '1:2:3:4:5:6:7', '127.0.0.1'])(
  '%j is not an IPv6 address',
  (address) => {
    expect(() => encodeSockaddr({ family: 'IPv6', address, port: 0 })).toThrow(TypeError)
  },
)

test('an unknown interface is an error', () => {
  const address = 'fe80::1%no-such-interface'
  expect(() => encodeSockaddr({ family: 'IPv6', address, port: 0 })).toThrow(/no interface/)
})

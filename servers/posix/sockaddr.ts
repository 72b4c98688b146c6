/**
 * `struct sockaddr_in` and `sockaddr_in6` as they lie in memory on Linux: ip(7), ipv6(7).
 *
 *     offset  0: family (native)   2: port (network order)   4: IPv4 address
 *             0: family            2: port   4: flow info    8: IPv6 address   24: scope id
 */
import { isIPv4, isIPv6, SocketAddress } from 'node:net'
import { endianness, networkInterfaces } from 'node:os'
import type { Address, Family } from './api.ts'

export const AF_INET = 2
export const AF_INET6 = 10

/** The larger of the two structs, in bytes. */
export const SOCKADDR_SIZE = 28

const LITTLE = endianness() === 'LE'

export function encodeSockaddr({ family, address, port }: Address): Uint8Array {
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    throw new RangeError(`port ${port} is not in 0…65535`)
  }
  const bytes = new Uint8Array(family === 'IPv4' ? 16 : SOCKADDR_SIZE)
  const view = new DataView(bytes.buffer)
  view.setUint16(0, family === 'IPv4' ? AF_INET : AF_INET6, LITTLE)
  view.setUint16(2, port)
  if (family === 'IPv4') bytes.set(parseIPv4(address), 4)
  else {
    const [host = '', zone] = address.split('%')
    bytes.set(parseIPv6(host), 8)
    view.setUint32(24, zone ? scopeId(zone) : 0, LITTLE)
  }
  return bytes
}

export function decodeSockaddr(bytes: Uint8Array): Address {
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  const port = view.getUint16(2)
  if (familyOf(view.getUint16(0, LITTLE)) === 'IPv4') {
    return { family: 'IPv4', address: bytes.subarray(4, 8).join('.'), port }
  }
  const groups = Array.from({ length: 8 }, (_, i) => view.getUint16(8 + 2 * i).toString(16))
  // SocketAddress writes an IPv6 address the short way, as inet_ntop(3) does.
  const { address } = new SocketAddress({ family: 'ipv6', address: groups.join(':') })
  const scope = view.getUint32(24, LITTLE)
  return { family: 'IPv6', address: scope ? `${address}%${scope}` : address, port }
}

function familyOf(number: number): Family {
  if (number === AF_INET) return 'IPv4'
  if (number === AF_INET6) return 'IPv6'
  throw new RangeError(`address family ${number} is neither AF_INET nor AF_INET6`)
}

function parseIPv4(address: string): Uint8Array {
  if (!isIPv4(address)) throw new TypeError(`${address} is not an IPv4 address`)
  return Uint8Array.from(address.split('.'), Number)
}

function parseIPv6(address: string): Uint8Array {
  if (!isIPv6(address)) throw new TypeError(`${address} is not an IPv6 address`)
  // The last group may be written as an IPv4 address: ::ffff:127.0.0.1.
  const text = address.replace(/[^:]+\.[^:]+$/, (dotted) => {
    const [a = 0, b = 0, c = 0, d = 0] = parseIPv4(dotted)
    return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`
  })
  const [head = '', tail] = text.split('::')
  const before = head ? head.split(':') : []
  const after = tail ? tail.split(':') : []
  const zeros = new Array<string>(8 - before.length - after.length).fill('0')
  const bytes = new Uint8Array(16)
  const view = new DataView(bytes.buffer)
  const groups = [...before, ...zeros, ...after]
  for (const [i, group] of groups.entries()) view.setUint16(2 * i, Number.parseInt(group, 16))
  return bytes
}

function scopeId(zone: string): number {
  const numeric = Number(zone)
  if (Number.isInteger(numeric)) return numeric
  // Addresses that are valid everywhere have scope id 0: look for one that is not.
  const found = networkInterfaces()[zone]?.find((entry) => entry.family === 'IPv6' && entry.scopeid)
  if (!found) throw new TypeError(`no interface ${zone}`)
  return found.scopeid ?? 0
}

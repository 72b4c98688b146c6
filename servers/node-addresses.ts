/** Addresses of node:net as the rest of the servers know them. */
import type { AddressInfo, Server, Socket } from 'node:net'
import type { Address } from './posix/api.ts'

/** Where a server listens. */
export function serverAddress(server: Server): Address {
  const { family, address, port } = server.address() as AddressInfo
  return { family: family === 'IPv6' ? 'IPv6' : 'IPv4', address, port }
}

/** Who is at the other end. All zero if the socket has been destroyed before it was asked. */
export function peerAddress(socket: Socket): Address {
  const { remoteFamily, remoteAddress = '', remotePort = 0 } = socket
  return {
    family: remoteFamily === 'IPv6' ? 'IPv6' : 'IPv4',
    address: remoteAddress,
    port: remotePort,
  }
}

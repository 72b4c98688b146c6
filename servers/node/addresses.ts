/** Addresses of node:net as the rest of the servers know them. */
import type { AddressInfo, Server, Socket } from 'node:net'
import type { Address } from '../posix/api.ts'

/** Where a server listens. */
export function serverAddress(server: Server): Address {
  const { family, address, port } = server.address() as AddressInfo
  return toAddress(family, address, port)
}

/** Who is at the other end. All zero if the socket has been destroyed before it was asked. */
export function peerAddress(socket: Socket): Address {
  return toAddress(socket.remoteFamily, socket.remoteAddress, socket.remotePort)
}

/** Its own end. All zero before it connects, and once it has been destroyed. */
export function localAddress(socket: Socket): Address {
  return toAddress(socket.localFamily, socket.localAddress, socket.localPort)
}

function toAddress(family?: string, address = '', port = 0): Address {
  return { family: family === 'IPv6' ? 'IPv6' : 'IPv4', address, port }
}

/** The addresses of node:net in the form that the servers use. */
import type { AddressInfo, Server, Socket } from 'node:net'
import type { Address } from '../posix/api.ts'

/** Where a server listens. */
export function serverAddress(server: Server): Address {
  const { family, address, port } = server.address() as AddressInfo
  return toAddress(family, address, port)
}

/** The peer's address. Empty, with port 0, if the socket has been destroyed already. */
export function peerAddress(socket: Socket): Address {
  return toAddress(socket.remoteFamily, socket.remoteAddress, socket.remotePort)
}

/** The socket's own address. Empty, with port 0, before it connects and when it is destroyed. */
export function localAddress(socket: Socket): Address {
  return toAddress(socket.localFamily, socket.localAddress, socket.localPort)
}

function toAddress(family?: string, address = '', port = 0): Address {
  return { family: family === 'IPv6' ? 'IPv6' : 'IPv4', address, port }
}

/** Where does a port listen? PosixPort and NodePort take the same options. */
import { isIPv6 } from 'node:net'
import type { Address } from '../posix/api.ts'
import type { Factory } from './interfaces.ts'

/** `port` 0: any free one. `backlog`: how many connections may wait in the kernel. */
export interface PortOptions {
  readonly port: number
  readonly factory: Factory
  readonly backlog: number
  readonly interfaceAddress: string
}

/** The address to bind; '' stands for all of IPv4, as in Twisted. */
export function listenAddress({ port, interfaceAddress }: PortOptions): Address {
  const address = interfaceAddress || '0.0.0.0'
  return { family: isIPv6(address) ? 'IPv6' : 'IPv4', address, port }
}

import { isIPv6 } from 'node:net'
import type { Address } from '../posix/api.ts'
import type { Factory } from './interfaces.ts'

/** Where a port listens, and the factory that builds its protocols. */
export interface PortOptions {
  readonly port: number
  readonly factory: Factory
  readonly backlog: number
  readonly interfaceAddress: string
}

/** The address to bind; '' stands for all of IPv4, as in the original. */
export function listenAddress({ port, interfaceAddress }: PortOptions): Address {
  const address = interfaceAddress || '0.0.0.0'
  return { family: isIPv6(address) ? 'IPv6' : 'IPv4', address, port }
}

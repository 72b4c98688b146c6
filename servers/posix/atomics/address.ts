/** Converts addresses between node:net and the socket layer. */
import { networkInterfaces } from 'node:os'
import type { Address } from '../api.ts'

/** The address of one end of a Node socket; undefined if Node doesn't know it. */
export function toAddress(address?: string, port?: number): Address | undefined {
  if (address === undefined || port === undefined) return undefined
  return { family: address.includes(':') ? 'IPv6' : 'IPv4', address, port }
}

/**
 * Node wants the name of an interface, `fe80::1%eth0`, where a sockaddr has its number,
 * `fe80::1%4`.
 */
export function toHost(address: string): string {
  const [host, zone] = address.split('%')
  if (zone === undefined) return address
  const named = Object.entries(networkInterfaces()).find(([, entries]) =>
    entries?.some((entry) => entry.family === 'IPv6' && entry.scopeid === Number(zone)),
  )
  return `${host}%${named?.[0] ?? zone}`
}

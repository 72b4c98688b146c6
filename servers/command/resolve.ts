/** From the text after `--host` to an address. */
import { lookup } from 'node:dns/promises'
import type { Address } from '../posix/api.ts'

/**
 * The first address of a host, by the system's resolver, getaddrinfo(3). Rejects with Node's error
 * if there is none; its `code` is `ENOTFOUND` or `EAI_AGAIN`.
 */
export async function resolveHost(host: string, port: number): Promise<Address> {
  const { address, family } = await lookup(host)
  return { address, family: family === 6 ? 'IPv6' : 'IPv4', port }
}

/** From the text after `--host` to an address. */
import { lookup } from 'node:dns/promises'
import { networkInterfaces } from 'node:os'
import type { Address } from '../posix/api.ts'
import { fail } from './cli.ts'

/**
 * The first address of a host, by the system's resolver, getaddrinfo(3). Rejects with an error like
 * Node's if there is none; its `code` is `ENOTFOUND` or `EAI_AGAIN`.
 */
export async function resolveHost(host: string, port: number): Promise<Address> {
  const { address, family } = await lookup(host)
  const [, zone] = address.split('%')
  if (zone !== undefined && !isZone(zone)) {
    throw Object.assign(new Error(`no interface ${zone}`), { code: 'ENOTFOUND' })
  }
  return { address, family: family === 6 ? 'IPv6' : 'IPv4', port }
}

/**
 * The address to bind, for a command that serves: if there is none, it ends with one line. A name
 * such as `localhost` stands for the first address it has.
 */
export async function addressToBind(host: string, port: number): Promise<Address> {
  try {
    return await resolveHost(host, port)
  } catch {
    fail(`${host} has no address: check --host`)
  }
}

/** A zone is the number or the name of an interface, one that has link-local addresses. */
function isZone(zone: string): boolean {
  const entries = networkInterfaces()[zone] ?? []
  return /^\d+$/.test(zone) || entries.some((entry) => entry.family === 'IPv6' && entry.scopeid > 0)
}

/** The cores that the servers and the load generator of a run were held to, in words. */
import type { Pinning } from '../document/document.ts'

/** `server on core 0, load generator on core 1, servers that can use several on cores 0, 2, 3`. */
export function describePinning(pinned: Pinning | null): string {
  if (!pinned) return 'server and load generator on any core'
  const { server, client, parallelServers: rest } = pinned
  const parallel = `core${rest.length === 1 ? '' : 's'} ${rest.join(', ')}`
  return `server on core ${server}, load generator on core ${client}, servers that can use several on ${parallel}`
}

/**
 * Server and load generator on a core each: then neither takes time from the other, and none is
 * moved about in the middle of a window.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import type { Pinning } from '../document/document.ts'

/**
 * Two cores of those that this process may use, not threads of the same one, and what else is left
 * for servers that can use more; null where there are none, or where there is no taskset(1) to hold
 * a process to them.
 */
export function choosePinning(): Pinning | null {
  if (process.platform !== 'linux' || spawnSync('taskset', ['--version']).error) return null
  const cpus = allowedCpus()
  const [server, ...others] = cpus
  if (server === undefined) return null
  const ofServer = siblingsOf(server)
  const client = others.find((cpu) => !ofServer.includes(cpu))
  if (client === undefined) return null
  const ofClient = siblingsOf(client)
  const parallelServers = cpus.filter((cpu) => !ofClient.includes(cpu))
  return { server, client, parallelServers }
}

/** `server on core 0, load generator on core 1, servers that can use several on cores 0, 2, 3`. */
export function describePinning(pinned: Pinning | null): string {
  if (!pinned) return 'server and load generator on any core'
  const { server, client, parallelServers: rest } = pinned
  const parallel = `core${rest.length === 1 ? '' : 's'} ${rest.join(', ')}`
  return `server on core ${server}, load generator on core ${client}, servers that can use several on ${parallel}`
}

/** `0-3,8` of proc_pid_status(5) as numbers. */
export function parseCpuList(list: string): number[] {
  return list
    .trim()
    .split(',')
    .flatMap((range) => {
      const [first = 0, last = first] = range.split('-').map(Number)
      return Array.from({ length: last - first + 1 }, (_, i) => first + i)
    })
}

function allowedCpus(): number[] {
  const status = readFileSync('/proc/self/status', 'latin1')
  const list = /^Cpus_allowed_list:\s+(\S+)$/m.exec(status)?.[1]
  return list === undefined ? [] : parseCpuList(list)
}

/** The hardware threads of the core that `cpu` is one of. */
function siblingsOf(cpu: number): number[] {
  const file = `/sys/devices/system/cpu/cpu${cpu}/topology/thread_siblings_list`
  try {
    return parseCpuList(readFileSync(file, 'latin1'))
  } catch {
    return [cpu]
  }
}

/**
 * Holds the server and the load generator to a core each: then neither takes CPU time from the
 * other, and the scheduler moves neither in the middle of a window.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import type { Pinning } from '../document/document.ts'

/**
 * Chooses two different cores of those that this process may use (not two hardware threads of one
 * core), and for servers that can use several all that are not the client's. Null if there are no
 * two such cores, or no taskset(1) to hold a process to them.
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

/** A list as in proc_pid_status(5), such as `0-3,8`, as numbers. */
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

/** All hardware threads of the core that `cpu` belongs to, `cpu` included. */
function siblingsOf(cpu: number): number[] {
  const file = `/sys/devices/system/cpu/cpu${cpu}/topology/thread_siblings_list`
  try {
    return parseCpuList(readFileSync(file, 'latin1'))
  } catch {
    return [cpu]
  }
}

/**
 * Server and load generator on a core each: then neither takes time from the other, and none is
 * moved about in the middle of a window.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

export interface Pinning {
  readonly server: number
  readonly client: number
}

/**
 * Two cores of those that this process may use, not threads of the same one; null where there are
 * none, or where there is no taskset(1) to hold a process to them.
 */
export function choosePinning(): Pinning | null {
  if (process.platform !== 'linux' || spawnSync('taskset', ['--version']).error) return null
  const [server, ...others] = allowedCpus()
  if (server === undefined) return null
  const siblings = siblingsOf(server)
  const client = others.find((cpu) => !siblings.includes(cpu))
  return client === undefined ? null : { server, client }
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

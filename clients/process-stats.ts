/** What a process has used, seen from outside, by its id. */
import { readFileSync } from 'node:fs'

/**
 * The CPU time that a process has used, in seconds, all its threads together, also those that have
 * ended. Undefined where it can't be measured (not Linux, or no koffi), and if there is no such
 * process.
 *
 * It is read from the process's own CPU clock, clock_getcpuclockid(3), which is exact.
 * /proc/PID/stat has the same in ticks of 10 ms, too coarse for a window of a second.
 */
export function cpuSeconds(pid: number): number | undefined {
  if (!clock) return undefined
  const id = new Int32Array(1)
  if (clock.getcpuclockid(pid, id) !== 0) return undefined
  const time = new BigInt64Array(2)
  // The process may have ended between the two calls: then its clock is gone.
  if (clock.gettime(id[0]!, time) !== 0) return undefined
  return Number(time[0]) + Number(time[1]) / 1e9
}

/**
 * The memory of a process that is in RAM, in bytes: VmRSS of proc_pid_status(5). Undefined where
 * there is no /proc, or no such process.
 */
export function residentBytes(pid: number): number | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'latin1')
    const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]
    return kibibytes === undefined ? undefined : Number(kibibytes) * 1024
  } catch {
    return undefined
  }
}

/** The two calls of the C library, if they can be had. */
const clock = await loadClock()

async function loadClock() {
  if (process.platform !== 'linux') return undefined
  try {
    const { default: koffi } = await import('koffi')
    const library = koffi.load(null)
    return {
      getcpuclockid: library.func('int clock_getcpuclockid(int pid, void *clock)'),
      gettime: library.func('int clock_gettime(int clock, void *time)'),
    }
  } catch {
    return undefined
  }
}

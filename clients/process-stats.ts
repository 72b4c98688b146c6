/** What a server has used, seen from outside, by its process id: all its processes together. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/**
 * The process and those of its descendants that run the same program, such as the workers of a
 * cluster. What else it has started is not the server: tsx has a compiler run for a while. Only
 * itself where there is no /proc/PID/task/TID/children, proc_pid_task(5).
 */
export function processTree(pid: number): number[] {
  const program = programOf(pid)
  const workers = childrenOf(pid).filter((child) => programOf(child) === program)
  return [pid, ...workers.flatMap(processTree)]
}

function programOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/exe`)
  } catch {
    return undefined
  }
}

function childrenOf(pid: number): number[] {
  try {
    const threads = readdirSync(`/proc/${pid}/task`)
    const lists = threads.map((thread) =>
      readFileSync(`/proc/${pid}/task/${thread}/children`, 'latin1'),
    )
    return lists.flatMap((list) => list.split(' ').filter(Boolean)).map(Number)
  } catch {
    return []
  }
}

/** Their CPU time in seconds, threads included. Undefined if there is no such process. */
export function cpuSeconds(pid: number): number | undefined {
  return sum(processTree(pid).map(cpuOf))
}

/** Their memory in RAM, in bytes; what they share is counted in each. */
export function residentBytes(pid: number): number | undefined {
  return sum(processTree(pid).map(residentOf))
}

/** Their threads. */
export function threadCount(pid: number): number | undefined {
  return sum(processTree(pid).map((one) => entriesOf(`/proc/${one}/task`)))
}

/** Their open file descriptors. */
export function descriptorCount(pid: number): number | undefined {
  return sum(processTree(pid).map((one) => entriesOf(`/proc/${one}/fd`)))
}

function entriesOf(folder: string): number | undefined {
  try {
    return readdirSync(folder).length
  } catch {
    return undefined
  }
}

/** Undefined if the first one is, which is the process that was asked for. */
function sum([first, ...others]: (number | undefined)[]): number | undefined {
  if (first === undefined) return undefined
  return others.reduce<number>((total, figure) => total + (figure ?? 0), first)
}

/**
 * The CPU time that a process has used, in seconds, all its threads together, also those that have
 * ended. Undefined where it can't be measured (not Linux, or no koffi), and if there is no such
 * process.
 *
 * It is read from the process's own CPU clock, clock_getcpuclockid(3), which is exact.
 * /proc/PID/stat has the same in ticks of 10 ms, too coarse for a window of a second.
 */
function cpuOf(pid: number): number | undefined {
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
function residentOf(pid: number): number | undefined {
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

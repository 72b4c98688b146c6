/** Measures a server from outside, by its process id: the sum over all its processes. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/**
 * The process and its descendants that run the same program, such as the workers of a cluster.
 * Other children are not the server: tsx starts a compiler for a while. Without
 * /proc/PID/task/TID/children, proc_pid_task(5), the process alone.
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

/** Seconds of CPU time of all processes of a server. Undefined if they can't be measured. */
export function cpuSeconds(pid: number): number | undefined {
  return sum(processTree(pid).map(cpuOf))
}

/**
 * The time in seconds for which the threads of all these processes were ready to run and had no
 * CPU: the second number of /proc/PID/task/TID/schedstat, see sched-stats.rst in the kernel's
 * documentation. Threads that have ended don't count. Undefined if the machine doesn't say.
 */
export function waitedSeconds(pid: number): number | undefined {
  return sum(processTree(pid).map(waitedOf))
}

/** CPU time of the whole machine since it started, in seconds. */
export interface MachineTime {
  /** Used by processes and by the kernel. */
  readonly busy: number
  /** Taken by the hypervisor for other machines, while this one wanted to run. */
  readonly stolen: number
}

/** From the first line of proc_stat(5), which counts in ticks of 10 ms. Undefined without /proc. */
export function machineTime(): MachineTime | undefined {
  const line = readText('/proc/stat')?.split('\n', 1)[0]
  if (line === undefined) return undefined
  const ticks = line.split(/ +/).slice(1).map(Number)
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = ticks
  return { busy: (user + nice + system + irq + softirq) / 100, stolen: steal / 100 }
}

function waitedOf(pid: number): number | undefined {
  try {
    const files = readdirSync(`/proc/${pid}/task`).map((id) => `/proc/${pid}/task/${id}/schedstat`)
    const waits = files.map((file) => Number(readText(file)?.split(' ')[1] ?? 0) / 1e9)
    return waits.reduce((a, b) => a + b, 0)
  } catch {
    return undefined
  }
}

/** Undefined if there is no such file. */
function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return undefined
  }
}

/** Bytes in RAM of all processes of a server; shared pages count once for each process. */
export function residentBytes(pid: number): number | undefined {
  return sum(processTree(pid).map(residentOf))
}

/**
 * Bytes in RAM that nobody would need without this server: what its processes have written, and
 * what they share with each other. The pages of files are left out, above all those of the program
 * `node` itself: all processes share them, and the kernel can take them back at any time. Undefined
 * if there is no such process, or no /proc.
 */
export function ownBytes(pid: number): number | undefined {
  return sum(processTree(pid).map(ownOf))
}

/** Threads of all processes of a server. Undefined if there is no such process, or no /proc. */
export function threadCount(pid: number): number | undefined {
  return sum(processTree(pid).map((one) => entriesOf(`/proc/${one}/task`)))
}

/** Open descriptors of all of them. Undefined if there is no such process, or no /proc. */
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

/** Undefined if the first figure is: it belongs to the process that was asked for. */
function sum([first, ...others]: (number | undefined)[]): number | undefined {
  if (first === undefined) return undefined
  return others.reduce<number>((total, figure) => total + (figure ?? 0), first)
}

/**
 * The CPU time of a process in seconds, all threads together, ended ones included. Undefined if
 * there is no such process, or on a machine that can't measure it: not Linux, or no koffi.
 *
 * The source is the CPU clock of the process, clock_getcpuclockid(3), which is exact.
 * /proc/PID/stat counts in ticks of 10 ms, too coarse for a window of a second.
 */
function cpuOf(pid: number): number | undefined {
  if (!clock) return undefined
  const id = new Int32Array(1)
  if (clock.getcpuclockid(pid, id) !== 0) return undefined
  const time = new BigInt64Array(2)
  // Fails if the process has ended between the two calls.
  if (clock.gettime(id[0]!, time) !== 0) return undefined
  return Number(time[0]) + Number(time[1]) / 1e9
}

/** VmRSS of proc_pid_status(5), in bytes. Undefined if there is no such process, or no /proc. */
function residentOf(pid: number): number | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'latin1')
    const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]
    return kibibytes === undefined ? undefined : Number(kibibytes) * 1024
  } catch {
    return undefined
  }
}

/**
 * From smaps_rollup of proc_pid_smaps(5), which counts page by page. A page that several processes
 * share counts as a part for each. The counters in proc_pid_status(5) lag behind.
 */
function ownOf(pid: number): number | undefined {
  const parts = readText(`/proc/${pid}/smaps_rollup`)?.matchAll(
    /^Pss_(?:Anon|Shmem):\s+(\d+) kB$/gm,
  )
  return parts && [...parts].reduce((total, [, kibibytes]) => total + Number(kibibytes) * 1024, 0)
}

/** Two calls of the C library; undefined if this machine doesn't have them. */
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

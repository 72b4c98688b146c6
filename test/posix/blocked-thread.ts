/** A thread that makes one call that blocks, and reports how it ended. */
import { existsSync, readlinkSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import {
  type Backend,
  type KernelPort,
  POLLIN,
  type Posix,
  SHUT_RDWR,
} from '../../servers/posix/api.ts'
import { openPosix } from '../../servers/posix/open.ts'

export interface BlockedData {
  readonly backend: Backend
  readonly kernel: KernelPort | undefined
  readonly call: keyof typeof CALLS
  readonly fd: number
  /** For poll: milliseconds. */
  readonly timeout: number
}

export interface Report {
  /** What the call returned, or the code or message of what it threw. */
  readonly result: unknown
  /** Milliseconds. */
  readonly waited: number
}

const CALLS = {
  accept: (posix: Posix, fd: number) => posix.accept(fd, 'blocking'),
  recv: (posix: Posix, fd: number) => posix.recv(fd, new Uint8Array(64)),
  send: (posix: Posix, fd: number) => {
    for (;;) posix.send(fd, new Uint8Array(65536))
  },
  poll: (posix: Posix, fd: number, timeout: number) => {
    const set = Int32Array.of(fd, POLLIN)
    posix.poll(set, 1, timeout)
    return set[1]! >>> 16
  },
  shutdown: (posix: Posix, fd: number) => posix.shutdown(fd, SHUT_RDWR),
}

const { backend, kernel, call, fd, timeout } = workerData as BlockedData
const posix = await openPosix(backend, kernel)
// `12/task/34`, where Linux tells about the thread.
const thread = '/proc/thread-self'
parentPort!.postMessage(existsSync(thread) ? readlinkSync(thread) : undefined)
const start = performance.now()
const result = attempt()
parentPort!.postMessage({ result, waited: performance.now() - start } satisfies Report)

function attempt(): unknown {
  try {
    return CALLS[call](posix, fd, timeout)
  } catch (error) {
    const { code, message } = error as Error & { code?: string }
    return code ?? message
  }
}

/**
 * Opens the backend and the poller that the command line names, or says why this machine has none.
 */
import type { Backend, KernelPort, Posix } from './api.ts'
import { type Poller, type PollerName, PollPoller } from './poller.ts'

/** This machine can't do what was asked; the message says what to do instead. */
export class UnsupportedError extends Error {
  override readonly name = 'UnsupportedError'
}

/** @param kernel what the calls are made through; only for the `atomics` backend */
export async function openPosix(backend: Backend, kernel?: KernelPort): Promise<Posix> {
  if (backend === 'libc') {
    const { Libc } = await importLibc()
    return new Libc()
  }
  if (!kernel) throw new TypeError('the atomics backend needs a kernel: see AtomicsKernel')
  const { Atomic } = await import('./atomics/posix.ts')
  return new Atomic(kernel)
}

export async function openPoller(posix: Posix, name: PollerName): Promise<Poller> {
  if (name === 'poll') return new PollPoller(posix)
  if (posix.backend !== 'libc') throw new UnsupportedError('the epoll poller needs --io libc')
  const { EpollPoller } = await import('./epoll.ts')
  return new EpollPoller()
}

async function importLibc(): Promise<typeof import('./libc.ts')> {
  if (process.platform !== 'linux') {
    throw new UnsupportedError(
      `the libc backend makes Linux system calls and this is ${process.platform}; use --io atomics`,
    )
  }
  try {
    return await import('./libc.ts')
  } catch (cause) {
    throw new UnsupportedError('koffi has no build for this machine; use --io atomics', { cause })
  }
}

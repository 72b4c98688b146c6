/**
 * Does this machine have io_uring? Often not: it is new, and many sandboxes forbid it. The question
 * can be asked anywhere, also where the library that makes system calls can't be loaded.
 */
import { isSystemError } from '../posix/api.ts'
import { UnsupportedError } from '../posix/open.ts'

const ring = await loadRing()

/** Why this machine can't run the model, and what to do; undefined if it can. */
export function ioUringRefusal(): string | undefined {
  if (!ring) return `io_uring is part of Linux, and this is ${process.platform}; ${INSTEAD}`
  try {
    new ring.Ring({ submissions: 1, completions: 2 }).close()
    return undefined
  } catch (error) {
    if (isSystemError(error)) return explain(error.code)
    throw error
  }
}

/** Throws an UnsupportedError with that reason, if there is one. */
export function requireIoUring(): void {
  const refusal = ioUringRefusal()
  if (refusal) throw new UnsupportedError(refusal)
}

const INSTEAD = 'poll-loop --poller epoll waits for as many'

/** What a failed io_uring_setup(2) means, by the name of its errno. */
export function explain(code: string): string {
  const known: Record<string, string> = {
    ENOSYS: `this kernel has no io_uring (it came with Linux 5.1); ${INSTEAD}`,
    EPERM:
      'io_uring is forbidden here, by kernel.io_uring_disabled (see sysctl) or by the sandbox ' +
      `of a container (seccomp); allow it there, or: ${INSTEAD}`,
    ENOMEM: 'io_uring may not lock enough memory: raise RLIMIT_MEMLOCK, with ulimit -l',
    EINVAL: `this kernel's io_uring is too old, it takes Linux 6.0 or newer; ${INSTEAD}`,
  }
  return known[code] ?? `io_uring_setup fails with ${code} on this machine; ${INSTEAD}`
}

async function loadRing() {
  if (process.platform !== 'linux') return undefined
  return await import('./ring.ts').catch(() => undefined)
}

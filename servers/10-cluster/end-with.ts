import { constants } from 'node:os'

/** <linux/prctl.h> */
const PR_SET_PDEATHSIG = 1

// #region endWith
/**
 * Asks the kernel to kill this process when its parent ends, by whatever cause: prctl(2),
 * PR_SET_PDEATHSIG. The end of the channel to the parent is seen only by a process that returns to
 * its event loop, and a handler that computes doesn't.
 *
 * Only on Linux, and with koffi. Elsewhere a worker that computes while the primary is killed ends
 * when it has finished; a thread of its own that watches the parent could end it before.
 *
 * @param parent the parent's pid, as the parent has said it
 */
export async function endWith(parent: number): Promise<void> {
  if (process.platform !== 'linux') return
  try {
    const { default: koffi } = await import('koffi')
    const prctl = koffi.load(null).func('int prctl(int operation, ...)')
    prctl(PR_SET_PDEATHSIG, 'ulong', constants.signals.SIGKILL)
  } catch {
    return
  }
  // The parent may have ended before that: then no signal comes.
  if (process.ppid !== parent) process.exit(1)
}
// #endregion endWith

/** What a submission gets when it opens the socket layer: with the faults and the trace on order. */
import type { Backend, Posix } from '../../../servers/posix/api.ts'
import { withFaults } from '../../../servers/posix/faults.ts'
import { openPosix as open } from '../../../servers/posix/open.ts'
import { withTrace } from '../../../servers/trace/posix.ts'
import { faults, recording } from './preamble.ts'

export { openPoller, UnsupportedError } from '../../../servers/posix/open.ts'

export async function openPosix(backend: Backend): Promise<Posix> {
  return withTrace(await withFaults(await open(backend), faults), recording)
}

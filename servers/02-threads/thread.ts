/** A connection thread: takes a client, serves it to its end, takes the next one. */
import { parentPort, threadId, workerData } from 'node:worker_threads'
import type { Address, Backend } from '../posix/api.ts'
import { withFaults } from '../posix/faults.ts'
import { openPosix } from '../posix/open.ts'
import { Report } from '../support/report.ts'
import { withTrace } from '../trace/posix.ts'
import { record } from '../trace/trace.ts'
import { Desk } from './desk.ts'
import { serveClient } from './echo.ts'
import type { ThreadData } from './thread-data.ts'

const { options, report: share, desk: words, kernel } = workerData as ThreadData
const report = new Report(share.cells, share.log)
const desk = Desk.attach(words)
const recording = options.trace && record(options.trace, `connection thread ${threadId}`)
const posix = withTrace(
  await withFaults(await openPosix(options.io as Backend, kernel), options.faults),
  recording,
)
parentPort!.postMessage('started')
// #region loop
for (let fd = desk.take(); fd !== null; fd = desk.take()) {
  serveClient(options, report, posix, { fd, peer: peerOf(fd) })
  desk.done()
}
// #endregion loop
parentPort!.close()

/** The client's address. One that left before its turn has no address any more: ENOTCONN. */
function peerOf(fd: number): Address {
  try {
    return posix.getpeername(fd)
  } catch {
    return { ...options.address, port: 0 }
  }
}

/** A connection thread: takes a client, serves it to its end, takes the next one. */
import { parentPort, workerData } from 'node:worker_threads'
import type { Address, Backend } from '../posix/api.ts'
import type { KernelPort } from '../posix/atomics/posix.ts'
import { openPosix } from '../posix/open.ts'
import type { ServeOptions } from '../server.ts'
import { Report, type ReportShare } from '../support/report.ts'
import { Desk } from './desk.ts'
import { converse } from './echo.ts'

export interface ThreadData {
  readonly options: ServeOptions
  readonly report: ReportShare
  readonly desk: Int32Array
  /** Only for the `atomics` backend. */
  readonly kernel: KernelPort | undefined
}

const { options, report: share, desk: words, kernel } = workerData as ThreadData
const report = new Report(share.cells, share.log)
const desk = Desk.attach(words)

const posix = await openPosix(options.io as Backend, kernel)
parentPort!.postMessage('started')
// #region loop
for (let fd = desk.take(); fd !== null; fd = desk.take()) {
  serveClient(fd)
  desk.done()
}
// #endregion loop
parentPort!.close()

function serveClient(fd: number): void {
  const peer = peerOf(fd)
  let failure: unknown
  report.connected(peer)
  try {
    converse(options, report, posix, fd)
  } catch (error) {
    failure = error
  }
  posix.close(fd)
  report.disconnected(peer, failure)
}

/** Who it is. A client that went before its turn has no name any more: ENOTCONN. */
function peerOf(fd: number): Address {
  try {
    return posix.getpeername(fd)
  } catch {
    return { ...options.address, port: 0 }
  }
}

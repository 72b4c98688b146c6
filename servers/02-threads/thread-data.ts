import type { KernelPort } from '../posix/api.ts'
import type { ServeOptions } from '../server.ts'
import type { ReportShare } from '../support/report.ts'

/** What a connection thread is given when it starts. */
export interface ThreadData {
  readonly options: ServeOptions
  readonly report: ReportShare
  /** The memory of the Desk. */
  readonly desk: Int32Array
  /** Only for the `atomics` backend. */
  readonly kernel: KernelPort | undefined
}

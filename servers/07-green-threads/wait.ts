/**
 * Waiting for a socket or a file to be ready, without reading or writing. After gevent.socket's
 * wait_read and wait_write.
 *
 * Where it differs: gevent waits on any descriptor, as poll(2) does. Node watches those that it
 * has made a stream of, and no others, so that here it takes a socket or a file; FileObject makes
 * one of any stream of Node's. It also sees what was read ahead, which poll(2) can't.
 */
import type { Green } from './hub.ts'
import { Timeout, type TimeoutException } from './timeout.ts'

/**
 * Waits until there is something to read, or the stream has ended. After `timeout` seconds it
 * throws `timeoutExc`, or a Timeout.
 */
export function* waitRead(
  source: { waitReadable(): Green<void> },
  timeout: number | null = null,
  timeoutExc: TimeoutException = null,
): Green<void> {
  yield* new Timeout(timeout, timeoutExc).scope(() => source.waitReadable())
}

/** Waits until something can be sent at once; for the rest see `waitRead`. */
export function* waitWrite(
  sink: { waitWritable(): Green<void> },
  timeout: number | null = null,
  timeoutExc: TimeoutException = null,
): Green<void> {
  yield* new Timeout(timeout, timeoutExc).scope(() => sink.waitWritable())
}

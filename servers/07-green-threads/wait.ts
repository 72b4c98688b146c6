/**
 * How does a greenlet wait until a socket or a file is ready, without reading or writing? Modelled
 * on wait_read and wait_write of gevent.socket.
 *
 * Where it differs: gevent waits on any descriptor, as poll(2) does. Node watches only the
 * descriptors of its own streams, so these functions take a socket or a file. FileObject makes a
 * file of any stream of Node's. A wait here also sees bytes that were read ahead, which poll(2)
 * can't.
 */
import type { Green } from './hub.ts'
import { Timeout, type TimeoutException } from './timeout.ts'

/**
 * Waits until there is something to read, or the stream has ended. After `timeout` seconds it
 * throws `timeoutExc`, or a Timeout if there is none.
 */
export function* waitRead(
  source: { waitReadable(): Green<void> },
  timeout: number | null = null,
  timeoutExc: TimeoutException = null,
): Green<void> {
  yield* new Timeout(timeout, timeoutExc).scope(() => source.waitReadable())
}

/** Waits until something can be sent at once. The other parameters are those of `waitRead`. */
export function* waitWrite(
  sink: { waitWritable(): Green<void> },
  timeout: number | null = null,
  timeoutExc: TimeoutException = null,
): Green<void> {
  yield* new Timeout(timeout, timeoutExc).scope(() => sink.waitWritable())
}

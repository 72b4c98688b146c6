import { type Body, Greenlet } from './greenlet.ts'
import type { Pending } from './hub.ts'

/**
 * Runs `handler` in a green thread of its own whenever the process gets the signal, until that is
 * cancelled. The signal no longer does what it would do by itself, such as to end the process.
 * After gevent.signal_handler.
 */
export function signal<Args extends unknown[]>(
  name: NodeJS.Signals,
  handler: Body<Args, unknown>,
  ...args: Args
): Pending {
  const listener = () => {
    Greenlet.spawn(handler, ...args)
  }
  process.on(name, listener)
  return { cancel: () => process.off(name, listener) }
}

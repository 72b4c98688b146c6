/** How can the handler of a signal wait? It runs in a greenlet of its own. */
import { type Body, Greenlet } from './greenlet.ts'
import type { Pending } from './hub.ts'

/**
 * Runs `handler` in a new greenlet whenever the process gets the signal, until the Pending that
 * this returns is cancelled. Meanwhile the signal doesn't have its default effect, such as to end
 * the process. Modelled on gevent.signal_handler.
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

/** The reactor is chosen, not fixed: the rest of a program is the same on each of them. */
import type { Posix } from '../posix/api.ts'
import { openPoller } from '../posix/open.ts'
import type { ReactorName } from '../server.ts'
import type { Reactor } from './interfaces.ts'

/**
 * A new reactor. Throws UnsupportedError if this machine, or the socket layer, has none of that
 * name.
 *
 * @param posix the socket layer for `poll` and `epoll`; `node` needs none
 */
export async function installReactor(name: ReactorName, posix?: Posix): Promise<Reactor> {
  if (name === 'node') {
    const { NodeReactor } = await import('./node-reactor.ts')
    return new NodeReactor()
  }
  if (!posix) throw new TypeError(`the reactor ${name} needs a socket layer`)
  const { PosixReactor } = await import('./posix-reactor.ts')
  return new PosixReactor(posix, await openPoller(posix, name))
}

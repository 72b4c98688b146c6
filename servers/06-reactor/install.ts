/** Which reactor does a program run on? It chooses one here; its other code is the same on each. */
import type { Posix } from '../posix/api.ts'
import { openPoller } from '../posix/open.ts'
import type { ReactorName } from '../server.ts'
import type { Reactor } from './interfaces.ts'

/**
 * A new reactor. Throws UnsupportedError if the socket layer, or this machine, has none of this
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

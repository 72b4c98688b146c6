import { expect, test } from 'vitest'
import { type Address, SHUT_RDWR } from '../../servers/posix/api.ts'
import { listen, Recorder } from './asyncore-harness.ts'
import type { Channels } from './channels.ts'

/** A dispatcher that listens. */
export function listeningTests(channels: Channels): void {
  test('accept returns null when no connection waits', () => {
    const { map } = channels
    const listener = new Recorder(map)
    listen(listener)
    expect(listener.accepting).toBe(true)
    expect(listener.accept()).toBeNull()
  })

  test('handleAccept hands the connection and its address to handleAccepted', () => {
    const { map, posix } = channels
    const seen: { socket: number; addr: Address }[] = []
    class Server extends Recorder {
      override handleAccepted(socket: number, addr: Address): void {
        seen.push({ socket, addr })
        new Recorder(map, socket)
      }
    }
    const address = listen(new Server(map))
    const peer = channels.peer()
    posix.connect(peer, address)
    channels.until(() => seen.length > 0)
    expect(seen[0]!.addr).toEqual(posix.getsockname(peer))
    expect(posix.getpeername(seen[0]!.socket)).toEqual(posix.getsockname(peer))
  })

  test('a connection is closed if handleAccepted is not overridden', () => {
    const { map, posix } = channels
    const address = listen(new Recorder(map))
    const peer = channels.peer()
    posix.connect(peer, address)
    expect(channels.receiveAll(peer)).toHaveLength(0)
  })

  test('a listener that is shut down gets handleClose, even if it is not readable', () => {
    const { map, posix } = channels
    class Resting extends Recorder {
      override readable(): boolean {
        return false
      }
    }
    const resting = new Resting(map)
    listen(resting)
    posix.shutdown(resting.fd, SHUT_RDWR)
    channels.until(() => map.size === 0)
    expect(resting.calls).toEqual(['close'])
  })
}

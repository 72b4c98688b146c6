import { constants } from 'node:os'
import { expect, test } from 'vitest'
import { Dispatcher } from '../../servers/04-asyncore/dispatcher.ts'
import { closeAll, ExitNow, loop, poll } from '../../servers/04-asyncore/loop.ts'
import { POLLIN, SystemError } from '../../servers/posix/api.ts'
import { Recorder } from './asyncore-harness.ts'
import type { Channels } from './channels.ts'

/** The loop: which channels it calls, what ends it, and what a throw in a handler closes. */
export function loopTests(channels: Channels): void {
  test('the loop ends when the map is empty', () => {
    const { map } = channels
    const { accepted, peer } = channels.pair()
    const recorder = new Recorder(map, accepted.fd)
    channels.closePeer(peer)
    loop(30, map)
    expect(recorder.calls).toContain('close')
  })

  test('a channel removed during a pass is skipped in that pass', () => {
    const { map, posix } = channels
    const pairs = [channels.pair(), channels.pair()]
    const recorders = pairs.map(({ accepted }) => new Recorder(map, accepted.fd))
    let calls = 0
    for (const [i, recorder] of recorders.entries()) {
      recorder.handleRead = () => {
        calls += 1
        recorders[1 - i]!.delChannel()
      }
    }
    for (const { accepted, peer } of pairs) {
      channels.sendAll(peer, 'x')
      const set = Int32Array.of(accepted.fd, POLLIN)
      expect(posix.poll(set, 1, 10_000)).toBe(1)
    }
    poll(1, map)
    expect(calls).toBe(1)
    for (const { accepted } of pairs) if (!map.get(accepted.fd)) posix.close(accepted.fd)
  })

  test('a descriptor that is used again within a pass does not get the old events', () => {
    const { map, posix } = channels
    const pairs = [channels.pair(), channels.pair()]
    const recorders = pairs.map(({ accepted }) => new Recorder(map, accepted.fd))
    const heirs: Recorder[] = []
    for (const [i, recorder] of recorders.entries()) {
      recorder.handleRead = () => {
        const { fd } = recorders[1 - i]!
        recorders[1 - i]!.close()
        // The lowest free number comes next: a few others may be free before this one.
        while (heirs.at(-1)?.fd !== fd) {
          const heir = new Recorder(map)
          heir.createSocket('IPv4')
          heirs.push(heir)
        }
      }
    }
    for (const { accepted, peer } of pairs) {
      channels.sendAll(peer, 'x')
      expect(posix.poll(Int32Array.of(accepted.fd, POLLIN), 1, 10_000)).toBe(1)
    }
    poll(1, map)
    expect(heirs.length).toBeGreaterThan(0)
    expect(heirs.flatMap(({ calls }) => calls)).toEqual([])
  })

  test('closeAll closes every channel', () => {
    const { map } = channels
    const recorders = [1, 2, 3].map(() => new Recorder(map, channels.pair().accepted.fd))
    closeAll(map)
    expect(map.size).toBe(0)
    expect(recorders.map(({ fd }) => fd)).toEqual([-1, -1, -1])
  })

  test('closeAll stops at an error, unless it is told to ignore errors', () => {
    const { map, posix } = channels
    const recorders = [1, 2, 3].map(() => new Recorder(map, channels.pair().accepted.fd))
    const [first] = recorders
    let failures = 0
    first!.close = () => {
      failures += 1
      if (failures === 1) throw new Error('will not close')
      Dispatcher.prototype.close.call(first)
    }
    expect(() => closeAll(map)).toThrow('will not close')
    expect(map.size).toBe(3)
    failures = 0
    const { fd } = first!
    closeAll(map, true)
    expect(map.size).toBe(0)
    posix.close(fd)
  })

  test('a handler that throws closes its own channel and no other', () => {
    const { map } = channels
    const [broken, sound] = [channels.pair(), channels.pair()]
    const thrower = new Recorder(map, broken.accepted.fd)
    const recorder = new Recorder(map, sound.accepted.fd)
    const error = new Error('thrown by a handler')
    thrower.handleRead = () => {
      throw error
    }
    channels.sendAll(broken.peer, 'x')
    channels.sendAll(sound.peer, 'y')
    channels.until(() => recorder.received === 'y' && map.size === 1)
    expect(thrower.calls).toEqual(['error', 'close'])
    expect(thrower.errors).toEqual([error])
  })

  test('ExitNow is thrown out of the loop, and closes nothing', () => {
    const { map } = channels
    const { accepted, peer } = channels.pair()
    const recorder = new Recorder(map, accepted.fd)
    recorder.handleRead = () => {
      throw new ExitNow('enough')
    }
    channels.sendAll(peer, 'x')
    expect(() => loop(1, map, 1000)).toThrow(ExitNow)
    expect(recorder.calls).toEqual([])
    expect(map.size).toBe(1)
  })

  test('an ENOTCONN thrown in a handler calls handleClose, not handleError', () => {
    const { map } = channels
    const { accepted, peer } = channels.pair()
    const recorder = new Recorder(map, accepted.fd)
    recorder.handleRead = () => {
      throw new SystemError('shutdown', constants.errno.ENOTCONN)
    }
    channels.sendAll(peer, 'x')
    channels.until(() => map.size === 0)
    expect(recorder.calls).toEqual(['close'])
  })
}

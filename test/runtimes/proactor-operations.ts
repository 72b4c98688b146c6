import { expect, test } from 'vitest'
import { POLLERR, POLLHUP, POLLIN, SHUT_RDWR, SHUT_WR } from '../../servers/posix/api.ts'
import { duration } from '../posix/layer.ts'
import {
  EBADF,
  ECANCELED,
  EINVAL,
  ENOENT,
  ENOTCONN,
  ETIME,
  useHarness,
} from './proactor-harness.ts'

/** Each operation except recv and send: what it does, and what it completes with. */
export function operationTests(mode: number): void {
  const harness = useHarness(mode)

  test('accept completes with a connection, at once if one waits', () => {
    const { layer, proactor } = harness
    const listener = layer.listener('blocking')
    let accepted = -1
    proactor.accept(listener.fd, (fd) => {
      accepted = fd
    })
    expect(proactor.inFlight).toBe(1)
    const early = layer.connect(listener.address)
    harness.until(() => accepted >= 0)
    expect(layer.posix.getpeername(layer.keep(accepted))).toEqual(layer.posix.getsockname(early))
    const late = layer.connect(listener.address)
    const fd = layer.keep(harness.resultOf((done) => proactor.accept(listener.fd, done)))
    expect(layer.posix.getpeername(fd)).toEqual(layer.posix.getsockname(late))
  })

  test('a shutdown of a listener completes its accept with EINVAL, and its poll', () => {
    const { layer, proactor } = harness
    const { fd } = layer.listener('blocking')
    let accepted = 0
    let events = 0
    proactor.accept(fd, (result) => {
      accepted = result
    })
    proactor.poll(fd, POLLHUP, (result) => {
      events = result
    })
    proactor.timeout(0, () => layer.posix.shutdown(fd, SHUT_RDWR))
    harness.until(() => accepted !== 0 && events !== 0)
    expect(accepted).toBe(-EINVAL)
    // The result is the event that woke the poll, not all the events that poll(2) would report.
    expect(events & (POLLHUP | POLLERR)).not.toBe(0)
  })

  test('poll completes with the events that came', () => {
    const { layer, proactor } = harness
    const [client, server] = layer.pair()
    layer.sendAll(client, Buffer.from('x'))
    expect(harness.resultOf((done) => proactor.poll(server, POLLIN, done))).toBe(POLLIN)
  })

  test('shutdown sends the FIN, and fails if there is no connection', () => {
    const { layer, proactor } = harness
    const [client, server] = layer.pair()
    expect(harness.resultOf((done) => proactor.shutdown(server, SHUT_WR, done))).toBe(0)
    expect(layer.recv(client)).toBe(0)
    const unconnected = layer.socket()
    const result = harness.resultOf((done) => proactor.shutdown(unconnected, SHUT_WR, done))
    expect(result).toBe(-ENOTCONN)
  })

  test('after close the peer gets a FIN, and the descriptor is free again', () => {
    const { layer, proactor } = harness
    const listener = layer.listener()
    const client = layer.connect(listener.address)
    layer.waitFor(listener.fd, POLLIN)
    const { fd } = layer.posix.accept(listener.fd, 'blocking')!
    expect(harness.resultOf((done) => proactor.close(fd, done))).toBe(0)
    expect(layer.recv(client)).toBe(0)
    expect(layer.socket()).toBe(fd)
  })

  test('timeouts complete with ETIME, in the order of their times, not too early', () => {
    const { proactor } = harness
    const rung: number[] = []
    const ring = (milliseconds: number) =>
      proactor.timeout(milliseconds, (result) => rung.push(result === -ETIME ? milliseconds : NaN))
    const elapsed = duration(() => {
      for (const milliseconds of [40, 0.5, 20, 0]) ring(milliseconds)
      harness.until(() => rung.length === 4)
    })
    expect(rung).toEqual([0, 0.5, 20, 40])
    expect(elapsed).toBeGreaterThanOrEqual(40)
  })

  test('a cancelled operation completes with ECANCELED, and the cancel with 0', () => {
    const { layer, proactor } = harness
    const results: Record<string, number> = {}
    const note = (name: string) => (result: number) => {
      results[name] = result
    }
    const { fd } = layer.listener('blocking')
    const [, server] = layer.pair()
    const operations = {
      accept: proactor.accept(fd, note('accept')),
      poll: proactor.poll(server, POLLIN, note('poll')),
      recv: proactor.recv(server, note('recv')),
      timeout: proactor.timeout(60_000, note('timeout')),
    }
    for (const [name, operation] of Object.entries(operations)) {
      proactor.cancel(operation, note(`cancel ${name}`))
    }
    harness.until(() => proactor.inFlight === 1)
    for (const name of Object.keys(operations)) {
      expect([name, results[name], results[`cancel ${name}`]]).toEqual([name, -ECANCELED, 0])
    }
  })

  test('a cancel after the completion finds nothing, and harms no new operation', () => {
    const { layer, proactor } = harness
    const { fd } = layer.listener('blocking')
    const old = proactor.timeout(0, () => {})
    harness.until(() => proactor.inFlight === 1)
    // The number is reused within the same batch: the cancel comes first and finds nothing.
    let outcome: number | undefined
    proactor.cancel(old, (result) => {
      outcome = result
    })
    let isDone = false
    proactor.accept(fd, () => {
      isDone = true
    })
    harness.until(() => outcome !== undefined)
    expect([outcome, isDone]).toEqual([-ENOENT, false])
  })

  test('on a bad descriptor every operation completes with EBADF', () => {
    const { proactor } = harness
    const block = proactor.blocks.take()
    const bad = 19_999
    const begin = [
      proactor.accept.bind(proactor, bad),
      proactor.recv.bind(proactor, bad),
      proactor.send.bind(proactor, bad, block, 0, 1),
      proactor.shutdown.bind(proactor, bad, SHUT_WR),
      proactor.close.bind(proactor, bad),
      proactor.poll.bind(proactor, bad, POLLIN),
    ]
    expect(begin.map((operation) => harness.resultOf(operation))).toEqual(begin.map(() => -EBADF))
  })
}

/** poll(2) itself, and the pollers that are built on it or take its place. */
import { describe, expect, test } from 'vitest'
import { POLLERR, POLLHUP, POLLIN, POLLOUT, SHUT_RDWR, SHUT_WR } from '../../servers/posix/api.ts'
import { openPoller } from '../../servers/posix/open.ts'
import { POLLERS, type Poller, type PollerName } from '../../servers/posix/poller.ts'
import { describeBackends, duration, type Layer } from './layer.ts'

const ONE = Buffer.from('x')

describeBackends('poll:', (layer) => {
  test('of twelve pairs only the one that was written to is readable', () => {
    const pairs = Array.from({ length: 12 }, () => layer.pair())
    layer.sendAll(pairs[7]![0], ONE)
    const set = Int32Array.from(pairs.flatMap(([, server]) => [server, POLLIN]))
    expect(layer.posix.poll(set, 12, 5000)).toBe(1)
    const events = pairs.map((_, i) => set[2 * i + 1]! >>> 16)
    expect(events).toEqual(pairs.map((_, i) => (i === 7 ? POLLIN : 0)))
  })

  test('an event is reported until it is handled, and the set keeps what was asked for', () => {
    const [client, server] = layer.pair()
    layer.sendAll(client, ONE)
    layer.waitFor(server, POLLIN)
    const set = Int32Array.of(server, POLLIN)
    for (let i = 0; i < 3; i++) {
      expect(layer.posix.poll(set, 1, 0)).toBe(1)
      expect(set[1]).toBe(POLLIN | (POLLIN << 16))
    }
    layer.recvExactly(server, 1)
    expect(layer.posix.poll(set, 1, 0)).toBe(0)
    expect(set[1]).toBe(POLLIN)
  })

  test('only events that were asked for are reported, and only for the entries counted', () => {
    const [client, server] = layer.pair()
    layer.sendAll(client, ONE)
    layer.waitFor(server, POLLIN)
    expect(layer.poll(server, POLLOUT)).toBe(POLLOUT)
    expect(layer.poll(server, POLLIN | POLLOUT)).toBe(POLLIN | POLLOUT)
    expect(layer.poll(server, 0)).toBe(0)
    expect(layer.posix.poll(Int32Array.of(client, POLLIN, server, POLLIN), 1, 0)).toBe(0)
  })

  test('a timeout of 0 does not wait, a positive one does, a negative one has no end', () => {
    const [client, server] = layer.pair()
    expect(duration(() => layer.poll(server, POLLIN, 0))).toBeLessThan(1000)
    for (const timeout of [1, 10, 50]) {
      const waited = duration(() => expect(layer.poll(server, POLLIN, timeout)).toBe(0))
      expect(waited).toBeGreaterThanOrEqual(timeout)
      expect(waited).toBeLessThan(timeout + 2000)
    }
    layer.sendAll(client, ONE)
    expect(layer.poll(server, POLLIN, -1)).toBe(POLLIN)
  })

  test('a poll of no descriptors sleeps for its timeout', () => {
    expect(duration(() => layer.posix.poll(new Int32Array(0), 0, 20))).toBeGreaterThanOrEqual(20)
  })

  test('poll takes more than 1024 descriptors', () => {
    const listener = layer.listener('nonblocking')
    const clients: number[] = []
    const servers = Array.from({ length: 600 }, () => {
      clients.push(layer.connect(listener.address))
      return layer.accept(listener.fd)
    })
    expect(servers.at(-1)).toBeGreaterThan(1024)
    layer.sendAll(clients.at(-1)!, ONE)
    const all = [...clients, ...servers]
    const set = Int32Array.from(all.flatMap((fd) => [fd, POLLIN]))
    expect(layer.posix.poll(set, all.length, 5000)).toBe(1)
    expect(set.at(-1)! >>> 16).toBe(POLLIN)
  })

  test('a FIN makes a connection readable, and POLLHUP comes when both have sent one', () => {
    const [client, server] = layer.pair()
    layer.posix.shutdown(client, SHUT_WR)
    expect(layer.waitFor(server, POLLIN)).toBe(POLLIN)
    layer.posix.shutdown(server, SHUT_WR)
    expect(layer.waitFor(server, 0)).toBe(POLLHUP)
  })

  test('a connection in the queue makes the listener readable', () => {
    const listener = layer.listener()
    expect(layer.poll(listener.fd, POLLIN)).toBe(0)
    expect(layer.posix.accept(listener.fd, 'nonblocking')).toBeNull()
    layer.connect(listener.address)
    expect(layer.waitFor(listener.fd, POLLIN)).toBe(POLLIN)
    layer.accept(listener.fd)
    expect(layer.poll(listener.fd, POLLIN)).toBe(0)
  })

  test('a listener that has been shut down reports POLLHUP', () => {
    const listener = layer.listener()
    layer.posix.shutdown(listener.fd, SHUT_RDWR)
    expect(layer.waitFor(listener.fd, POLLIN) & POLLHUP).toBe(POLLHUP)
  })

  for (const name of POLLERS) {
    const title = name === 'epoll' ? 'epoll (Linux only, so libc only)' : name
    const missing = name === 'epoll' && layer.backend === 'atomics'
    describe.skipIf(missing)(`poller ${title}`, () => judge(layer, name))
  }
})

/** The suite that every poller passes. */
function judge(layer: Layer, name: PollerName): void {
  function withPoller(title: string, check: (poller: Poller) => void): void {
    test(title, async () => {
      const poller = await openPoller(layer.posix, name)
      try {
        check(poller)
      } finally {
        poller.close()
      }
    })
  }

  function ready(poller: Poller, timeout: number): Map<number, number> {
    const count = poller.wait(timeout)
    const entries = Array.from(
      { length: count },
      (_, i) => [poller.fd(i), poller.events(i)] as const,
    )
    return new Map(entries)
  }

  /** Pairs whose server side is watched, and has something to read. */
  function readable(poller: Poller, count: number): number[] {
    const pairs = Array.from({ length: count }, () => layer.pair())
    for (const [client, server] of pairs) {
      poller.add(server, POLLIN)
      layer.sendAll(client, ONE)
      layer.waitFor(server, POLLIN)
    }
    return pairs.map(([, server]) => server)
  }

  /** Opens sockets until one gets the free number `old`: the lowest free one comes first. */
  function reuse(old: number): number {
    const fd = layer.socket()
    expect(fd).toBeLessThanOrEqual(old)
    return fd === old ? fd : reuse(old)
  }

  withPoller('to add twice, or to change or remove an unknown one is an error', (poller) => {
    const [client, server] = layer.pair()
    poller.add(server, POLLIN)
    expect(() => poller.add(server, POLLOUT)).toThrow(/watched already/)
    expect(() => poller.modify(client, POLLIN)).toThrow(/not watched/)
    expect(() => poller.remove(client)).toThrow(/not watched/)
    poller.remove(server)
    expect(() => poller.remove(server)).toThrow(/not watched/)
    poller.add(server, POLLIN)
  })

  withPoller('of a hundred only the ready ones are reported, each with its events', (poller) => {
    const servers = readable(poller, 100)
    for (const server of servers.slice(2)) layer.posix.recv(server, new Uint8Array(8))
    poller.modify(servers[1]!, POLLIN | POLLOUT)
    expect(ready(poller, 5000)).toEqual(
      new Map([
        [servers[0], POLLIN],
        [servers[1], POLLIN | POLLOUT],
      ]),
    )
  })

  withPoller('an event is reported until it is handled', (poller) => {
    const [server] = readable(poller, 1)
    for (let i = 0; i < 3; i++) expect(ready(poller, 0)).toEqual(new Map([[server, POLLIN]]))
    layer.posix.recv(server!, new Uint8Array(8))
    expect(ready(poller, 0)).toEqual(new Map())
  })

  withPoller('wait takes a timeout of 0, a positive one, and Infinity', (poller) => {
    const [client, server] = layer.pair()
    poller.add(server, POLLIN)
    expect(poller.wait(0)).toBe(0)
    expect(duration(() => poller.wait(20))).toBeGreaterThanOrEqual(20)
    expect(
      duration(() => poller.wait(0.3)),
      'rounded up, not down',
    ).toBeGreaterThanOrEqual(0.3)
    layer.sendAll(client, ONE)
    expect(poller.wait(Number.POSITIVE_INFINITY)).toBe(1)
  })

  withPoller('a descriptor that is watched for no event still reports a reset', (poller) => {
    const [client, server] = layer.pair()
    poller.add(server, POLLIN)
    poller.modify(server, 0)
    layer.sendAll(client, ONE)
    layer.waitFor(server, POLLIN)
    expect(poller.wait(0)).toBe(0)
    layer.posix.setsockopt(client, 'SO_LINGER', 0)
    layer.close(client)
    expect(poller.wait(5000)).toBe(1)
    expect(poller.events(0) & POLLERR).toBe(POLLERR)
  })

  withPoller('a number used again within one batch does not get the old events', (poller) => {
    readable(poller, 2)
    expect(poller.wait(5000)).toBe(2)
    const old = poller.fd(1)
    poller.remove(old)
    layer.close(old)
    poller.add(reuse(old), POLLIN)
    expect(poller.fd(1)).toBe(old)
    expect(poller.events(1)).toBe(0)
  })

  withPoller('a number used again between two waits does not get the old events', (poller) => {
    const [old] = readable(poller, 1)
    poller.remove(old!)
    layer.close(old!)
    layer.close(reuse(old!))
    const next = layer.listener()
    expect(next.fd).toBe(old)
    poller.add(next.fd, POLLIN)
    expect(poller.wait(0)).toBe(0)
    layer.connect(next.address)
    expect(ready(poller, 5000)).toEqual(new Map([[next.fd, POLLIN]]))
  })

  withPoller('removed descriptors are not reported, and the others still are', (poller) => {
    const servers = readable(poller, 5)
    for (const place of [0, 2, 4]) poller.remove(servers[place]!)
    const left = [servers[1]!, servers[3]!]
    expect([...ready(poller, 5000).keys()].toSorted((a, b) => a - b)).toEqual(left)
  })
}

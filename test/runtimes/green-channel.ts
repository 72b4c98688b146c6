import { expect } from 'vitest'
import {
  Channel,
  Empty,
  Full,
  joinall,
  sleep,
  spawn,
} from '../../servers/07-green-threads/gevent.ts'
import { block, caught, green, turns } from './green-harness.ts'

/** Channel: a queue without room, in which put and get wait for each other. */
export function channelTests(): void {
  green('Channel: put waits until the item is taken', function* () {
    const channel = new Channel<string>()
    const putter = spawn(() => channel.put('item'))
    yield* turns(3)
    expect([putter.ready(), channel.balance]).toEqual([false, 1])
    expect(yield* channel.get()).toBe('item')
    expect(yield* putter.join(1)).toBe(true)
    expect(channel.balance).toBe(0)
  })

  green('Channel: get waits until an item is offered; gets and puts meet in order', function* () {
    const channel = new Channel<string>()
    const getters = [spawn(() => channel.get()), spawn(() => channel.get())]
    yield* sleep(0)
    expect(channel.balance).toBe(-2)
    const putters = ['a', 'b'].map((item) => spawn(() => channel.put(item)))
    yield* joinall([...getters, ...putters])
    expect(getters.map(({ value }) => value)).toEqual(['a', 'b'])
  })

  green('Channel: has no room: qsize is 0, and it is both empty and full', function* () {
    const channel = new Channel<string>()
    expect(() => channel.getNowait()).toThrow(Empty)
    expect(() => channel.putNowait('nobody waits')).toThrow(Full)
    expect(yield* caught(() => channel.get(0.001))).toBeInstanceOf(Empty)
    expect(yield* caught(() => channel.put('item', 0.001))).toBeInstanceOf(Full)
    expect(channel.balance).toBe(0)
    expect([channel.qsize(), channel.empty(), channel.full()]).toEqual([0, true, true])
  })

  green('Channel: putNowait and getNowait succeed if the other side waits', function* () {
    const channel = new Channel<string>()
    const getter = spawn(() => channel.get())
    yield* sleep(0)
    channel.putNowait('item')
    expect(() => channel.putNowait('second')).toThrow(Full)
    expect(yield* getter.get()).toBe('item')
    const putter = spawn(() => channel.put('offer'))
    yield* sleep(0)
    expect(channel.getNowait()).toBe('offer')
    expect(yield* putter.join(1)).toBe(true)
  })

  green('Channel: a put that is killed withdraws its item', function* () {
    const channel = new Channel<string>()
    const [killed, next] = [spawn(() => channel.put('killed')), spawn(() => channel.put('next'))]
    yield* sleep(0)
    yield* killed.kill()
    expect(yield* channel.get()).toBe('next')
    yield* next.join()
  })

  green('Channel: if a get is killed as its item comes, the next get takes the item', function* () {
    const channel = new Channel<string>()
    const [a, b] = [spawn(() => channel.get()), spawn(() => channel.get())]
    yield* sleep(0)
    a.kill()
    const putter = spawn(() => channel.put('item'))
    expect(yield* b.get()).toBe('item')
    expect(yield* putter.join(1)).toBe(true)
  })

  green('Channel: a put succeeds if the item is taken together with its timeout', function* () {
    const channel = new Channel<string>()
    const getter = spawn(function* () {
      yield* sleep(0.005)
      return channel.getNowait()
    })
    yield* sleep(0)
    spawn(() => block(0.01))
    yield* channel.put('item', 0.005)
    expect(getter.value).toBe('item')
  })
}

import { expect, test } from 'vitest'
import {
  Empty,
  Full,
  hub,
  idle,
  joinall,
  killall,
  Queue,
  sleep,
  spawn,
  Timeout,
} from '../../servers/07-green-threads/gevent.ts'
import { block, caught, green, turns } from './green-harness.ts'

/** Queue: put, get and peek, and the greenlets that wait in them. */
export function queueTests(): void {
  green('Queue: first in, first out; qsize, empty, full, peek', function* () {
    const queue = new Queue<string>(2)
    expect([queue.qsize(), queue.empty(), queue.full()]).toEqual([0, true, false])
    yield* queue.put('a')
    queue.putNowait('b')
    expect([queue.qsize(), queue.empty(), queue.full()]).toEqual([2, false, true])
    expect(yield* queue.peek()).toBe('a')
    expect(queue.peekNowait()).toBe('a')
    expect(yield* queue.get()).toBe('a')
    expect(queue.getNowait()).toBe('b')
    expect(queue.empty()).toBe(true)
  })

  green('Queue: get, put and peek throw Empty or Full, at once or after a timeout', function* () {
    const queue = new Queue<string>(1)
    expect(() => queue.getNowait()).toThrow(Empty)
    expect(() => queue.peekNowait()).toThrow(Empty)
    expect(yield* caught(() => queue.get(0.001))).toBeInstanceOf(Empty)
    expect(yield* caught(() => queue.peek(0.001))).toBeInstanceOf(Empty)
    queue.putNowait('a')
    expect(() => queue.putNowait('b')).toThrow(Full)
    expect(yield* caught(() => queue.put('b', 0.001))).toBeInstanceOf(Full)
    expect(queue.qsize()).toBe(1)
    using timeout = Timeout.startNew(0.001)
    expect(yield* caught(() => queue.put('b', 1000))).toBe(timeout)
  })

  green('Queue(2): the third put blocks until there is room', function* () {
    const queue = new Queue<number>(2)
    const trace: string[] = []
    const putter = spawn(function* () {
      for (const item of [1, 2, 3]) {
        yield* queue.put(item)
        trace.push(`put ${item}`)
      }
    })
    yield* turns(5)
    expect(trace).toEqual(['put 1', 'put 2'])
    expect(yield* queue.get()).toBe(1)
    yield* putter.join()
    expect(trace).toEqual(['put 1', 'put 2', 'put 3'])
    expect([queue.getNowait(), queue.getNowait()]).toEqual([2, 3])
  })

  green('Queue: gets and puts are served in the order in which they came', function* () {
    const queue = new Queue<string>(1)
    const trace: string[] = []
    const getter = function* (name: string) {
      trace.push(`${name} got ${yield* queue.get()}`)
    }
    const getters = ['A', 'B', 'C'].map((name) => spawn(getter, name))
    yield* sleep(0)
    const putters = ['x', 'y', 'z'].map((item) => spawn(() => queue.put(item)))
    yield* joinall([...getters, ...putters])
    expect(trace).toEqual(['A got x', 'B got y', 'C got z'])
  })

  green('Queue: a get that comes later does not take the item of one that waits', function* () {
    const queue = new Queue<string>()
    const first = spawn(() => queue.get())
    yield* sleep(0)
    queue.putNowait('a')
    expect(() => queue.getNowait()).toThrow(Empty)
    const second = spawn(() => queue.get())
    yield* turns(3)
    expect([first.value, second.ready()]).toEqual(['a', false])
    queue.putNowait('b')
    expect(yield* second.get()).toBe('b')
  })

  green('Queue: if a get is killed as its item comes, the next get takes the item', function* () {
    const queue = new Queue<string>()
    const [a, b] = [spawn(() => queue.get()), spawn(() => queue.get())]
    yield* sleep(0)
    a.kill()
    queue.putNowait('item')
    expect(yield* b.get()).toBe('item')
    expect(a.value).not.toBe('item')
  })

  green('Queue: a get that has run before its kill keeps its item', function* () {
    const queue = new Queue<string>()
    const [a, b] = [spawn(() => queue.get()), spawn(() => queue.get())]
    yield* sleep(0)
    queue.putNowait('item')
    a.kill()
    yield* idle()
    expect([a.value, b.ready(), queue.qsize()]).toEqual(['item', false, 0])
    yield* b.kill()
  })

  green('Queue: if a get is killed as its item comes and no other waits, it stays', function* () {
    const queue = new Queue<string>()
    const getter = spawn(() => queue.get())
    yield* sleep(0)
    getter.kill()
    queue.putNowait('item')
    yield* turns(3)
    expect(getter.value).not.toBe('item')
    expect(queue.getNowait()).toBe('item')
  })

  green('Queue: a get that has timed out takes no item', function* () {
    const queue = new Queue<string>()
    expect(yield* caught(() => queue.get(0.001))).toBeInstanceOf(Empty)
    queue.putNowait('item')
    yield* turns(3)
    expect(queue.qsize()).toBe(1)
  })

  green('Queue: if a get times out as its item comes, the next get takes the item', function* () {
    const queue = new Queue<string>()
    spawn(function* () {
      yield* sleep(0.005)
      queue.putNowait('item')
    })
    yield* sleep(0)
    spawn(() => block(0.01))
    expect(yield* caught(() => queue.get(0.005))).toBeInstanceOf(Empty)
    expect(yield* queue.get()).toBe('item')
  })

  green('Queue: a put that is killed puts nothing, and the next one is served', function* () {
    const queue = new Queue<string>(1)
    queue.putNowait('first')
    const [killed, next] = [spawn(() => queue.put('killed')), spawn(() => queue.put('next'))]
    yield* sleep(0)
    killed.kill()
    expect(yield* queue.get()).toBe('first')
    yield* joinall([killed, next])
    expect(queue.getNowait()).toBe('next')
    expect(queue.empty()).toBe(true)
  })

  green('Queue: an item wakes a peek, and the get behind it too', function* () {
    const queue = new Queue<string>()
    const [peeker, getter] = [spawn(() => queue.peek()), spawn(() => queue.get())]
    yield* sleep(0)
    queue.putNowait('item')
    expect([yield* peeker.get(), yield* getter.get()]).toEqual(['item', 'item'])
  })

  green('Queue: undefined is an item', function* () {
    const queue = new Queue<undefined>()
    queue.putNowait(undefined)
    expect(yield* queue.get(0.001)).toBeUndefined()
    expect(queue.empty()).toBe(true)
  })

  green('Queue: the hub may put', function* () {
    const queue = new Queue<string>()
    hub.after(0.001, () => queue.putNowait('from the hub'))
    expect(yield* queue.get()).toBe('from the hub')
  })

  green('Queue: a put and a get that wake each other for ever hold up no timer', function* () {
    const queue = new Queue<number>(1)
    const putter = spawn(function* () {
      for (;;) yield* queue.put(1)
    })
    const getter = spawn(function* () {
      for (;;) yield* queue.get()
    })
    yield* sleep(0.005)
    yield* killall([putter, getter])
  })

  green('Queue: a hundred thousand items stay cheap', function* () {
    const queue = new Queue<number>()
    for (let item = 0; item < 1e5; item++) queue.putNowait(item)
    let sum = 0
    while (!queue.empty()) sum += yield* queue.get()
    expect(sum).toBe((1e5 * (1e5 - 1)) / 2)
  })

  test.each([0, -1, Number.NaN])('Queue(%d) is refused', (maxsize) => {
    expect(() => new Queue(maxsize)).toThrow(RangeError)
  })

  green('Queue: idle does not wait for a greenlet that waits for an item', function* () {
    const getter = spawn(() => new Queue().get())
    yield* idle()
    yield* getter.kill()
  })
}

import { expect, test } from 'vitest'
import {
  Channel,
  Empty,
  Full,
  hub,
  idle,
  JoinableQueue,
  joinall,
  killall,
  LifoQueue,
  PriorityQueue,
  Queue,
  sleep,
  spawn,
  Timeout,
} from '../../servers/07-green-threads/gevent.ts'
import { block, caught, green, turns } from './green-harness.ts'

/** Queue, its relatives, and Channel. */
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

  green(
    'Queue: get, put and peek that would wait throw Empty and Full, now or in time',
    function* () {
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
    },
  )

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

  green('Queue: getters and putters are served first come, first served', function* () {
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

  green('Queue: nobody who comes later takes the item of one who waits', function* () {
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

  green(
    'Queue: an item for a getter that is killed in the same turn goes to the next',
    function* () {
      const queue = new Queue<string>()
      const [a, b] = [spawn(() => queue.get()), spawn(() => queue.get())]
      yield* sleep(0)
      a.kill()
      queue.putNowait('item')
      expect(yield* b.get()).toBe('item')
      expect(a.value).not.toBe('item')
    },
  )

  green(
    'Queue: one that has run before its kill comes has its item, and nobody else',
    function* () {
      const queue = new Queue<string>()
      const [a, b] = [spawn(() => queue.get()), spawn(() => queue.get())]
      yield* sleep(0)
      queue.putNowait('item')
      a.kill()
      yield* idle()
      expect([a.value, b.ready(), queue.qsize()]).toEqual(['item', false, 0])
      yield* b.kill()
    },
  )

  green('Queue: an item for a getter that is killed, with nobody else, stays', function* () {
    const queue = new Queue<string>()
    const getter = spawn(() => queue.get())
    yield* sleep(0)
    getter.kill()
    queue.putNowait('item')
    yield* turns(3)
    expect(getter.value).not.toBe('item')
    expect(queue.getNowait()).toBe('item')
  })

  green('Queue: a getter whose time has passed takes no item', function* () {
    const queue = new Queue<string>()
    expect(yield* caught(() => queue.get(0.001))).toBeInstanceOf(Empty)
    queue.putNowait('item')
    yield* turns(3)
    expect(queue.qsize()).toBe(1)
  })

  green('Queue: a getter whose time passes as the item comes leaves it to the next', function* () {
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

  green('Queue: a putter that is killed puts nothing, and the next one is served', function* () {
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

  green('Queue: a peek wakes with the item, and the getter behind it too', function* () {
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

  green('Queue: a putter and a getter that feed each other starve no timer', function* () {
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

  green('LifoQueue: last in, first out', function* () {
    const queue = new LifoQueue<number>(3)
    for (const item of [1, 2, 3]) queue.putNowait(item)
    expect(queue.full()).toBe(true)
    expect(queue.peekNowait()).toBe(3)
    expect([yield* queue.get(), yield* queue.get(), yield* queue.get()]).toEqual([3, 2, 1])
  })

  green('PriorityQueue: the least first, by nature or by a function', function* () {
    const numbers = new PriorityQueue<number>()
    for (const item of [10, 9, 100, 1]) numbers.putNowait(item)
    expect(numbers.peekNowait()).toBe(1)
    const order: number[] = []
    while (!numbers.empty()) order.push(yield* numbers.get())
    expect(order).toEqual([1, 9, 10, 100])
    const longest = new PriorityQueue<string>(null, (a, b) => b.length - a.length)
    for (const item of ['a', 'ccc', 'bb']) longest.putNowait(item)
    expect([longest.getNowait(), longest.getNowait()]).toEqual(['ccc', 'bb'])
  })

  green('PriorityQueue: of equal ones the first that was put is first', function* () {
    const queue = new PriorityQueue<[number, string]>(null, ([a], [b]) => a - b)
    for (const item of ['a', 'b', 'c', 'd']) queue.putNowait([1, item])
    queue.putNowait([0, 'first'])
    const order: string[] = []
    while (!queue.empty()) order.push((yield* queue.get())[1])
    expect(order).toEqual(['first', 'a', 'b', 'c', 'd'])
  })

  green('JoinableQueue: join waits until every item is done with', function* () {
    const queue = new JoinableQueue<number>()
    expect(yield* queue.join()).toBe(true)
    for (const item of [1, 2, 3]) yield* queue.put(item)
    expect(queue.unfinishedTasks).toBe(3)
    let done = 0
    const worker = spawn(function* () {
      for (;;) {
        yield* queue.get()
        yield* sleep(0)
        done++
        queue.taskDone()
      }
    })
    expect(yield* queue.join()).toBe(true)
    expect([done, queue.unfinishedTasks]).toEqual([3, 0])
    expect(() => queue.taskDone()).toThrow(RangeError)
    yield* worker.kill()
  })

  green('JoinableQueue: an empty queue is not done before its last item is', function* () {
    const queue = new JoinableQueue<number>()
    queue.putNowait(1)
    queue.getNowait()
    expect(yield* queue.join(0.001)).toBe(false)
    queue.taskDone()
    expect(yield* queue.join(0.001)).toBe(true)
  })

  green('Channel: put waits until the item is taken', function* () {
    const channel = new Channel<string>()
    const putter = spawn(() => channel.put('item'))
    yield* turns(3)
    expect([putter.ready(), channel.balance]).toEqual([false, 1])
    expect(yield* channel.get()).toBe('item')
    expect(yield* putter.join(1)).toBe(true)
    expect(channel.balance).toBe(0)
  })

  green('Channel: get waits until an item is offered; both in the order of coming', function* () {
    const channel = new Channel<string>()
    const getters = [spawn(() => channel.get()), spawn(() => channel.get())]
    yield* sleep(0)
    expect(channel.balance).toBe(-2)
    const putters = ['a', 'b'].map((item) => spawn(() => channel.put(item)))
    yield* joinall([...getters, ...putters])
    expect(getters.map(({ value }) => value)).toEqual(['a', 'b'])
  })

  green('Channel: qsize 0, empty and full: it has no room', function* () {
    const channel = new Channel<string>()
    expect(() => channel.getNowait()).toThrow(Empty)
    expect(() => channel.putNowait('nobody waits')).toThrow(Full)
    expect(yield* caught(() => channel.get(0.001))).toBeInstanceOf(Empty)
    expect(yield* caught(() => channel.put('item', 0.001))).toBeInstanceOf(Full)
    expect(channel.balance).toBe(0)
    expect([channel.qsize(), channel.empty(), channel.full()]).toEqual([0, true, true])
  })

  green('Channel: putNowait and getNowait meet one who waits', function* () {
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

  green('Channel: an offer whose maker is killed is withdrawn', function* () {
    const channel = new Channel<string>()
    const [killed, next] = [spawn(() => channel.put('killed')), spawn(() => channel.put('next'))]
    yield* sleep(0)
    yield* killed.kill()
    expect(yield* channel.get()).toBe('next')
    yield* next.join()
  })

  green(
    'Channel: an item for a getter that is killed in the same turn goes to the next',
    function* () {
      const channel = new Channel<string>()
      const [a, b] = [spawn(() => channel.get()), spawn(() => channel.get())]
      yield* sleep(0)
      a.kill()
      const putter = spawn(() => channel.put('item'))
      expect(yield* b.get()).toBe('item')
      expect(yield* putter.join(1)).toBe(true)
    },
  )

  green('Channel: taken just as the time is over, it was taken', function* () {
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

  green('Queue: idle greenlets that wait for an item are no work', function* () {
    const getter = spawn(() => new Queue().get())
    yield* idle()
    yield* getter.kill()
  })
}

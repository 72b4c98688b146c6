import { expect } from 'vitest'
import {
  JoinableQueue,
  LifoQueue,
  PriorityQueue,
  sleep,
  spawn,
} from '../../servers/07-green-threads/gevent.ts'
import { green } from './green-harness.ts'

/** LifoQueue, PriorityQueue and JoinableQueue: what each adds to Queue. */
export function queueKindTests(): void {
  green('LifoQueue: last in, first out', function* () {
    const queue = new LifoQueue<number>(3)
    for (const item of [1, 2, 3]) queue.putNowait(item)
    expect(queue.full()).toBe(true)
    expect(queue.peekNowait()).toBe(3)
    expect([yield* queue.get(), yield* queue.get(), yield* queue.get()]).toEqual([3, 2, 1])
  })

  green('PriorityQueue: the least item comes first, by its value or by a function', function* () {
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

  green('PriorityQueue: of equal items the one that was put first comes first', function* () {
    const queue = new PriorityQueue<[number, string]>(null, ([a], [b]) => a - b)
    for (const item of ['a', 'b', 'c', 'd']) queue.putNowait([1, item])
    queue.putNowait([0, 'first'])
    const order: string[] = []
    while (!queue.empty()) order.push((yield* queue.get())[1])
    expect(order).toEqual(['first', 'a', 'b', 'c', 'd'])
  })

  green('JoinableQueue: join waits until taskDone was called for every item', function* () {
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

  green('JoinableQueue: join of an empty queue waits for the task of its last item', function* () {
    const queue = new JoinableQueue<number>()
    queue.putNowait(1)
    queue.getNowait()
    expect(yield* queue.join(0.001)).toBe(false)
    queue.taskDone()
    expect(yield* queue.join(0.001)).toBe(true)
  })
}

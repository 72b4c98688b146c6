import { expect, test } from 'vitest'
import {
  Event,
  Group,
  Pool,
  run,
  sleep,
  spawn,
  Timeout,
} from '../../servers/07-green-threads/gevent.ts'
import { caught, green, turns, watchFailures } from './green-harness.ts'
import { failure, task } from './green-pool-harness.ts'

/** map, imap and imapUnordered of groups and pools. */
export function mapTests(): void {
  watchFailures()

  green('map: returns the values in the order of the items, or throws an error', function* () {
    const group = new Group()
    expect(yield* group.map(task, [3, 1, 2])).toEqual([3, 1, 2])
    expect(yield* group.map(task, [])).toEqual([])
    expect(yield* group.map((text: string) => text.length, ['a', 'bb'])).toEqual([1, 2])
    expect(yield* caught(() => group.map(task, [1, 0, 2]))).toBe(failure)
  })

  green('imap: keeps the order of the items', function* () {
    const values: unknown[] = []
    yield* new Group().imap(task, [4, 1, 3]).each((value) => values.push(value))
    expect(values).toEqual([4, 1, 3])
  })

  green('imapUnordered: gives the values in the order of completion', function* () {
    expect(yield* new Group().imapUnordered(task, [5, 1, 3]).toArray()).toEqual([1, 3, 5])
    expect(yield* new Pool(1).imapUnordered(task, [5, 1, 3]).toArray()).toEqual([5, 1, 3])
  })

  test.each([
    ['imap', [3, 'failed', 2, 'end', 'end']],
    ['imapUnordered', ['failed', 2, 3, 'end', 'end']],
  ] as const)('%s: throws when a failed item has its turn, and then goes on', (name, expected) =>
    run(function* () {
      const results = new Group()[name](task, [3, 0, 2])
      const seen: unknown[] = []
      for (let i = 0; i < 5; i++) {
        try {
          const { done, value } = yield* results.next()
          seen.push(done ? 'end' : value)
        } catch (error) {
          seen.push(error === failure ? 'failed' : error)
        }
      }
      expect(seen).toEqual(expected)
    }),
  )

  green('imap: an iterable that throws does so at its turn, and ends the results', function* () {
    const items = function* () {
      yield 2
      throw failure
    }
    const results = new Group().imap(task, items())
    expect(yield* results.next()).toEqual({ done: false, value: 2 })
    expect(yield* caught(() => results.next())).toBe(failure)
    expect((yield* results.next()).done).toBe(true)
  })

  green('imap: a next that is killed or timed out takes no result', function* () {
    const open = new Event()
    const body = function* (n: number) {
      yield* open.wait()
      return n
    }
    const results = new Group().imap(body, [3, 2])
    const timeout = new Timeout(0)
    expect(yield* caught(() => timeout.scope(() => results.next()))).toBe(timeout)
    const reader = spawn(() => results.next())
    yield* sleep(0)
    open.set()
    yield* reader.kill()
    expect(yield* results.toArray()).toEqual([3, 2])
  })

  green('imap: has at most maxsize items started and unread', function* () {
    const started: number[] = []
    const results = new Group().imap((n: number) => started.push(n), [1, 2, 3, 4], 2)
    yield* turns(9)
    expect(started).toEqual([1, 2])
    yield* results.next()
    yield* turns(9)
    expect(started).toEqual([1, 2, 3])
    expect(yield* results.toArray()).toEqual([2, 3, 4])
    expect(() => new Group().imap(task, [], 0)).toThrow(RangeError)
  })

  green('imap: two readers of the same results both get the end', function* () {
    const results = new Group().imap(task, [1])
    const readers = [spawn(() => results.toArray()), spawn(() => results.toArray())]
    expect([yield* readers[0]!.get(), yield* readers[1]!.get()]).toEqual([[1], []])
  })
}

/**
 * How does a program apply a function to many items at a time, and still read the results one by
 * one? One greenlet starts a greenlet for each item, and the results wait in a queue.
 */
import { type Body, call, Greenlet, type GreenletExit } from './greenlet.ts'
import type { Green } from './hub.ts'
import { Semaphore } from './lock.ts'
import { checkCount } from './numbers.ts'
import { Queue } from './queue.ts'

/** Where the greenlets of a map run: a Group or a Pool. */
export interface Spawner {
  spawn<Result>(body: Body<[], Result>): Green<Greenlet<Result>>
}

/** What has become of one item; `end` comes after the last. */
export type Outcome<Result> =
  | { readonly value: Result | GreenletExit }
  | { readonly exception: unknown }
  | 'end'

/**
 * The results of a function for each item, each in a greenlet of its own, in the order in which
 * they are done. If the function has failed, its exception is thrown at its turn, and the results
 * after it still come. Modelled on gevent.pool.IMapUnordered.
 *
 * Where it differs: `next`, `each` and `toArray` take the place of `for … of`, which can't wait.
 */
export class IMapUnordered<Item, Result> {
  readonly #results = new Queue<Outcome<Result>>()
  readonly #spare: Semaphore | undefined
  /** The number of greenlets that were started and have not ended, plus one for the feeder. */
  #open = 1

  /** @param maxsize how many results may be unread or not done yet; null for no limit */
  constructor(
    group: Spawner,
    body: Body<[Item], Result>,
    items: Iterable<Item>,
    maxsize: number | null = null,
  ) {
    if (maxsize !== null) checkCount(maxsize, 1, 'results of a map')
    this.#spare = maxsize === null ? undefined : new Semaphore(maxsize)
    Greenlet.spawn(() => this.#feed(group, body, items))
  }

  /**
   * Waits for the next result, or the end, in the form of an iterator's `next`. Throws what the
   * function threw for this item.
   */
  *next(): Green<IteratorResult<Result | GreenletExit, undefined>> {
    const outcome = yield* this.#results.get()
    if (outcome === 'end') {
      // Other greenlets that wait here, and later calls, get the same answer.
      this.#results.putNowait('end')
      return { done: true, value: undefined }
    }
    this.#spare?.release()
    if ('exception' in outcome) throw outcome.exception
    return { done: false, value: outcome.value }
  }

  /** Calls `body` with each result, up to the end or the first exception. */
  *each(body: Body<[Result | GreenletExit], unknown>): Green<void> {
    for (let next = yield* this.next(); !next.done; next = yield* this.next()) {
      const { value } = next
      yield* call(() => body(value))
    }
  }

  /** All results, in their order. Throws the first exception. */
  *toArray(): Green<(Result | GreenletExit)[]> {
    const values: (Result | GreenletExit)[] = []
    yield* this.each((value) => values.push(value))
    return values
  }

  /** The greenlet of the item with this number, counted from 0, has ended. */
  protected ended(_index: number, outcome: Outcome<Result>): void {
    this.emit(outcome)
  }

  protected emit(outcome: Outcome<Result>): void {
    this.#results.putNowait(outcome)
  }

  /** Starts a greenlet for each item, as fast as the pool has places and the results are read. */
  *#feed(group: Spawner, body: Body<[Item], Result>, items: Iterable<Item>): Green<void> {
    let count = 0
    try {
      for (const item of items) {
        if (this.#spare) yield* this.#spare.acquire()
        const greenlet = yield* group.spawn(() => body(item))
        const index = count++
        this.#open++
        greenlet.link(() => this.#close(index, outcomeOf(greenlet)))
      }
    } catch (exception) {
      this.#open++
      this.#close(count, { exception })
    }
    this.#checkEnd()
  }

  #close(index: number, outcome: Outcome<Result>): void {
    this.ended(index, outcome)
    this.#checkEnd()
  }

  #checkEnd(): void {
    this.#open--
    if (this.#open === 0) this.emit('end')
  }
}

/**
 * The same, in the order of the items: a result that is done before its turn is held back. Modelled
 * on gevent.pool.IMap.
 */
export class IMap<Item, Result> extends IMapUnordered<Item, Result> {
  readonly #held = new Map<number, Outcome<Result>>()
  #turn = 0

  protected override ended(index: number, outcome: Outcome<Result>): void {
    this.#held.set(index, outcome)
    for (let next = this.#held.get(this.#turn); next; next = this.#held.get(this.#turn)) {
      this.#held.delete(this.#turn++)
      this.emit(next)
    }
  }
}

function outcomeOf<Result>(greenlet: Greenlet<Result>): Outcome<Result> {
  if (!greenlet.successful()) return { exception: greenlet.exception }
  return { value: greenlet.value as Result | GreenletExit }
}

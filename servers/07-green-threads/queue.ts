/**
 * How do greenlets hand items on to each other, none of them twice? One puts, another gets, and
 * each of them waits while it can't.
 */
import { Event } from './event.ts'
import type { Green } from './hub.ts'
import { checkCount } from './numbers.ts'
import { type Compare, Fifo, Heap, Lifo, type Store } from './store.ts'
import type { Patience } from './timeout.ts'
import { WaitingLine } from './waiting-line.ts'

/** There is no item, and the caller does not wait, or no longer. */
export class Empty extends Error {
  override readonly name = 'Empty'
}

/** There is no room, and the caller does not wait, or no longer. */
export class Full extends Error {
  override readonly name = 'Full'
}

/**
 * Items on their way from greenlets that put them to greenlets that get them. Both wait if they
 * must, and are served in the order in which they came. Modelled on gevent.queue.Queue.
 *
 * An item stays in the queue until its getter runs: a getter that was killed, or whose time has
 * passed, takes none. The hub too may call the methods that end in `Nowait`.
 *
 * Where it differs: a size below 1 is refused. In gevent a size of 0 was at first a Channel, and
 * later no limit. To loop over a queue, call `get` in a loop, since `for … of` can't wait.
 */
export class Queue<Item> {
  /** Null: no limit. */
  readonly maxsize: number | null
  readonly #items: Store<Item>
  readonly #getters = new WaitingLine(() => !this.empty())
  readonly #putters = new WaitingLine(() => !this.full())

  /**
   * @param maxsize how many items fit in; null for no limit
   * @param items what the items are kept in, which also decides which of them is next
   */
  constructor(maxsize: number | null = null, items: Store<Item> = new Fifo()) {
    if (maxsize !== null) checkCount(maxsize, 1, 'items in a queue (null: no limit)')
    this.maxsize = maxsize
    this.#items = items
  }

  /** The number of items. */
  qsize(): number {
    return this.#items.length
  }

  empty(): boolean {
    return this.qsize() === 0
  }

  full(): boolean {
    return this.maxsize !== null && this.qsize() >= this.maxsize
  }

  /** Puts `item` in as soon as there is room. Throws Full if there is none within `timeout`. */
  *put(item: Item, timeout?: Patience): Green<void> {
    if (this.#roomIsTaken() && !(yield* this.#putters.wait(timeout))) throw new Full('no room yet')
    this.insert(item)
  }

  /** The same without a wait: throws Full if there is no room now. */
  putNowait(item: Item): void {
    if (this.#roomIsTaken()) throw new Full('no room')
    this.insert(item)
  }

  /** Takes the next item once there is one. Throws Empty if there is none within `timeout`. */
  *get(timeout?: Patience): Green<Item> {
    if (this.#itemsAreTaken() && !(yield* this.#getters.wait(timeout)))
      throw new Empty('no item yet')
    return this.#take()
  }

  /** The same without a wait: throws Empty if there is no item now. */
  getNowait(): Item {
    if (this.#itemsAreTaken()) throw new Empty('no item')
    return this.#take()
  }

  /** Waits for the next item and leaves it there. Throws Empty if none comes within `timeout`. */
  *peek(timeout?: Patience): Green<Item> {
    if (this.#itemsAreTaken() && !(yield* this.#getters.wait(timeout)))
      throw new Empty('no item yet')
    return this.#items.peek()
  }

  /** The same without a wait: throws Empty if there is no item now. */
  peekNowait(): Item {
    if (this.#itemsAreTaken()) throw new Empty('no item')
    return this.#items.peek()
  }

  /** Adds an item, for which there is room. */
  protected insert(item: Item): void {
    this.#items.push(item)
    this.#getters.serve()
  }

  #take(): Item {
    const item = this.#items.take()
    this.#putters.serve()
    return item
  }

  /** True if there is no item, or if greenlets that wait already are first. */
  #itemsAreTaken(): boolean {
    return this.empty() || this.#getters.length > 0
  }

  #roomIsTaken(): boolean {
    return this.full() || this.#putters.length > 0
  }
}

/** A queue that gives out the last item first. Modelled on gevent.queue.LifoQueue. */
export class LifoQueue<Item> extends Queue<Item> {
  constructor(maxsize: number | null = null) {
    super(maxsize, new Lifo())
  }
}

/**
 * A queue that gives out the least item first. Modelled on gevent.queue.PriorityQueue. Where it
 * differs: of equal items the one that was put first is first, `compare` may say which is less, and
 * NaN is refused.
 */
export class PriorityQueue<Item> extends Queue<Item> {
  constructor(maxsize: number | null = null, compare: Compare<Item> = naturally) {
    super(maxsize, new Heap(compare))
  }

  /** NaN is neither less than another item nor more: it would break the order of all of them. */
  protected override insert(item: Item): void {
    if (Number.isNaN(item)) throw new RangeError('NaN has no place in an order')
    super.insert(item)
  }
}

/** The order of `<`: numbers by value, texts by the codes of their characters, dates by time. */
function naturally<Item>(a: Item, b: Item): number {
  if (a < b) return -1
  return a > b ? 1 : 0
}

/** A queue that counts the items not yet done with. Modelled on gevent.queue.JoinableQueue. */
export class JoinableQueue<Item> extends Queue<Item> {
  readonly #done = new Event()
  #unfinished = 0

  constructor(maxsize: number | null = null, items?: Store<Item>) {
    super(maxsize, items)
    this.#done.set()
  }

  /** The number of items that were put, less the calls of `taskDone`. */
  get unfinishedTasks(): number {
    return this.#unfinished
  }

  /** Says that one item is done with. Throws if it is called more often than items were put. */
  taskDone(): void {
    if (this.#unfinished === 0) throw new RangeError('taskDone was called once too often')
    this.#unfinished--
    if (this.#unfinished === 0) this.#done.set()
  }

  /** Waits until every item that was put is done with. False if `timeout` has passed before. */
  *join(timeout?: Patience): Green<boolean> {
    return yield* this.#done.wait(timeout)
  }

  protected override insert(item: Item): void {
    this.#unfinished++
    this.#done.clear()
    super.insert(item)
  }
}

/**
 * Which item of a queue is next? That depends on what the queue keeps its items in: the first that
 * was put, the last, or the least.
 */

/** What a queue keeps its items in. */
export interface Store<Item> {
  readonly length: number
  push(item: Item): void
  /** The next item, which stays in the store. There must be one. */
  peek(): Item
  /** Removes and returns the next item. There must be one. */
  take(): Item
}

/** First in, first out. */
export class Fifo<Item> implements Store<Item> {
  #items: (Item | undefined)[] = []
  #head = 0

  get length(): number {
    return this.#items.length - this.#head
  }

  push(item: Item): void {
    this.#items.push(item)
  }

  peek(): Item {
    return this.#items[this.#head] as Item
  }

  take(): Item {
    const item = this.peek()
    this.#items[this.#head++] = undefined
    // The `shift` of a long array moves all its items. Here a take moves one at most, on average.
    if (this.#head * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#head)
      this.#head = 0
    }
    return item
  }
}

/** Last in, first out. */
export class Lifo<Item> implements Store<Item> {
  readonly #items: Item[] = []

  get length(): number {
    return this.#items.length
  }

  push(item: Item): void {
    this.#items.push(item)
  }

  peek(): Item {
    return this.#items.at(-1) as Item
  }

  take(): Item {
    return this.#items.pop() as Item
  }
}

/** Negative if `a` comes before `b`, positive if after it, as for Array.sort. */
export type Compare<Item> = (a: Item, b: Item) => number

interface Entry<Item> {
  readonly item: Item
  readonly number: number
}

/**
 * The least item first; of equal ones the one that came first. A binary heap: an entry with the
 * index i comes before the entries at 2i + 1 and 2i + 2. Modelled on Python's heapq, which doesn't
 * keep the order of equal items.
 */
export class Heap<Item> implements Store<Item> {
  readonly #compare: Compare<Item>
  readonly #entries: Entry<Item>[] = []
  #count = 0

  constructor(compare: Compare<Item>) {
    this.#compare = compare
  }

  get length(): number {
    return this.#entries.length
  }

  push(item: Item): void {
    const entry = { item, number: this.#count++ }
    this.#entries.push(entry)
    this.#rise(this.#entries.length - 1, entry)
  }

  peek(): Item {
    return this.#entries[0]!.item
  }

  take(): Item {
    const { item } = this.#entries[0]!
    const last = this.#entries.pop()!
    if (this.#entries.length > 0) this.#sink(last)
    return item
  }

  /** Moves `entry` from `index` towards the head, as far as it comes before the entries there. */
  #rise(index: number, entry: Entry<Item>): void {
    let at = index
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!this.#isBefore(entry, this.#entries[parent]!)) break
      this.#entries[at] = this.#entries[parent]!
      at = parent
    }
    this.#entries[at] = entry
  }

  /** Puts `entry` at the head, and moves it away from there as far as others come before it. */
  #sink(entry: Entry<Item>): void {
    let at = 0
    for (let child = 1; child < this.#entries.length; child = 2 * at + 1) {
      const right = this.#entries[child + 1]
      if (right && this.#isBefore(right, this.#entries[child]!)) child++
      if (!this.#isBefore(this.#entries[child]!, entry)) break
      this.#entries[at] = this.#entries[child]!
      at = child
    }
    this.#entries[at] = entry
  }

  #isBefore(a: Entry<Item>, b: Entry<Item>): boolean {
    return (this.#compare(a.item, b.item) || a.number - b.number) < 0
  }
}

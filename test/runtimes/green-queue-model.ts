import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  type Green,
  type Greenlet,
  idle,
  killall,
  LifoQueue,
  PriorityQueue,
  Queue,
  run,
  spawn,
} from '../../servers/07-green-threads/gevent.ts'

/** `kill` ends the waiting greenlet with this number, if there is one. */
type Command =
  | { readonly do: 'put' | 'putNowait'; readonly item: number }
  | { readonly do: 'get' | 'getNowait' | 'peekNowait' }
  | { readonly do: 'kill'; readonly which: number }

const command: fc.Arbitrary<Command> = fc.oneof(
  fc.record({ do: fc.constantFrom('put' as const, 'putNowait' as const), item: fc.nat(20) }),
  fc.record({ do: fc.constantFrom('get' as const, 'getNowait' as const, 'peekNowait' as const) }),
  fc.record({ do: fc.constant('kill' as const), which: fc.nat(5) }),
)

/** Puts `item` at its place in a list whose head is taken next. */
type Insert = (items: number[], item: number) => unknown

interface Kind {
  readonly create: (maxsize: number | null) => Queue<number>
  readonly insert: Insert
}

const KINDS: Record<string, Kind> = {
  Queue: {
    create: (maxsize) => new Queue(maxsize),
    insert: (items, item) => items.push(item),
  },
  LifoQueue: {
    create: (maxsize) => new LifoQueue(maxsize),
    insert: (items, item) => items.unshift(item),
  },
  PriorityQueue: {
    create: (maxsize) => new PriorityQueue(maxsize),
    insert: (items, item) => items.push(item) && items.sort((a, b) => a - b),
  },
}

/** What a queue must do, in its simplest form: lists of the items and of waiting greenlets. */
class Model {
  readonly items: number[] = []
  readonly log: string[] = []
  #waiting: { readonly id: number; readonly item?: number }[] = []
  readonly #maxsize: number
  readonly #insert: Insert

  constructor(maxsize: number | null, insert: Insert) {
    this.#maxsize = maxsize ?? Number.POSITIVE_INFINITY
    this.#insert = insert
  }

  do(command: Command, id: number): void {
    const isEmpty = this.items.length === 0
    const isFull = this.items.length >= this.#maxsize
    if (command.do === 'put') this.#waiting.push({ id, item: command.item })
    else if (command.do === 'get') this.#waiting.push({ id })
    else if (command.do === 'kill') this.#waiting.splice(command.which, 1)
    else if (command.do === 'putNowait' && isFull) this.log.push('Full')
    else if (command.do === 'putNowait') this.#insert(this.items, command.item)
    else if (isEmpty) this.log.push('Empty')
    else this.log.push(`${command.do === 'getNowait' ? this.items.shift() : this.items[0]}`)
    while (this.#serveOne());
    this.log.push(`${this.items.length} in it`)
  }

  /** Serves the first waiting greenlet that can go on; false if none can. */
  #serveOne(): boolean {
    const next = this.#waiting.find(({ item }) =>
      item === undefined ? this.items.length > 0 : this.items.length < this.#maxsize,
    )
    if (!next) return false
    this.#waiting = this.#waiting.filter((each) => each !== next)
    if (next.item === undefined) this.log.push(`${next.id} got ${this.items.shift()}`)
    else {
      this.#insert(this.items, next.item)
      this.log.push(`${next.id} put ${next.item}`)
    }
    return true
  }
}

/** The queue itself, with a greenlet for each `put` and `get`. */
class Real {
  readonly queue: Queue<number>
  readonly log: string[] = []
  #waiting: Greenlet[] = []

  constructor(queue: Queue<number>) {
    this.queue = queue
  }

  *do(command: Command, id: number): Green<void> {
    if (command.do === 'put') this.#waiting.push(spawn(() => this.#put(id, command.item)))
    else if (command.do === 'get') this.#waiting.push(spawn(() => this.#get(id)))
    else if (command.do === 'kill') this.#waiting[command.which]?.kill()
    else this.#now(command)
    yield* idle()
    this.#waiting = this.#waiting.filter((greenlet) => !greenlet.ready())
    this.log.push(`${this.queue.qsize()} in it`)
  }

  *end(): Green<void> {
    yield* killall(this.#waiting)
  }

  *#put(id: number, item: number): Green<void> {
    yield* this.queue.put(item)
    this.log.push(`${id} put ${item}`)
  }

  *#get(id: number): Green<void> {
    this.log.push(`${id} got ${yield* this.queue.get()}`)
  }

  #now(command: Command): void {
    try {
      if (command.do === 'putNowait') this.queue.putNowait(command.item)
      if (command.do === 'getNowait') this.log.push(`${this.queue.getNowait()}`)
      if (command.do === 'peekNowait') this.log.push(`${this.queue.peekNowait()}`)
    } catch (error) {
      this.log.push((error as Error).name)
    }
  }
}

/** Compares every kind of queue with a model of it. */
export function queueModelTests(): void {
  const maxsize = fc.constantFrom(null, 1, 2, 3)
  const commands = fc.array(command, { maxLength: 25 })

  test.each(Object.keys(KINDS))('%s: does the same as its model, which is two lists', (name) =>
    fc.assert(
      fc.asyncProperty(maxsize, commands, async (maxsize, commands) => {
        const { create, insert } = KINDS[name]!
        const model = new Model(maxsize, insert)
        const real = new Real(create(maxsize))
        await run(function* () {
          for (const [id, command] of commands.entries()) {
            model.do(command, id)
            yield* real.do(command, id)
          }
          yield* real.end()
        })
        expect(real.log).toEqual(model.log)
      }),
      { numRuns: 100 },
    ),
  )
}

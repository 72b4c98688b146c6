import { Event } from './event.ts'
import { type Body, call, Greenlet, GreenletExit } from './greenlet.ts'
import { type Green, hub, sleep } from './hub.ts'
import { IMap, IMapUnordered } from './imap.ts'
import { Semaphore } from './lock.ts'
import { type Patience, within } from './timeout.ts'
import { joinall, killall } from './waiting.ts'

/** There is no place in the pool, and who came would not wait for one. */
export class PoolFull extends Error {
  override readonly name = 'PoolFull'
}

/**
 * Greenlets that belong together: to be counted, waited for and killed as one. Each leaves by
 * itself when it has ended. After gevent.pool.Group.
 *
 * Where it differs: `spawn` and `start` say `yield*`, since they wait in a Pool; `addNowait` and
 * `startNowait` stand in for `blocking=False`, and the hub may call them too; `map` and the like
 * take one iterable.
 */
export class Group {
  readonly #greenlets = new Set<Greenlet>()
  readonly #empty = new Event()
  protected readonly places: Semaphore | undefined
  readonly #leave = (greenlet: Greenlet) => this.discard(greenlet)

  /** @param places how many it takes, if not any number: a Pool's permits */
  constructor(places?: Semaphore) {
    this.places = places
    this.#empty.set()
  }

  /** How many are in it. */
  get size(): number {
    return this.#greenlets.size
  }

  has(greenlet: Greenlet): boolean {
    return this.#greenlets.has(greenlet)
  }

  [Symbol.iterator](): IterableIterator<Greenlet> {
    return this.#greenlets.values()
  }

  /** True if who comes must wait; a Group that is no Pool never is. */
  full(): boolean {
    return this.places?.locked() ?? false
  }

  // #region add
  /** Takes `greenlet` in, as soon as there is a place. Throws PoolFull if none is in `timeout`. */
  *add(greenlet: Greenlet, timeout?: Patience): Green<void> {
    if (this.has(greenlet)) return
    if (this.places && !(yield* this.places.acquire(timeout))) throw new PoolFull('no place yet')
    this.#enter(greenlet)
  }

  /** The same without a wait: throws PoolFull if there is no place now. */
  addNowait(greenlet: Greenlet): void {
    if (this.has(greenlet)) return
    if (this.places?.acquireNowait() === false) throw new PoolFull('no place')
    this.#enter(greenlet)
  }

  #enter(greenlet: Greenlet): void {
    this.#greenlets.add(greenlet)
    this.#empty.clear()
    greenlet.link(this.#leave)
  }

  /** Lets `greenlet` go, whatever it does by then, and gives its place to the next. */
  discard(greenlet: Greenlet): void {
    if (!this.#greenlets.delete(greenlet)) return
    greenlet.unlink(this.#leave)
    this.places?.release()
    if (this.size === 0) this.#empty.set()
  }
  // #endregion add

  /** Takes `greenlet` in, then starts it. */
  *start(greenlet: Greenlet): Green<void> {
    yield* this.add(greenlet)
    greenlet.start()
  }

  /** The same without a wait: throws PoolFull if there is no place now. */
  startNowait(greenlet: Greenlet): void {
    this.addNowait(greenlet)
    greenlet.start()
  }

  /** Makes a greenlet of `body`, takes it in and starts it. */
  *spawn<Args extends unknown[], Result>(
    body: Body<Args, Result>,
    ...args: Args
  ): Green<Greenlet<Result>> {
    const greenlet = new Greenlet(() => body(...args))
    yield* this.start(greenlet)
    return greenlet
  }

  /**
   * Waits until nobody is in it. Returns whether that was so within `timeout`. With `raiseError`
   * the first exception of those who are in it now is thrown then.
   */
  *join(timeout?: Patience, raiseError = false): Green<boolean> {
    const watched = raiseError ? [...this] : []
    const done = yield* this.#empty.wait(timeout)
    const failed = watched.find((greenlet) => greenlet.ready() && !greenlet.successful())
    if (failed) throw failed.exception
    return done
  }

  // #region kill
  /**
   * Kills all who are in it; `yield*` what this returns to wait until it is empty, and to kill
   * those who come in before. It returns whether that was so within `timeout`.
   */
  kill(exception: Error = new GreenletExit('killed'), timeout?: Patience): Green<boolean> {
    const killed = new Set<Greenlet>()
    this.#killOnce(exception, killed)
    return within(
      timeout,
      () => this.#killAll(exception, killed),
      () => false,
    )
  }

  *#killAll(exception: Error, killed: Set<Greenlet>): Green<boolean> {
    while (this.size > 0) {
      this.#killOnce(exception, killed)
      yield* joinall([...this])
      // They leave as their links are told, which is in this turn.
      yield* sleep(0)
    }
    return true
  }

  #killOnce(exception: Error, killed: Set<Greenlet>): void {
    const alive = [...this].filter((greenlet) => !killed.has(greenlet))
    for (const greenlet of alive) killed.add(greenlet)
    killall(alive, exception)
  }
  // #endregion kill

  /** Kills `greenlet` if it is in this group; `yield*` what this returns to wait for its end. */
  killOne(greenlet: Greenlet, exception?: Error, timeout?: Patience): Green<boolean> {
    return this.has(greenlet) ? greenlet.kill(exception, timeout) : greenlet.join(0)
  }

  /** Runs `body` in a greenlet of the group and waits for what it returns or throws. */
  *apply<Args extends unknown[], Result>(
    body: Body<Args, Result>,
    args: Args,
  ): Green<Result | GreenletExit> {
    // Who is in a full pool would wait for the place that it holds itself.
    if (hub.current && this.has(hub.current)) return yield* call(() => body(...args))
    const greenlet = yield* this.spawn(body, ...args)
    return yield* greenlet.get()
  }

  /** The same, but it waits elsewhere: `callback` gets the value, if there is one. */
  applyAsync<Args extends unknown[], Result>(
    body: Body<Args, Result>,
    args: Args,
    callback?: (value: Result | GreenletExit) => void,
  ): Greenlet<Result | GreenletExit> {
    const greenlet = Greenlet.spawn(() => this.apply(body, args))
    if (callback) greenlet.linkValue(({ value }) => callback(value as Result | GreenletExit))
    return greenlet
  }

  /** What `body` makes of each of `items`, in their order; or the first exception among them. */
  map<Item, Result>(
    body: Body<[Item], Result>,
    items: Iterable<Item>,
  ): Green<(Result | GreenletExit)[]> {
    return this.imap(body, items).toArray()
  }

  /** The same, one by one, as they come: in the order of `items`. For `maxsize` see IMap. */
  imap<Item, Result>(
    body: Body<[Item], Result>,
    items: Iterable<Item>,
    maxsize: number | null = null,
  ): IMap<Item, Result> {
    return new IMap(this, body, items, maxsize)
  }

  /** The same, in the order in which they are done. */
  imapUnordered<Item, Result>(
    body: Body<[Item], Result>,
    items: Iterable<Item>,
    maxsize: number | null = null,
  ): IMapUnordered<Item, Result> {
    return new IMapUnordered(this, body, items, maxsize)
  }
}

/** A group in which only so many run at a time; the next ones wait. After gevent.pool.Pool. */
export class Pool extends Group {
  /** Null is any number. In gevent this is `size`, and what is `size` here `len(pool)`. */
  readonly capacity: number | null

  constructor(size: number | null = null) {
    super(size === null ? undefined : new Semaphore(size))
    this.capacity = size
  }

  /** The places that are free; Infinity if it takes any number (in gevent 1). */
  freeCount(): number {
    return this.places?.counter ?? Number.POSITIVE_INFINITY
  }

  /** Waits until a place is free. Returns how many are; 0 if `timeout` has passed before. */
  *waitAvailable(timeout?: Patience): Green<number> {
    return this.places ? yield* this.places.wait(timeout) : this.freeCount()
  }
}

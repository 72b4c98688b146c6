/**
 * How does a program handle many greenlets as one, and how does it limit how many run at a time? A
 * Group counts them, waits for them and kills them; a Pool is a Group with a limit.
 */
import { Event } from './event.ts'
import { type Body, call, Greenlet, GreenletExit } from './greenlet.ts'
import { type Green, hub, sleep } from './hub.ts'
import { IMap, IMapUnordered } from './imap.ts'
import { Semaphore } from './lock.ts'
import { checkCount } from './numbers.ts'
import { type Patience, within } from './timeout.ts'
import { joinall, killall } from './waiting.ts'

/** There is no place in the pool, and the caller does not wait, or no longer. */
export class PoolFull extends Error {
  override readonly name = 'PoolFull'
}

/**
 * Greenlets that belong together: to be counted, waited for and killed as one. A greenlet leaves by
 * itself when it ends. Modelled on gevent.pool.Group.
 *
 * Where it differs: `spawn` and `start` are called with `yield*`, since they wait in a Pool;
 * `addNowait` and `startNowait` take the place of `blocking=False`, and the hub may call them too;
 * `map` and the like take one iterable.
 */
export class Group {
  readonly #greenlets = new Set<Greenlet>()
  readonly #empty = new Event()
  protected readonly places: Semaphore | undefined
  readonly #leave = (greenlet: Greenlet) => this.discard(greenlet)

  /** @param places a Pool's permits; without them the group takes any number of greenlets */
  constructor(places?: Semaphore) {
    this.places = places
    this.#empty.set()
  }

  /** The number of greenlets in the group. */
  get size(): number {
    return this.#greenlets.size
  }

  has(greenlet: Greenlet): boolean {
    return this.#greenlets.has(greenlet)
  }

  [Symbol.iterator](): IterableIterator<Greenlet> {
    return this.#greenlets.values()
  }

  /** True if another greenlet must wait for a place; never for a Group that is no Pool. */
  full(): boolean {
    return this.places?.locked() ?? false
  }

  // #region add
  /** Takes `greenlet` in once there is a place. Throws PoolFull if none is within `timeout`. */
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

  /** Removes `greenlet`, whatever it does by then, and gives its place to the next one. */
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
   * Waits until the group is empty. False if `timeout` has passed before. With `raiseError` it then
   * throws the first exception of the greenlets that were in the group at the call.
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
   * Kills all greenlets in the group; `yield*` what this returns to wait until the group is empty,
   * and to kill those that come in before. That wait returns false if `timeout` has passed before.
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
      // They leave when their links are called, which happens in this turn.
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
    // In a full pool, the caller would wait for the very place that it holds itself.
    const current = hub.current
    if (current instanceof Greenlet && this.has(current)) return yield* call(() => body(...args))
    const greenlet = yield* this.spawn(body, ...args)
    return yield* greenlet.get()
  }

  /** The same in a greenlet of its own, which this returns. `callback` gets the value, if any. */
  applyAsync<Args extends unknown[], Result>(
    body: Body<Args, Result>,
    args: Args,
    callback?: (value: Result | GreenletExit) => void,
  ): Greenlet<Result | GreenletExit> {
    const greenlet = Greenlet.spawn(() => this.apply(body, args))
    if (callback) greenlet.linkValue(({ value }) => callback(value as Result | GreenletExit))
    return greenlet
  }

  /** What `body` returns for each of `items`, in their order. Throws the first exception. */
  map<Item, Result>(
    body: Body<[Item], Result>,
    items: Iterable<Item>,
  ): Green<(Result | GreenletExit)[]> {
    return this.imap(body, items).toArray()
  }

  /** The same, one by one as they come, in the order of `items`. For `maxsize` see IMap. */
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

/**
 * A group in which only `size` greenlets run at a time; the next ones wait. Modelled on
 * gevent.pool.Pool.
 */
export class Pool extends Group {
  /** Null: no limit. In gevent this is called `size`, and our `size` is `len(pool)`. */
  readonly capacity: number | null

  constructor(size: number | null = null) {
    if (size !== null) checkCount(size, 0, 'places of a pool')
    super(size === null ? undefined : new Semaphore(size))
    this.capacity = size
  }

  /** The number of free places; Infinity without a limit (in gevent 1). */
  freeCount(): number {
    return this.places?.counter ?? Number.POSITIVE_INFINITY
  }

  /** Waits until a place is free. Returns how many are; 0 if `timeout` has passed before. */
  *waitAvailable(timeout?: Patience): Green<number> {
    return this.places ? yield* this.places.wait(timeout) : this.freeCount()
  }
}

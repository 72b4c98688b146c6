/**
 * In which order does a reactor call the program? In passes, until it is stopped. A pass first
 * makes the calls that are due, and then calls the objects whose sockets are ready.
 *
 * ReactorBase is what all reactors have in common: their life, their system events, and calls that
 * are made later. How a reactor waits for sockets is up to a subclass: posix-reactor.ts for
 * descriptors, node-reactor.ts for the sockets of Node.
 *
 *     state      entered by    the event then fired
 *     new        constructor
 *     running    run           startup
 *     stopping   stop          shutdown, in the same pass or the next; it closes everything
 *     stopped    shutdown
 *
 * Where the framework differs from Twisted:
 * - There are no Deferreds. JavaScript has promises, and those of a thread that blocks never
 *   settle. So a trigger can't delay `shutdown`, and `stopFactory` says that a port is closed.
 * - A reactor is an object that is passed on and not a module: tests run many of them in one
 *   process.
 * - `callFromThread` can be called from the reactor's own thread only: see there.
 * - The clock only goes forward, and calls of the same time keep their order.
 * - A reactor handles no signals: a signal's handler runs only on a thread that returns to Node's
 *   event loop.
 * - A transport sends at once what the kernel takes, instead of in the next pass; `connectionLost`
 *   comes in a later pass all the same. TCP_NODELAY is on. The bytes that `dataReceived` gets are
 *   valid only until it returns.
 * - `loseWriteConnection` waits for a registered producer, as `loseConnection` does.
 * - An error that a protocol throws becomes the reason of `connectionLost`. It is logged only if
 *   the protocol does not override that method.
 */
import { type DelayedCall, DelayedCallQueue } from './delayed-call.ts'
import {
  ConnectionLost,
  ReactorAlreadyRunning,
  ReactorNotRestartable,
  ReactorNotRunning,
} from './errors.ts'
import type { Closable, Phase, ReactorCore, ReactorParts, TriggerId } from './interfaces.ts'
import { log } from './log.ts'

const PHASES: readonly Phase[] = ['before', 'during', 'after']

/** The longest wait, in seconds: below the 2 ** 31 ms that poll(2) and Node's timers can hold. */
const LONGEST = 2_000_000

export abstract class ReactorBase implements ReactorCore, ReactorParts {
  #state: 'new' | 'running' | 'stopping' | 'stopped' = 'new'
  #triggers: TriggerId[] = []
  #queued: (() => void)[] = []
  readonly #calls = new DelayedCallQueue(
    () => this.seconds(),
    (time) => this.scheduled(time),
  )
  readonly #open = new Set<Closable>()
  /** Set at the end, when everything is closed: a factory that then connects again is refused. */
  #isClosing = false

  constructor() {
    this.addSystemEventTrigger('during', 'shutdown', () => this.disconnectAll())
  }

  abstract run(): Promise<void>
  abstract iterate(delay?: number): Promise<void>

  stop(): void {
    if (this.#state !== 'running') throw new ReactorNotRunning('a reactor that runs can be stopped')
    this.#state = 'stopping'
    this.scheduled(0)
  }

  callWhenRunning(f: () => void): void {
    if (this.running) f()
    else this.addSystemEventTrigger('after', 'startup', f)
  }

  addSystemEventTrigger(phase: Phase, event: string, trigger: () => void): TriggerId {
    const id = { phase, event, trigger }
    this.#triggers.push(id)
    return id
  }

  removeSystemEventTrigger(id: TriggerId): void {
    const place = this.#triggers.indexOf(id)
    if (place < 0) throw new TypeError('the trigger was removed or has fired')
    this.#triggers.splice(place, 1)
  }

  fireSystemEvent(event: string): void {
    for (const phase of PHASES) this.#firePhase(phase, event)
  }

  seconds(): number {
    return performance.now() / 1000
  }

  callLater<Args extends unknown[]>(
    delay: number,
    f: (...args: Args) => void,
    ...args: Args
  ): DelayedCall {
    return this.#calls.add(delay, () => f(...args))
  }

  /**
   * A function can't be passed from one JavaScript thread to another, so only the reactor's own
   * thread can call this. What remains is the queue: `f` runs in the next pass, on a fresh stack.
   */
  callFromThread<Args extends unknown[]>(f: (...args: Args) => void, ...args: Args): void {
    this.#queued.push(() => f(...args))
    this.scheduled(0)
  }

  /** Called by ports, connectors and transports: see ReactorParts. Throws ReactorNotRunning. */
  opened(closable: Closable): void {
    if (this.#isClosing) throw new ReactorNotRunning('the reactor ends, and opens nothing more')
    this.#open.add(closable)
  }

  closed(closable: Closable): void {
    this.#open.delete(closable)
  }

  /** True from `run` until the event `shutdown` has been fired. */
  protected get running(): boolean {
    return this.#state === 'running' || this.#state === 'stopping'
  }

  protected startRunning(): void {
    if (this.running) throw new ReactorAlreadyRunning('this reactor runs already')
    if (this.#state === 'stopped') throw new ReactorNotRestartable('a reactor runs only once')
    this.#state = 'running'
    this.fireSystemEvent('startup')
  }

  /** The first half of a pass: calls that were queued, calls that are due, and the shutdown. */
  protected runUntilCurrent(): void {
    const queued = this.#queued
    this.#queued = []
    for (const f of queued) log.guard(f)
    this.#calls.merge()
    const now = this.seconds()
    for (;;) {
      const call = this.#calls.take(now)
      if (!call) break
      log.guard(() => call.run())
    }
    if (this.#state === 'stopping') this.#shutDown()
  }

  /** How long the second half of a pass may wait for sockets, in seconds. */
  protected timeout(): number {
    if (this.#queued.length > 0 || this.#state === 'stopping') return 0
    this.#calls.merge()
    return Math.min(LONGEST, Math.max(0, this.#calls.earliest - this.seconds()))
  }

  /** Called when something is to be done at `time`: a wait that has begun may have to end then. */
  protected scheduled(_time: number): void {}

  protected disconnectAll(): void {
    this.#isClosing = true
    // A copy, since a callback may close other things, and so change the set.
    for (const closable of [...this.#open]) {
      log.guard(() => closable.connectionLost(new ConnectionLost()))
    }
  }

  #shutDown(): void {
    this.fireSystemEvent('shutdown')
    this.#state = 'stopped'
  }

  /** A trigger may add and remove other triggers, of this phase too. */
  #firePhase(phase: Phase, event: string): void {
    const next = () => this.#triggers.find((id) => id.phase === phase && id.event === event)
    for (let id = next(); id; id = next()) {
      this.removeSystemEventTrigger(id)
      log.guard(id.trigger)
    }
  }
}

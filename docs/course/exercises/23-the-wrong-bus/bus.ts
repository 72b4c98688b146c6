/** A bus in memory, whose connections are taken down when a case says so. */
import { Broken } from '../../../../clients/check/verdict.ts'
import { Event, type Green, sleep } from '../../../../servers/07-green-threads/gevent.ts'

export interface Entry {
  readonly id: number
  readonly text: string
}

type Hear = (text: string) => void
export type ErrorClass = new (message: string) => Error

/** How often a server may try in vain while a connection is down. */
const MOST_ATTEMPTS = 20

/** What all servers share. It loses nothing, whatever happens to the connections. */
export class Log {
  readonly entries: Entry[] = []
  readonly #ids = new Map<string, number>()
  readonly #news = new Event()
  /** Those that hear what another one publishes. */
  readonly connections = new Set<Connection>()

  get last(): number {
    return this.entries.at(-1)?.id ?? 0
  }

  has(key: string): boolean {
    return this.#ids.has(key)
  }

  append(text: string, key: string): number {
    const known = this.#ids.get(key)
    if (known !== undefined) return known
    const id = this.last + 1
    this.entries.push({ id, text })
    this.#ids.set(key, id)
    this.wake()
    return id
  }

  after(id: number): Entry[] {
    return this.entries.filter((entry) => entry.id > id)
  }

  wake(): void {
    this.#news.set()
    this.#news.clear()
  }

  changed(): Green<boolean> {
    return this.#news.wait()
  }
}

/** One of the two connections of a server. */
export type Line = 'post' | 'follow'

/** What a server has of the bus. */
export class Connection {
  readonly #log: Log
  readonly #Disconnected: ErrorClass
  readonly #down = new Set<Line>()
  /** How often a connection has been cut: an answer that was on its way then does not come. */
  readonly #cuts = { post: 0, follow: 0 }
  readonly #hearers = new Set<Hear>()
  #attempts = 0
  /** What a server must not do, such as to try again without a pause. */
  failure: Broken | undefined

  constructor(log: Log, Disconnected: ErrorClass) {
    this.#log = log
    this.#Disconnected = Disconnected
    log.connections.add(this)
  }

  cut(line: Line): void {
    this.#down.add(line)
    this.#cuts[line] += 1
    this.#attempts = 0
    this.#log.wake()
  }

  restore(): void {
    this.#down.clear()
    this.#log.wake()
  }

  *publish(text: string): Green<void> {
    yield* this.#onItsWay('post', this.#cuts.post)
    for (const other of this.#log.connections) if (other !== this) other.#hear(text)
  }

  *subscribe(hear: Hear): Green<void> {
    this.#hearers.add(hear)
    try {
      for (;;) yield* this.#log.changed()
    } finally {
      this.#hearers.delete(hear)
    }
  }

  *append(text: string, key: string): Green<number> {
    const cuts = this.#cuts.post
    yield* this.#onItsWay('post', cuts)
    const id = this.#log.append(text, key)
    yield* this.#onItsWay('post', cuts)
    return id
  }

  *after(id: number | '$'): Green<Entry[]> {
    const from = id === '$' ? this.#log.last : id
    const cuts = this.#cuts.follow
    for (;;) {
      yield* this.#onItsWay('follow', cuts)
      const entries = this.#log.after(from)
      // Not all of them at once: a connection can break between two messages.
      if (entries.length > 0) return entries.slice(0, 2)
      yield* this.#log.changed()
    }
  }

  *connected(): Green<void> {
    while (this.#down.size > 0) yield* this.#log.changed()
  }

  /** Takes a turn. Throws Disconnected if the connection is down, or was cut since the call. */
  *#onItsWay(line: Line, cuts: number): Green<void> {
    const wasDown = this.#down.has(line)
    yield* sleep(0)
    if (wasDown) this.#count()
    if (wasDown || this.#cuts[line] !== cuts) throw new this.#Disconnected('the connection broke')
  }

  #count(): void {
    this.#attempts += 1
    if (this.#attempts === MOST_ATTEMPTS)
      this.failure = new Broken(
        'that it waits while the connection is down',
        `${MOST_ATTEMPTS} attempts without a pause`,
      )
  }

  #hear(text: string): void {
    if (this.#down.has('follow')) return
    for (const hear of this.#hearers) hear(text)
  }
}

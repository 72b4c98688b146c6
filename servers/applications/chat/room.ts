/**
 * How does one message reach a thousand people, when some of them are slow? Nobody has a queue. The
 * room keeps its newest messages, and each person has a place in them: the last id that it has
 * seen. Those who are fast read on as soon as there is more. One that is slow holds up nobody and
 * costs nothing; and if it falls behind what the room keeps, it reads from the log of the bus.
 */
import { Event, type Green, type Patience } from '../../07-green-threads/gevent.ts'
import type { Pending } from '../../07-green-threads/hub.ts'
import { type Bus, compareIds, type Entry, START } from './bus.ts'

/** Messages that a newcomer is shown. */
const BACKLOG = 25

/** Messages that a room keeps in memory, at least. */
const RECENT = 200

/** Messages that are given to a person at a time, at most. */
const BATCH = 100

/** What a person hasn't seen yet. */
export interface News {
  readonly entries: readonly Entry[]
  /** The id to go on from. */
  readonly last: string
  /** True if messages before `entries` may be missing: the log doesn't have them any more. */
  readonly gap: boolean
}

/** A room, as this server sees it. It is open as long as somebody is in it. */
export class Room {
  readonly name: string
  readonly #bus: Bus
  #following: Pending | undefined
  /** All messages after the id `#start`. */
  #recent: Entry[] = []
  #start = START
  readonly #news = new Event()
  /** How many connections each person on this server has. */
  readonly #here = new Map<string, number>()
  /** Who is in the room on all servers, which servers there are, and how often that has changed. */
  people: readonly string[] = []
  servers: readonly string[] = []
  changes = 0
  isClosed = false

  private constructor(bus: Bus, name: string) {
    this.#bus = bus
    this.name = name
  }

  static *open(bus: Bus, name: string): Green<Room> {
    const room = new Room(bus, name)
    const [newest] = yield* bus.last(name, 1)
    room.#start = newest?.id ?? START
    room.#following = yield* bus.follow(name, room.#start, (entries) => room.#take(entries))
    return room
  }

  /** The names of the people on this server. */
  get here(): string[] {
    return [...this.#here.keys()]
  }

  enter(name: string): void {
    this.#here.set(name, (this.#here.get(name) ?? 0) + 1)
  }

  leave(name: string): void {
    const left = this.#here.get(name)! - 1
    if (left > 0) this.#here.set(name, left)
    else this.#here.delete(name)
  }

  /** What a newcomer is shown. */
  *backlog(): Green<News> {
    return this.#newsOf(yield* this.#bus.last(this.name, BACKLOG), this.#start)
  }

  // #region after
  /**
   * Waits until there is something after this id, or the number of `changes` is another one
   * than this. After `patience`, and when the room closes, there may be nothing.
   */
  *after(id: string, changes: number, patience?: Patience): Green<News> {
    if (compareIds(id, this.#start) < 0) return yield* this.#fromLog(id)
    const newest = this.#recent.at(-1)?.id ?? this.#start
    const isCurrent = compareIds(id, newest) >= 0 && changes === this.changes
    if (isCurrent && !this.isClosed) yield* this.#news.wait(patience)
    // Meanwhile so much may have come that the id is no longer among the recent ones.
    if (compareIds(id, this.#start) < 0) return yield* this.#fromLog(id)
    const seen = this.#recent.findLastIndex((entry) => compareIds(entry.id, id) <= 0)
    return this.#newsOf(this.#recent.slice(seen + 1, seen + 1 + BATCH), id)
  }

  /** If the log no longer has the id itself, others after it may be missing as well. */
  *#fromLog(id: string): Green<News> {
    const entries = yield* this.#bus.from(this.name, id, BATCH + 1)
    if (entries[0]?.id === id) return this.#newsOf(entries.slice(1), id)
    return { ...this.#newsOf(entries, this.#start), gap: id !== START }
  }
  // #endregion after

  #newsOf(entries: readonly Entry[], before: string): News {
    return { entries, last: entries.at(-1)?.id ?? before, gap: false }
  }

  /** Sets who is there, and by which servers people can be there. */
  know(people: readonly string[], servers: readonly string[]): void {
    if (isSame(people, this.people) && isSame(servers, this.servers)) return
    this.people = people
    this.servers = servers
    this.changes++
    this.#wake()
  }

  /** Everybody goes on at once, and finds it closed. */
  close(): void {
    this.isClosed = true
    this.#following?.cancel()
    this.#wake()
  }

  #take(entries: readonly Entry[]): void {
    this.#recent.push(...entries)
    if (this.#recent.length > 2 * RECENT) {
      const old = this.#recent.splice(0, this.#recent.length - RECENT)
      this.#start = old.at(-1)!.id
    }
    this.#wake()
  }

  #wake(): void {
    this.#news.set()
    this.#news.clear()
  }
}

function isSame(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((each, i) => each === others[i])
}

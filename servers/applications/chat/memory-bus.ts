/** The bus of a chat that has one server: the logs are in its memory, and end with it. */

import { call } from '../../07-green-threads/greenlet.ts'
import type { Green, Pending } from '../../07-green-threads/hub.ts'
import {
  type Bus,
  compareIds,
  type Entry,
  KEPT,
  type Message,
  nextId,
  PRESENT,
  START,
  type Take,
} from './bus.ts'

/** Logs that are kept. Anybody can name a new room: then the one without use for longest goes. */
const LOGS = 1000

class Log {
  entries: Entry[] = []
  /** The ids of messages by the keys that their clients have made, the oldest first. */
  readonly keys = new Map<string, string>()
  readonly servers = new Map<string, { names: readonly string[]; until: number }>()
  take: Take | undefined

  /** An array is cut only when it has become twice as long: so each entry moves once at most. */
  add(entry: Entry): void {
    this.entries.push(entry)
    if (this.entries.length > 2 * KEPT) this.entries = this.entries.slice(-KEPT)
    this.take?.([entry])
  }

  from(first: string): Entry[] {
    // Nearly always the newest entries are asked for.
    const before = this.entries.findLastIndex(({ id }) => compareIds(id, first) < 0)
    return this.entries.slice(before + 1)
  }

  leave(take: Take): void {
    if (this.take === take) this.take = undefined
  }

  remember(key: string, id: string): void {
    this.keys.set(key, id)
    const [oldest] = this.keys.keys()
    if (this.keys.size > KEPT) this.keys.delete(oldest!)
  }

  present(server: string, names: readonly string[]): string[] {
    const now = performance.now()
    this.servers.set(server, { names, until: names.length > 0 ? now + PRESENT * 1000 : now })
    for (const [each, { until }] of this.servers) if (until <= now) this.servers.delete(each)
    return [...new Set([...this.servers.values()].flatMap((each) => each.names))]
  }
}

export class MemoryBus implements Bus {
  readonly #logs = new Map<string, Log>()

  append(room: string, message: Message, key: string): Green<string> {
    return call(() => {
      const log = this.#log(room)
      const known = log.keys.get(key)
      if (known) return known
      const id = nextId(log.entries.at(-1)?.id ?? START, Date.now())
      log.remember(key, id)
      log.add({ id, ...message })
      return id
    })
  }

  from(room: string, id: string, limit: number): Green<Entry[]> {
    return call(() => this.#log(room).from(id).slice(0, limit))
  }

  last(room: string, count: number): Green<Entry[]> {
    return call(() => this.#log(room).entries.slice(-count))
  }

  follow(room: string, after: string, take: Take): Green<Pending> {
    return call(() => {
      const log = this.#log(room)
      if (log.take) throw new Error(`the room ${room} has a follower already`)
      const missed = log.from(after).filter(({ id }) => id !== after)
      if (missed.length > 0) take(missed)
      log.take = take
      return { cancel: () => log.leave(take) }
    })
  }

  present(room: string, server: string, names: readonly string[]): Green<string[]> {
    return call(() => this.#log(room).present(server, names))
  }

  close(): void {}

  /** The log of a room, which counts as used by this. A log that is followed is in use. */
  #log(room: string): Log {
    const log = this.#logs.get(room) ?? new Log()
    this.#logs.delete(room)
    this.#logs.set(room, log)
    for (const [name, { take }] of this.#logs) {
      if (this.#logs.size <= LOGS) break
      if (!take && name !== room) this.#logs.delete(name)
    }
    return log
  }
}

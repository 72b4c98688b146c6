/**
 * What do the servers of a chat share? A bus: for each room a log to which messages are only ever
 * added, and the list of those who are there.
 *
 * The log gives each message an id, and the ids are the order of the room. So a client that knows
 * the last id that it has seen can go on from there, on any server, and neither misses a message
 * nor gets one twice.
 */
import type { Green, Pending } from '../../07-green-threads/hub.ts'

export interface Message {
  readonly name: string
  readonly text: string
}

/** A message in the log of a room. */
export interface Entry extends Message {
  readonly id: string
}

/** Called by the bus, from the hub or from any greenlet. It must not wait, nor throw. */
export type Take = (entries: readonly Entry[]) => void

/** Comes before the id of every entry. */
export const START = '0-0'

/** The entries of a room that a log keeps, at least. */
export const KEPT = 10_000

/** Seconds for which a server's word about who is there holds. It is given again in time. */
export const PRESENT = 6

// #region bus
export interface Bus {
  /**
   * Adds a message to the room's log, and returns its id once the log has it. The client makes the
   * key. A message whose key was there already is not added again: its id is returned once more.
   */
  append(room: string, message: Message, key: string): Green<string>
  /** Entries from this id on, itself included if the log still has it: the oldest `limit`. */
  from(room: string, id: string, limit: number): Green<Entry[]>
  /** The newest `count` entries, the oldest of them first. */
  last(room: string, count: number): Green<Entry[]>
  /**
   * Calls `take` with all entries after this id, in their order, until the Pending that this
   * returns is cancelled. A room can have one follower at a time.
   */
  follow(room: string, after: string, take: Take): Green<Pending>
  /**
   * Says who is in the room on this server, which holds for the next seconds; nobody: it is
   * forgotten at once. Returns who is there on all servers, each name once.
   */
  present(room: string, server: string, names: readonly string[]): Green<string[]>
  close(): void
}
// #endregion bus

/** Below 0 if `a` comes before `b`. An id is `milliseconds-count`, as those of Redis Streams. */
export function compareIds(a: string, b: string): number {
  const [time = 0, count = 0] = a.split('-').map(Number)
  const [otherTime = 0, otherCount = 0] = b.split('-').map(Number)
  return time - otherTime || count - otherCount
}

/** The id after `last`. It begins with the time, so that those of a server that restarts go on. */
export function nextId(last: string, now: number): string {
  const [time = 0, count = 0] = last.split('-').map(Number)
  return now > time ? `${now}-0` : `${time}-${count + 1}`
}

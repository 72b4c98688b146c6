/**
 * The loop of asyncore: it asks every channel what it wants, waits once for all of them, and calls
 * back those that are ready. A channel is a Dispatcher, of which the loop knows only the methods.
 *
 * Where it differs from the original, and why:
 * - The original keeps its channels in a global, `socket_map`, and chooses between `poll` (select)
 *   and `poll2` (poll) by the flag `use_poll`. Here a `SocketMap` holds the channels, the socket
 *   layer they live on and the poller to wait with, so that two loops can stand side by side and
 *   leave nothing behind.
 * - A channel that wants neither to read nor to write still hears of errors and hang-ups. The
 *   original leaves it out of the wait, so a listener that rests could not be told to close.
 * - A channel that was closed or removed by one of its own handlers hears nothing more in that
 *   pass, even if the handler has connected it again. The original goes on, and so a last `recv`
 *   together with a hang-up calls `handle_close` twice.
 * - Urgent data calls `handleExpt` once, and then not before more input has come. The original asks
 *   for it in every pass, and spins until the program has read it.
 * - A channel that stays open after a hang-up, with nothing left to read, is closed. The original
 *   calls `handle_close` again in every pass, and spins.
 */
import { constants } from 'node:os'
import {
  isSystemError,
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLNVAL,
  POLLOUT,
  POLLPRI,
  type Posix,
  SystemError,
} from '../posix/api.ts'
import type { Poller } from '../posix/poller.ts'

/**
 * Thrown by a handler, it passes through the loop and ends it. Any other error stays with its
 * channel.
 */
export class ExitNow extends Error {
  override readonly name = 'ExitNow'
}

/** Errnos that mean no more than that the peer has gone. */
export const DISCONNECTED = [
  'ECONNRESET',
  'ENOTCONN',
  'ESHUTDOWN',
  'ECONNABORTED',
  'EPIPE',
  'EBADF',
] as const

/** The events of a connection that can't go on. They are reported whether asked for or not. */
const HANG_UP = POLLERR | POLLHUP | POLLNVAL

/** What the loop knows of a dispatcher. Each handler is described in dispatcher.ts. */
export interface Channel {
  /** Its descriptor, -1 if it has none. */
  readonly fd: number
  readonly accepting: boolean
  /** The end of the peer's stream has been read. */
  readonly ended: boolean
  readable(): boolean
  writable(): boolean
  handleReadEvent(): void
  handleWriteEvent(): void
  handleExptEvent(): void
  handleClose(error?: unknown): void
  handleError(error: unknown): void
  close(): void
}

/**
 * A channel's stay in the map. Its next stay is another entry, though it may have the same number.
 */
interface Entry {
  readonly fd: number
  readonly channel: Channel
  /** What the poller was last told to watch for. */
  events: number
  /** It has been told of urgent data, and no input has come since. */
  isToldOfUrgent: boolean
}

/** The channels of one loop, by descriptor. */
export class SocketMap {
  readonly posix: Posix
  readonly poller: Poller
  readonly #entries = new Map<number, Entry>()

  constructor(posix: Posix, poller: Poller) {
    this.posix = posix
    this.poller = poller
  }

  get size(): number {
    return this.#entries.size
  }

  /** False once the entry's channel has been deleted, even if it has been added again. */
  holds(entry: Entry): boolean {
    return this.#entries.get(entry.fd) === entry
  }

  entry(fd: number): Entry | undefined {
    return this.#entries.get(fd)
  }

  get(fd: number): Channel | undefined {
    return this.entry(fd)?.channel
  }

  /** The channels that are in the map now. */
  channels(): Channel[] {
    return Array.from(this.#entries.values(), ({ channel }) => channel)
  }

  /** Two channels on one descriptor are an error. */
  add(channel: Channel): void {
    const { fd } = channel
    this.poller.add(fd, 0)
    this.#entries.set(fd, { fd, channel, events: 0, isToldOfUrgent: false })
  }

  /** Does nothing if the channel isn't in the map. */
  delete(channel: Channel): void {
    if (this.get(channel.fd) !== channel) return
    this.#entries.delete(channel.fd)
    this.poller.remove(channel.fd)
  }

  /** Asks each channel what it waits for now. */
  ask(): void {
    for (const entry of this.#entries.values()) {
      const wanted = interest(entry)
      // `readable` or `writable` may have closed the channel.
      if (wanted === entry.events || !this.holds(entry)) continue
      this.poller.modify(entry.fd, wanted)
      entry.events = wanted
    }
  }
}

// #region wait
/**
 * Runs until no channel is left, or for `count` passes.
 *
 * There are no timers: a program that needs one calls `loop(timeout, map, 1)` in a loop of its own.
 *
 * @param timeout the longest wait of one pass, in seconds
 */
export function loop(timeout = 30, map: SocketMap, count = Number.POSITIVE_INFINITY): void {
  for (let pass = 0; pass < count && map.size > 0; pass++) poll(timeout, map)
}

/**
 * One pass. `timeout` in seconds: 0 doesn't wait; negative or Infinity waits until something
 * happens.
 */
export function poll(timeout: number, map: SocketMap): void {
  map.ask()
  const ready = map.poller.wait(timeout < 0 ? Number.POSITIVE_INFINITY : timeout * 1000)
  for (let i = 0; i < ready; i++) {
    const entry = map.entry(map.poller.fd(i))
    if (entry) readwrite(map, entry, map.poller.events(i))
  }
}
// #endregion wait

/**
 * Closes every channel.
 *
 * @param ignoreAll go on after an error of a channel's `close`. ExitNow passes in any case.
 */
export function closeAll(map: SocketMap, ignoreAll = false): void {
  for (const channel of map.channels()) {
    try {
      channel.close()
    } catch (error) {
      if (!ignoreAll || error instanceof ExitNow) throw error
    }
    // Even a channel whose `close` is overridden and keeps it.
    map.delete(channel)
  }
}

// #region interest
/**
 * A listener is never written to, and after the end of its input a channel has nothing to read.
 * Urgent data stays pending until a recv(2) steps over it: the channel is told of it only once.
 */
function interest({ channel, isToldOfUrgent }: Entry): number {
  const kinds = isToldOfUrgent ? POLLIN : POLLIN | POLLPRI
  const input = channel.readable() && !channel.ended ? kinds : 0
  const output = channel.writable() && !channel.accepting ? POLLOUT : 0
  return input | output
}
// #endregion interest

/**
 * Delivers the events of one channel, in the original's order, for as long as it stays in the map.
 */
function readwrite(map: SocketMap, entry: Entry, events: number): void {
  const { channel } = entry
  try {
    if (events & POLLIN) {
      entry.isToldOfUrgent = false
      channel.handleReadEvent()
    }
    if (events & POLLOUT && map.holds(entry)) channel.handleWriteEvent()
    if (events & POLLPRI && map.holds(entry)) {
      entry.isToldOfUrgent = true
      channel.handleExptEvent()
    }
    if (events & HANG_UP && map.holds(entry)) hangUp(map, entry, events)
  } catch (error) {
    if (error instanceof ExitNow) throw error
    if (isSystemError(error, ...DISCONNECTED)) channel.handleClose(error)
    else channel.handleError(error)
  }
}

/** Both sides have ended their streams, or there is an error. */
function hangUp(map: SocketMap, entry: Entry, events: number): void {
  const { fd, channel } = entry
  const error = hangUpError(map, fd, events)
  channel.handleClose(error)
  // Nothing more can come or go, and each wait would report the hang-up again: poll(2).
  if (map.holds(entry) && (error || channel.ended)) channel.close()
}

function hangUpError(map: SocketMap, fd: number, events: number): SystemError | undefined {
  if (events & POLLNVAL) return new SystemError('poll', constants.errno.EBADF)
  // A call before this one may have fetched the errno; the connection is broken all the same.
  if (events & POLLERR) {
    return new SystemError('poll', map.posix.socketError(fd) || constants.errno.EPIPE)
  }
  return undefined
}

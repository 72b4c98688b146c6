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
 *   pass. The original goes on, and so a last `recv` together with a hang-up calls `handle_close`
 *   twice.
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

interface Entry {
  readonly channel: Channel
  /** What the poller was last told to watch for. */
  events: number
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

  has(fd: number, channel: Channel): boolean {
    return this.#entries.get(fd)?.channel === channel
  }

  get(fd: number): Channel | undefined {
    return this.#entries.get(fd)?.channel
  }

  /** The channels that are in the map now. */
  channels(): Channel[] {
    return Array.from(this.#entries.values(), ({ channel }) => channel)
  }

  /** Two channels on one descriptor are an error. */
  add(channel: Channel): void {
    this.poller.add(channel.fd, 0)
    this.#entries.set(channel.fd, { channel, events: 0 })
  }

  /** Does nothing if the channel isn't in the map. */
  delete(channel: Channel): void {
    if (!this.has(channel.fd, channel)) return
    this.#entries.delete(channel.fd)
    this.poller.remove(channel.fd)
  }

  /** Asks each channel what it waits for now. */
  ask(): void {
    for (const entry of this.#entries.values()) {
      const wanted = interest(entry.channel)
      if (wanted === entry.events) continue
      this.poller.modify(entry.channel.fd, wanted)
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
    const fd = map.poller.fd(i)
    const channel = map.get(fd)
    if (channel) readwrite(map, fd, channel, map.poller.events(i))
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
/** A listener is never written to, and after the end of its input a channel has nothing to read. */
function interest(channel: Channel): number {
  const input = channel.readable() && !channel.ended ? POLLIN | POLLPRI : 0
  const output = channel.writable() && !channel.accepting ? POLLOUT : 0
  return input | output
}
// #endregion interest

/** Delivers the events of one channel, in the original's order, as long as it is in the map. */
function readwrite(map: SocketMap, fd: number, channel: Channel, events: number): void {
  try {
    if (events & POLLIN) channel.handleReadEvent()
    if (events & POLLOUT && map.has(fd, channel)) channel.handleWriteEvent()
    if (events & POLLPRI && map.has(fd, channel)) channel.handleExptEvent()
    if (events & HANG_UP && map.has(fd, channel)) channel.handleClose(hangUp(map, fd, events))
  } catch (error) {
    if (error instanceof ExitNow) throw error
    if (isSystemError(error, ...DISCONNECTED)) channel.handleClose(error)
    else channel.handleError(error)
  }
}

/** The reason for a hang-up; none if both sides have ended their streams. */
function hangUp(map: SocketMap, fd: number, events: number): SystemError | undefined {
  if (events & POLLNVAL) return new SystemError('poll', constants.errno.EBADF)
  // A call before this one may have fetched the errno; the connection is broken all the same.
  if (events & POLLERR) {
    return new SystemError('poll', map.posix.socketError(fd) || constants.errno.EPIPE)
  }
  return undefined
}

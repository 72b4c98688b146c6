/** What the suites of asynchat share: a chat that records its calls, on a connection. */
import { beforeEach, vi } from 'vitest'
import { AsyncChat } from '../../servers/05-asynchat/async-chat.ts'
import type { Channels } from './channels.ts'

export const MiB = 2 ** 20

/**
 * Records its calls: a string for the bytes that were collected, `|` for a terminator. Neighbouring
 * pieces are joined, since the place where a stream is cut must make no difference.
 */
export class Recorder extends AsyncChat {
  readonly calls: string[] = []
  readonly errors: unknown[] = []
  /** The sizes of the pieces as they came. */
  readonly pieces: number[] = []
  onFound = (): void => {}
  onCollect = (): void => {}

  override collectIncomingData(data: Uint8Array): void {
    this.pieces.push(data.length)
    const text = Buffer.from(data).toString('latin1')
    const last = this.calls.at(-1)
    if (last === undefined || last === '|') this.calls.push(text)
    else this.calls[this.calls.length - 1] = last + text
    this.onCollect()
  }
  override foundTerminator(): void {
    this.calls.push('|')
    this.onFound()
  }
  override handleError(error: unknown): void {
    this.errors.push(error)
    this.handleClose()
  }
}

/** One byte for each character. */
export function bytes(text: string): Buffer {
  return Buffer.from(text, 'latin1')
}

/** The harness of a suite, with a new chat for each test. */
export function useHarness(channels: Channels): Harness {
  const harness = new Harness(channels)
  beforeEach(() => harness.renew())
  return harness
}

export class Harness {
  readonly #channels: Channels
  chat!: Recorder
  /** The other end of its connection. */
  peer!: number

  constructor(channels: Channels) {
    this.#channels = channels
  }

  renew(): void {
    const { accepted, peer } = this.#channels.pair()
    this.peer = peer
    this.chat = new Recorder(this.#channels.map, accepted.fd)
  }

  /** Ends the peer's stream, and the connection with it. */
  end(): void {
    this.#channels.closePeer(this.peer)
    this.#channels.until(() => this.chat.fd < 0)
  }

  /** Sends the chunks one by one, each after the chat has received the one before. */
  feed(...chunks: (string | Uint8Array)[]): void {
    for (const chunk of chunks) {
      if (chunk.length > 0) this.#feedOne(typeof chunk === 'string' ? bytes(chunk) : chunk)
    }
  }

  #feedOne(chunk: Uint8Array): void {
    const { posix } = this.#channels
    let received = 0
    const { recv } = posix
    const spy = vi.spyOn(posix, 'recv').mockImplementation((fd, buffer) => {
      const count = recv.call(posix, fd, buffer)
      if (fd === this.chat.fd && count > 0) received += count
      return count
    })
    this.#channels.sendAll(this.peer, chunk)
    this.#channels.until(() => received === chunk.length || this.chat.fd < 0)
    spy.mockRestore()
  }
}

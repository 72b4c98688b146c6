/**
 * How does a program talk over a WebSocket as over a blocking socket? `receive` waits for the next
 * message, and `send` waits for a slow peer. The package `ws` reads and writes the frames, on the
 * socket that the WSGI server gives away.
 *
 * What production would do besides: compress messages (RFC 7692), which costs memory for each
 * connection, and limit how many connections one address may have.
 */
import type { Socket } from 'node:net'
import { WebSocket } from 'ws'
import {
  ConcurrentObjectUseError,
  Event,
  type Green,
  type Patience,
  sleep,
  spawn,
} from '../../07-green-threads/gevent.ts'
import { Waiter } from '../../07-green-threads/hub.ts'
import { WaitingLine } from '../../07-green-threads/waiting-line.ts'

/** A message: text, or bytes. */
export type Message = string | Buffer

/** The WebSocket is closed, or closing: nothing more can be sent. */
export class WebSocketClosed extends Error {
  override readonly name = 'WebSocketClosed'
}

/**
 * The server's end of a WebSocket. One greenlet at a time may receive. Several may send: each
 * message stays whole. Its life:
 *
 *     open → closing: one end has sent a close frame → closed: both have, or the connection failed
 *
 * What is unfit is refused as RFC 6455 says, with a close frame: 1002 for frames that break the
 * protocol, 1007 for text that is not UTF-8, 1008 and 1009 for too many fragments and too many bytes.
 */
export class GreenWebSocket {
  readonly #ws: WebSocket
  readonly #socket: Socket
  /** Messages that came while no greenlet was receiving. */
  readonly #held: Message[] = []
  #reader: Waiter<Message | undefined> | undefined
  /** How many times reading has gone on after a pause. */
  #resumed = 0
  readonly #senders: WaitingLine
  readonly #pong = new Event()
  readonly #gone = new Event()
  #closing = false
  #code = 0
  #reason = ''

  /**
   * @param patience seconds of silence before a ping; seconds in which its pong must come, and in
   *   which the client must take some of what is unsent
   */
  constructor(ws: WebSocket, socket: Socket, patience: number) {
    this.#ws = ws
    this.#socket = socket
    this.#senders = new WaitingLine(() => this.closed || !socket.writableNeedDrain)
    ws.on('message', (data: Buffer, isBinary) => this.#feed(isBinary ? data : data.toString()))
    ws.on('pong', () => this.#answered())
    // By then `ws` has sent the close frame that says what was wrong.
    ws.on('error', () => {})
    const keeper = spawn(() => this.#keepAlive(patience))
    ws.once('close', (code, reason) => {
      keeper.kill()
      this.#end(code, reason.toString())
    })
    socket.on('drain', () => this.#senders.serve())
    // Node counts the time in which no byte comes or goes, also in the middle of a long message.
    socket.setTimeout(patience * 1000)
    socket.on('timeout', () => {
      if (socket.writableLength > 0) this.abort()
    })
    // The green socket that had it before has paused it.
    ws.resume()
  }

  /**
   * Waits for the next message. Returns undefined once the WebSocket is closed, after all messages
   * that came before. While nobody receives, the socket isn't read, and TCP holds the client back.
   */
  *receive(): Green<Message | undefined> {
    if (this.#reader) throw new ConcurrentObjectUseError('another greenlet is receiving already')
    if (this.#held.length > 0) return this.#held.shift()
    if (this.#gone.isSet()) return undefined
    if (this.#ws.isPaused) this.#resume()
    this.#reader = new Waiter()
    try {
      return yield* this.#reader.get()
    } finally {
      this.#reader = undefined
    }
  }

  /** A greenlet that waits for the message goes on right here, inside Node's event. */
  #feed(message: Message): void {
    // After our close frame the rest is only read to find that of the client.
    if (this.#closing) return
    if (this.#reader) {
      this.#reader.switch(message)
    } else {
      this.#held.push(message)
      this.#ws.pause()
    }
  }

  #resume(): void {
    this.#resumed++
    this.#ws.resume()
  }

  // #region send
  /**
   * Sends a message, text as text. Before that it waits while more than Node's high-water mark is
   * unsent: a client that doesn't read costs that, and one message more. Throws WebSocketClosed, also
   * when a client that takes nothing has been cut off.
   */
  *send(message: Message | Uint8Array): Green<void> {
    const mustWait = this.#socket.writableNeedDrain || this.#senders.length > 0
    if (mustWait && !this.closed) yield* this.#senders.wait()
    if (this.closed) throw new WebSocketClosed('the WebSocket is closed')
    this.#ws.send(message)
  }
  // #endregion send

  /**
   * Sends a ping and waits for a pong. False if none comes within `timeout`, or if the WebSocket is
   * closed. A pong stands in line behind the messages that wait to be received.
   */
  *ping(timeout?: Patience): Green<boolean> {
    if (this.closed) return false
    this.#ws.ping()
    return (yield* this.#pong.wait(timeout)) && !this.closed
  }

  /**
   * Sends a close frame; `yield*` what this returns to wait until the client has answered it and the
   * connection is closed, which takes five seconds at most. Messages that wait are dropped. Throws
   * if a close frame can't have this code, or a reason of more than 123 bytes.
   */
  close(code = 1000, reason = ''): Green<boolean> {
    this.#ws.close(code, reason)
    this.#closing = true
    this.#held.length = 0
    this.#resume()
    return this.#gone.wait()
  }

  /** Closes the connection at once, without a close frame. */
  abort(): void {
    this.#ws.terminate()
  }

  /** True as soon as nothing more can be sent. */
  get closed(): boolean {
    return this.#ws.readyState !== WebSocket.OPEN
  }

  /**
   * The code of the close frame that came: 1005 if it had none, 1006 if the connection ended without
   * such a frame, 0 as long as the WebSocket isn't closed.
   */
  get closeCode(): number {
    return this.#code
  }

  get closeReason(): string {
    return this.#reason
  }

  #answered(): void {
    this.#pong.set()
    this.#pong.clear()
  }

  #end(code: number, reason: string): void {
    this.#code = code
    this.#reason = reason
    this.#gone.set()
    this.#reader?.switch(undefined)
    this.#answered()
    this.#senders.serve()
  }

  /** A client that has vanished, as when a phone loses its network, sends nothing, not even a FIN. */
  *#keepAlive(seconds: number): Green<void> {
    while (!this.closed) {
      const signs = this.#signs()
      yield* sleep(seconds)
      if (this.closed || signs !== this.#signs()) continue
      const isAlive = (yield* this.ping(seconds)) || signs !== this.#signs()
      if (!isAlive && !this.closed) this.abort()
    }
  }

  /**
   * Changes with each sign of life. While nobody receives, nothing can be said about the client: NaN
   * differs from all signs, also from itself.
   */
  #signs(): number {
    return this.#ws.isPaused ? Number.NaN : this.#socket.bytesRead + this.#resumed
  }
}

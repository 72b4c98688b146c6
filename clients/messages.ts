/**
 * The messages that the load generator sends, and the replies that are due for them. A message
 * costs no memory: the bytes exist once for all connections, and for each message only the numbers
 * in them are written again.
 *
 *     c000017 s0000000042 ..........................................\n
 *      │       └ sequence number of the message on its connection
 *      └ number of the connection
 *
 * A message may carry an order as well: `burn 20` asks a server of the protocol `burn` to compute
 * for 20 milliseconds before it replies.
 *
 * What is sent and what is due have the same form, a row of messages without a gap: up to `depth`
 * messages are sent at once; a reply is one message, or two for `previous`.
 */
import { NEWLINE_BYTE } from '../servers/bytes/bytes.ts'
import { dueReply, type Protocol } from './due-reply.ts'

const DIGITS_OF_CONNECTION = 6
const DIGITS_OF_SEQUENCE = 10
/** `c000017 s0000000042` and the newline. */
const SMALLEST_WITH_BOTH = 20

const ZERO = 0x30

export interface Shape {
  readonly protocol: Protocol
  /** Bytes of a message, its newline included: 1 or more. */
  readonly size: number
  /** The most messages that a connection has in flight. */
  readonly depth: number
  /** The order that each message carries after its numbers, if there is room. */
  readonly order?: string
}

export class Messages {
  readonly #size: number
  readonly #hasBoth: boolean
  readonly #sequenceAt: number
  readonly #sequenceDigits: number
  /** At index `n`: a row of `n` messages to send. All share the same memory. */
  readonly #outgoing: Buffer[]
  readonly #firstDue: Buffer
  readonly #laterDue: Buffer

  constructor({ protocol, size, depth, order = '' }: Shape) {
    this.#size = size
    this.#hasBoth = size >= SMALLEST_WITH_BOTH
    this.#sequenceAt = this.#hasBoth ? SMALLEST_WITH_BOTH - 1 - DIGITS_OF_SEQUENCE : 0
    this.#sequenceDigits = Math.min(size - 1, DIGITS_OF_SEQUENCE)
    const message = this.#blank(order)
    const row = Buffer.alloc(depth * size, message)
    this.#outgoing = Array.from({ length: depth + 1 }, (_, n) => row.subarray(0, n * size))
    this.#firstDue = dueReply(protocol, message)
    this.#laterDue = dueReply(protocol, message, message)
  }

  /** Which numbers a message of this size carries, in words. Fewer make a weaker check. */
  get carries(): string {
    if (this.#hasBoth) return 'connection and sequence number'
    if (this.#sequenceDigits === 0) return 'nothing: all messages are alike'
    return `the last ${this.#sequenceDigits} digits of the sequence number`
  }

  /**
   * `count` messages of `connection`, from sequence number `first` on. Valid until the next call:
   * all connections share the memory.
   */
  messages(connection: number, first: number, count: number): Buffer {
    return this.#number(this.#outgoing[count]!, connection, first)
  }

  /** The whole reply due for message `sequence` of `connection`. Valid until the next call. */
  due(connection: number, sequence: number): Buffer {
    if (sequence === 0) return this.#number(this.#firstDue, connection, 0)
    const first = sequence + 1 - this.#laterDue.length / this.#size
    return this.#number(this.#laterDue, connection, first)
  }

  #blank(order: string): Buffer {
    const message = Buffer.alloc(this.#size, '.')
    if (this.#hasBoth) message.write(`c000000 s0000000000 ${order}`)
    message[this.#size - 1] = NEWLINE_BYTE
    return message
  }

  /** Writes the numbers into a row of messages, with sequence numbers from `first` on. */
  #number(row: Buffer, connection: number, first: number): Buffer {
    let sequence = first
    for (let at = 0; at < row.length; at += this.#size) {
      if (this.#hasBoth) writeDigits(row, at + 1, DIGITS_OF_CONNECTION, connection)
      writeDigits(row, at + this.#sequenceAt, this.#sequenceDigits, sequence)
      sequence += 1
    }
    return row
  }
}

/** Writes the last decimal digits of `value`, below 2^31. Much faster than by way of a string. */
function writeDigits(bytes: Buffer, at: number, digits: number, value: number): void {
  let left = value
  for (let i = at + digits - 1; i >= at; i--) {
    const rest = (left / 10) | 0
    bytes[i] = ZERO + left - rest * 10
    left = rest
  }
}

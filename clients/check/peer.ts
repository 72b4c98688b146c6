import { setTimeout as sleep } from 'node:timers/promises'
import { asBuffer, NOTHING } from '../../servers/bytes/bytes.ts'
import type { Address } from '../../servers/posix/api.ts'
import { describeDifference, difference } from '../difference.ts'
import { dueReply, type Protocol } from '../due-reply.ts'
import { ClientSession } from '../session.ts'
import { amount, plural } from '../terminal.ts'
import type { Subject } from './subject.ts'
import { Broken } from './verdict.ts'

const TICK = 100
/** How long a client rests that expects a close, in milliseconds. */
const REST = 2000

/** Bytes that are shown as text. */
const MOST_SHOWN = 30

/** One client of a case. It notes what it does, and compares each byte that comes. */
export class Peer implements Disposable {
  readonly #name: string
  readonly #session: ClientSession
  readonly #protocol: Protocol
  readonly #patience: number
  readonly #note: (step: string) => void
  /** The last line that was sent, and the one before it, with which its reply may begin. */
  #last: Uint8Array = NOTHING
  #before: Uint8Array | undefined

  private constructor(
    name: string,
    session: ClientSession,
    { protocol, patience }: Subject,
    note: (step: string) => void,
  ) {
    this.#name = name
    this.#session = session
    this.#protocol = protocol
    this.#patience = patience
    this.#note = note
  }

  /** Throws Broken if the server refuses the connection. */
  static async connect(
    name: string,
    address: Address,
    subject: Subject,
    note: (step: string) => void,
  ): Promise<Peer> {
    note(`${name} connects`)
    const late = AbortSignal.timeout(subject.patience)
    try {
      return new Peer(name, await ClientSession.connect(address, late), subject, note)
    } catch (error) {
      const got = late.aborted ? `nothing for ${subject.patience / 1000} s` : messageOf(error)
      throw new Broken('a connection', got)
    }
  }

  /** Sends bytes without waiting for a reply; resolves when the kernel has taken them all. */
  send(bytes: Uint8Array | string): Promise<void> {
    this.#note(
      `${this.#name} sends ${describeBytes(typeof bytes === 'string' ? Buffer.from(bytes) : bytes)}`,
    )
    return this.#session.send(bytes)
  }

  /** Sends the pieces, each in a packet of its own. */
  async sendPieces(pieces: readonly Uint8Array[]): Promise<void> {
    const total = pieces.reduce((sum, { length }) => sum + length, 0)
    const how = pieces.length > 1 ? `, in ${amount(pieces.length)} pieces` : ''
    this.#note(`${this.#name} sends ${plural(total, 'byte')}${how}`)
    for (const piece of pieces) await this.#session.send(piece)
  }

  /** Sends bytes, reads nothing, and expects that the server closes the connection. */
  async refused(bytes: Uint8Array): Promise<void> {
    this.#note(`${this.#name} sends ${plural(bytes.length, 'byte')} and reads nothing`)
    const expected = 'the connection to be closed'
    if (!(await this.#within(this.#isTaken(bytes), expected))) return
    // The server has taken all, and owes it. A client that doesn't read learns of a close by writing.
    this.#note('all bytes are taken')
    await sleep(REST)
    for (let i = 0; i < 2; i++) {
      if (!(await this.#isTaken('x'))) return
      await sleep(TICK)
    }
    throw new Broken(expected, 'a connection that still takes bytes')
  }

  /** Sends a line, without its newline here, and expects its reply. */
  async say(text: string): Promise<void> {
    await this.sendLine(text)
    await this.hear()
  }

  /** Sends a line; `hear` expects its reply later. */
  async sendLine(text: string): Promise<void> {
    this.#before = this.#last === NOTHING ? undefined : this.#last
    this.#last = Buffer.from(`${text}\n`)
    await this.#attempt(this.send(this.#last), 'the bytes to be taken')
  }

  /** Expects the reply to the last line. */
  async hear(): Promise<void> {
    await this.receive(dueReply(this.#protocol, this.#last, this.#before))
  }

  /** Expects exactly these bytes next. */
  async receive(due: Uint8Array): Promise<void> {
    const expected = describeBytes(due)
    const got = await this.#attempt(this.#session.receive(due.length), expected, due)
    this.#compare(due, got, expected)
  }

  /** Expects exactly these bytes, and then the FIN. */
  async receiveAll(due: Uint8Array): Promise<void> {
    const expected = due.length === 0 ? 'the FIN' : `${describeBytes(due)} and the FIN`
    const got = await this.#attempt(this.#session.receiveAll(), expected, due)
    this.#compare(due, got, expected)
  }

  /** All bytes until the server's FIN, or until the connection is lost. */
  async rest(): Promise<Buffer> {
    return this.#attempt(this.#session.receiveAll(), 'the FIN')
  }

  /** Resolves when the server has ended the connection, in whichever way. */
  async gone(): Promise<void> {
    this.#note(`${this.#name} waits until its connection is closed`)
    await this.#within(
      this.#session.receiveAll().catch(() => {}),
      'the connection to be closed',
    )
  }

  /** Sends the FIN; it can still receive. */
  end(): void {
    this.#note(`${this.#name} sends its FIN`)
    this.#session.end()
  }

  reset(): void {
    this.#note(`${this.#name} resets its connection`)
    this.#session.reset()
  }

  /** Bytes that have come and that nobody has asked for. */
  get unread(): number {
    return this.#session.unread
  }

  [Symbol.dispose](): void {
    this.#session[Symbol.dispose]()
  }

  #isTaken(bytes: Uint8Array | string): Promise<boolean> {
    return this.#session.send(bytes).then(
      () => true,
      () => false,
    )
  }

  #compare(due: Uint8Array, got: Uint8Array, expected: string): void {
    const wrong = difference(due, got)
    if (wrong) throw new Broken(expected, `a wrong byte: ${describeDifference(wrong)}`)
    if (got.length < due.length) {
      throw new Broken(expected, `the FIN after ${amount(got.length)} bytes`)
    }
  }

  async #attempt<Value>(work: Promise<Value>, expected: string, due?: Uint8Array): Promise<Value> {
    try {
      return await this.#within(work, expected, due)
    } catch (error) {
      if (error instanceof Broken) throw error
      const before = `after ${plural(this.#session.arrived, 'byte')} on this connection`
      throw new Broken(expected, `${messageOf(error)} ${before}`)
    }
  }

  /**
   * Throws Broken if no byte has come for the time of the subject's patience, or as soon as the stream rests at a
   * byte that isn't due.
   */
  async #within<Value>(work: Promise<Value>, expected: string, due?: Uint8Array): Promise<Value> {
    let timer: NodeJS.Timeout | undefined
    const session = this.#session
    const stalled = new Promise<never>((_, reject) => {
      let { arrived } = session
      let since = performance.now()
      timer = setInterval(() => {
        const isResting = session.arrived === arrived
        if (!isResting) since = performance.now()
        arrived = session.arrived
        const wrong = isResting && due ? difference(due, session.held) : undefined
        if (wrong) reject(new Broken(expected, `a wrong byte: ${describeDifference(wrong)}`))
        if (performance.now() - since < this.#patience) return
        const came = `nothing for ${this.#patience / 1000} s, ${plural(arrived, 'byte')} before`
        reject(new Broken(expected, came))
      }, TICK)
    })
    try {
      return await Promise.race([work, stalled])
    } finally {
      clearInterval(timer)
      work.catch(() => {})
    }
  }
}

/** `6 bytes, "hello\n"`; long ones without the text. */
function describeBytes(bytes: Uint8Array): string {
  const count = plural(bytes.length, 'byte')
  if (bytes.length === 0 || bytes.length > MOST_SHOWN) return count
  return `${count}, ${JSON.stringify(asBuffer(bytes).toString('latin1'))}`
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

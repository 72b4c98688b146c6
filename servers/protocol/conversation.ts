import { NOTHING } from '../bytes/bytes.ts'
import type { Session } from './session.ts'

let dress = (session: Session): Session => session

/** From now on each new conversation has what `wrapper` makes of its session: a trace looks so. */
export function dressSessions(wrapper: (session: Session) => Session): void {
  dress = wrapper
}

/**
 * How a connection ends, without its socket: the states that every model leads a connection
 * through. The model owns the bytes that wait to be sent, and says how many they are: `unsent`.
 *
 *     state      input        goes on when
 *     open       answered     the peer's FIN, a finished session, or closing time   → ending
 *     ending     not read     nothing is unsent: the peer has sent its FIN          → close
 *                                                it has not: send ours              → lingering
 *     lingering  thrown away  the peer's FIN, or after LINGER                       → close
 *
 * Why lingering? A close with unread input sends a reset, and a reset may overtake and destroy the
 * last reply: RFC 1122, 4.2.2.13. nginx calls it `lingering_close`.
 */
export class Conversation {
  readonly #session: Session
  readonly #highWater: number
  #state: 'open' | 'ending' | 'lingering' = 'open'
  #peerEnded = false

  /** @param highWater bytes unsent at which reading stops */
  constructor(session: Session, highWater: number) {
    this.#session = dress(session)
    this.#highWater = highWater
  }

  /** The peer has sent `chunk`: returns the replies. They may share memory with it, see Session. */
  receive(chunk: Uint8Array): Uint8Array {
    if (this.#state !== 'open') return NOTHING
    const reply = this.#session.receive(chunk)
    if (this.#session.finished) this.#state = 'ending'
    return reply
  }

  /** The peer has sent its FIN: returns the replies that it is still owed. */
  end(): Uint8Array {
    this.#peerEnded = true
    if (this.#state !== 'open') return NOTHING
    this.#state = 'ending'
    return this.#session.end()
  }

  /** Closing time: what is owed is still sent, and nothing more is answered. */
  finish(): void {
    if (this.#state === 'open') this.#state = 'ending'
  }

  /** True while our FIN is sent and the peer's is awaited, until LINGER has passed. */
  get lingering(): boolean {
    return this.#state === 'lingering'
  }

  /** Whether to read from the peer: this is the back pressure. */
  wantsRead(unsent: number): boolean {
    return this.#state === 'open' ? unsent < this.#highWater : this.#state === 'lingering'
  }

  /** What is to be done now. `send FIN` is returned once; the model closes within LINGER of it. */
  next(unsent: number): NextStep {
    if (this.#state === 'open' || unsent > 0) return 'go on'
    if (this.#peerEnded) return 'close'
    if (this.#state === 'lingering') return 'go on'
    this.#state = 'lingering'
    return 'send FIN'
  }
}

export type NextStep = 'go on' | 'send FIN' | 'close'

/**
 * How long a connection lingers, in milliseconds. nginx's `lingering_timeout` is 5 s, for clients
 * on other hosts; a client on this machine that reacts to the FIN at all does so at once.
 */
export const LINGER = 2000

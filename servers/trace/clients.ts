/** The lanes of the connections: what each is in the middle of, as the server knows it. */
import { type Address, formatAddress } from '../posix/api.ts'
import type { Session } from '../protocol/session.ts'
import { CLIENTS, type ClientState, type Lane, now } from './events.ts'
import type { Recorder } from './recorder.ts'

/**
 * What the server notices of a connection: it has got a place; there are bytes to be read; they are
 * read, or a session works on them; there is no reply to be sent; the kernel has taken all of a reply,
 * or a part.
 */
export type ClientNews = 'placed' | 'ready' | 'read' | 'no reply' | 'sent' | 'sent in part'

/** By what is noticed and the state before: the state after. Where there is none, it stays. */
const NEXT: Readonly<Record<ClientNews, Partial<Record<ClientState, ClientState>>>> = {
  placed: { 'no place': 'thinking' },
  ready: { thinking: 'ready' },
  // What is read while the client does not take its replies makes no difference to it.
  read: { thinking: 'served', ready: 'served' },
  'no reply': { served: 'thinking' },
  sent: { served: 'thinking', ready: 'thinking', 'owed bytes': 'thinking' },
  'sent in part': { thinking: 'owed bytes', ready: 'owed bytes', served: 'owed bytes' },
}

/** A connection by its client's port: no two of one client's have the same at a time. */
export class Clients {
  readonly #recorder: Recorder
  readonly #states = new Map<number, { readonly state: ClientState; readonly since: number }>()
  /**
   * A model makes a client's session and reports the client in one go, in either order. So the first
   * of the two waits here for the other.
   */
  #session: TracedSession | undefined
  #followsCalls = false
  #reported: number | undefined

  constructor(recorder: Recorder) {
    this.#recorder = recorder
  }

  /**
   * The server is a program that reports no clients: from now on one is served from its accept on,
   * until it is closed.
   */
  followCalls(): void {
    this.#followsCalls = true
  }

  /** A server on Node has accepted the client. If it has not begun to serve it, there is no place. */
  accepted(peer: Address): void {
    const state = this.#followsCalls ? 'thinking' : 'no place'
    if (!this.#states.has(peer.port)) this.#open(peer, state)
  }

  /** accept(2) has returned a client. */
  called(peer: Address): void {
    if (this.#followsCalls) this.accepted(peer)
  }

  /** close(2) was called for the descriptor of this client. */
  closed(port: number | undefined): void {
    if (this.#followsCalls && port !== undefined && this.#states.delete(port))
      this.#recorder.end(undefined, laneOf(port))
  }

  /** The server has begun to serve the client. */
  connected(peer: Address): void {
    if (this.#states.has(peer.port)) this.note(peer.port, 'placed')
    else this.#open(peer, 'thinking')
    if (this.#session) this.#session.client = peer.port
    else this.#reported = peer.port
    this.#session = undefined
  }

  disconnected({ port }: Address): void {
    if (this.#reported === port) this.#reported = undefined
    if (this.#states.delete(port)) this.#recorder.end(undefined, laneOf(port))
  }

  /** The session of the client that is reported next, or was last. */
  dress(session: Session): Session {
    const traced = new TracedSession(session, this, this.#recorder)
    traced.client = this.#reported
    if (this.#reported === undefined) this.#session = traced
    this.#reported = undefined
    return traced
  }

  /** Something has happened to a connection. Nothing is known of a port that is undefined. */
  note(port: number | undefined, event: ClientNews, at = now()): void {
    const known = port === undefined ? undefined : this.#states.get(port)
    const next = known && NEXT[event][known.state]
    if (port === undefined || known === undefined || next === undefined) return
    // What is noticed late may have begun before the state that it ends.
    const since = Math.max(at, known.since)
    this.#recorder.end(undefined, laneOf(port), since)
    this.#recorder.begin(next, 'client', undefined, laneOf(port), since)
    this.#states.set(port, { state: next, since })
  }

  #open(peer: Address, state: ClientState): void {
    const lane = laneOf(peer.port)
    this.#recorder.name(lane, formatAddress(peer), 'clients')
    const since = now()
    this.#recorder.begin(state, 'client', undefined, lane, since)
    this.#states.set(peer.port, { state, since })
  }
}

function laneOf(port: number): Lane {
  return { pid: CLIENTS, tid: port }
}

/** A session around the model's own: it shows when a handler works, and for which client. */
class TracedSession implements Session {
  client: number | undefined
  readonly #session: Session
  readonly #clients: Clients
  readonly #recorder: Recorder

  constructor(session: Session, clients: Clients, recorder: Recorder) {
    this.#session = session
    this.#clients = clients
    this.#recorder = recorder
  }

  get finished(): boolean {
    return this.#session.finished
  }

  receive(chunk: Uint8Array): Uint8Array {
    return this.#handled(chunk.length, () => this.#session.receive(chunk))
  }

  end(): Uint8Array {
    return this.#handled(0, () => this.#session.end())
  }

  #handled(bytes: number, handle: () => Uint8Array): Uint8Array {
    const { client } = this
    const at = this.#recorder.stack()
    const from = now()
    this.#clients.note(client, 'read', from)
    let reply = -1
    try {
      const replies = handle()
      reply = replies.length
      return replies
    } finally {
      this.#recorder.span('handler', 'handler', from, { client, bytes, reply, at })
      // Nothing will be sent, so no call is to come that shows the end of this.
      if (reply <= 0) this.#clients.note(client, 'no reply')
    }
  }
}

/**
 * One person in the storm: a client of the chat that does what its page does, and writes down what
 * it has said and seen. When its connection ends it goes to the next server, says the last id that
 * it has seen, and posts again what nobody has acknowledged.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { WebSocket } from 'ws'
import { type Entry, START } from '../../servers/applications/chat/bus.ts'
import type { Random } from './random.ts'

/** Milliseconds between two attempts to connect, and for which an attempt may take. */
const PAUSE = [50, 250] as const
const PATIENCE = 3000

/** Posts that wait for their acknowledgement: a person whose posts don't arrive writes no more. */
const WAITING = 3

/** What a server sends: something new in the room, or an answer to a post. */
interface Frame {
  readonly entries?: readonly Entry[]
  readonly last?: string
  readonly ack?: string
  readonly id?: string
}

interface Post {
  readonly text: string
  readonly key: string
}

export class Person {
  readonly name: string
  readonly room: string
  /** In the order in which they came. */
  readonly seen: Entry[] = []
  /** The texts of the posts that were acknowledged, by the ids that they have got. */
  readonly acknowledged = new Map<string, string>()
  /** Milliseconds from each post to the moment when its own author saw it. */
  readonly delays: number[] = []
  readonly #servers: readonly string[]
  readonly #random: Random
  #server: number
  #last = START
  readonly #outbox: Post[] = []
  readonly #saidAt = new Map<string, number>()
  #count = 0
  #socket: WebSocket | undefined
  #hasLeft = false

  /**
   * @param servers their addresses, such as `127.0.0.1:8001`
   * @param server the index of the one to begin with
   */
  constructor(
    name: string,
    room: string,
    servers: readonly string[],
    server: number,
    random: Random,
  ) {
    this.name = name
    this.room = room
    this.#servers = servers
    this.#server = server
    this.#random = random
  }

  /** The number of posts that nobody has acknowledged yet. */
  get waiting(): number {
    return this.#outbox.length
  }

  /** Stays in the room until it leaves. Resolves when it is there for the first time. */
  join(): Promise<void> {
    return new Promise((resolve) => {
      this.#stay(resolve)
    })
  }

  leave(): void {
    this.#hasLeft = true
    this.#socket?.terminate()
  }

  say(): void {
    if (this.#outbox.length >= WAITING) return
    const text = `${this.name} says ${this.#count++}`
    this.#outbox.push({ text, key: text.replaceAll(' ', '-') })
    this.#saidAt.set(text, performance.now())
    if (this.#outbox.length === 1) this.#post()
  }

  async #stay(joined: () => void): Promise<void> {
    while (!this.#hasLeft) {
      await this.#connection(joined)
      this.#server = (this.#server + 1) % this.#servers.length
      await sleep(this.#random.between(...PAUSE))
    }
  }

  /** Resolves when the connection has ended. */
  #connection(joined: () => void): Promise<void> {
    const fields = new URLSearchParams({ name: this.name, after: this.#last })
    const url = `ws://${this.#servers[this.#server]}/rooms/${this.room}/socket?${fields}`
    const socket = new WebSocket(url, { handshakeTimeout: PATIENCE, perMessageDeflate: false })
    this.#socket = socket
    socket.on('message', (data: Buffer) => {
      this.#receive(JSON.parse(data.toString()) as Frame)
      joined()
    })
    socket.on('open', () => this.#post())
    return new Promise((resolve) => {
      // An error is always followed by the end.
      socket.on('error', () => {})
      socket.on('close', () => resolve())
    })
  }

  #receive({ entries, last, ack, id }: Frame): void {
    if (entries) {
      this.seen.push(...entries)
      this.#last = last!
      for (const { text } of entries) this.#time(text)
    } else if (ack && this.#outbox[0]?.key === ack) {
      this.acknowledged.set(id!, this.#outbox.shift()!.text)
      this.#post()
    } else if (!ack) {
      setTimeout(() => this.#post(), PAUSE[1])
    }
  }

  #post(): void {
    const [first] = this.#outbox
    if (first && this.#socket?.readyState === WebSocket.OPEN)
      this.#socket.send(JSON.stringify(first))
  }

  #time(text: string): void {
    const saidAt = this.#saidAt.get(text)
    if (saidAt === undefined) return
    this.delays.push(performance.now() - saidAt)
    this.#saidAt.delete(text)
  }
}

/** The load generator's engine on node:net: it runs on every system, and costs more per message. */
import { connect, type Socket } from 'node:net'
import type { Address } from '../../servers/posix/api.ts'
import { RUN_OUT } from '../command.ts'
import { type Engine, errorKind, type Party, type Wire } from './engine.ts'
import type { Tally } from './tally.ts'

/**
 * Node's timers take whole milliseconds, and may be one late. So they end this time before `until`,
 * in milliseconds; the rest is spent in turns of the event loop, which look at the sockets each.
 */
const MARGIN = 2

export class NodeEngine implements Engine {
  readonly #address: Address
  readonly #tally: Tally
  /** Ends `run` if it is done; called after each event. */
  #afterEvent = () => {}

  constructor(address: Address, tally: Tally) {
    this.#address = address
    this.#tally = tally
  }

  connect(party: Party): void {
    const { address: host, port } = this.#address
    const socket = connect({ host, port, noDelay: true })
    party.attach(new NodeWire(socket))
    socket.on('connect', () => this.#deliver(() => party.opened()))
    // Node reads only if the socket has a listener for `data`.
    if (party.reads) {
      socket.on('data', (chunk) => this.#deliver(() => party.received(chunk, chunk.length)))
    }
    socket.on('drain', () => this.#deliver(() => party.writable()))
    socket.on('end', () => this.#deliver(() => party.lost('closed')))
    socket.on('error', (error: NodeJS.ErrnoException) => {
      const code = error.code ?? error.message
      if (RUN_OUT.includes(code)) this.#tally.runOut = code
      this.#deliver(() => party.lost(errorKind(code)))
    })
  }

  run(until: number, done: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const finish = () => {
        clearTimeout(timer)
        clearImmediate(turn)
        this.#afterEvent = () => {}
        resolve()
      }
      const spin = () => {
        if (performance.now() >= until) finish()
        else turn = setImmediate(spin)
      }
      const left = until - performance.now() - MARGIN
      const timer = left > 0 ? setTimeout(spin, left) : undefined
      let turn = left > 0 ? undefined : setImmediate(spin)
      this.#afterEvent = () => {
        if (done()) finish()
      }
      this.#afterEvent()
    })
  }

  close(): void {}

  #deliver(event: () => void): void {
    event()
    this.#afterEvent()
  }
}

class NodeWire implements Wire {
  readonly #socket: Socket

  constructor(socket: Socket) {
    this.#socket = socket
  }

  /** Takes all bytes or none. Node gets a copy, since it may send them only later. */
  send(bytes: Buffer): number {
    if (this.#socket.writableNeedDrain) return 0
    this.#socket.write(Buffer.from(bytes))
    return bytes.length
  }

  close(): void {
    this.#socket.destroy()
  }
}

/**
 * A peer that sends without end and never reads: what a slow reader is to a server, in its purest
 * form. The server's replies fill the buffers of both kernels; then a server that keeps its promise
 * stops reading, and nothing more can be sent either.
 */
import type { Party, Wire } from './engine.ts'
import type { ErrorKind } from './result.ts'
import type { Tally } from './tally.ts'

const BLOCK = 65536

export class DeafPeer implements Party {
  readonly reads = false
  state: Party['state'] = 'connecting'
  readonly #block: Buffer
  /** How much of the block the kernel has taken. */
  #taken = 0
  readonly #tally: Tally
  #wire: Wire | undefined

  /** @param size bytes of a line, newline included */
  constructor(size: number, tally: Tally) {
    this.#block = Buffer.alloc(Math.ceil(BLOCK / size) * size, `${'.'.repeat(size - 1)}\n`)
    this.#tally = tally
    tally.connecting += 1
  }

  attach(wire: Wire): void {
    this.#wire = wire
  }

  opened(): void {
    this.state = 'open'
    this.#tally.connecting -= 1
    this.#tally.connected += 1
    this.writable()
  }

  /** There is always more. */
  writable(): true {
    while (this.state === 'open') {
      const rest = this.#block.subarray(this.#taken)
      const taken = this.#wire!.send(rest)
      this.#taken = (this.#taken + taken) % this.#block.length
      if (taken < rest.length) break
    }
    return true
  }

  /** Only its end is ever noticed. */
  received(): void {}

  lost(kind: ErrorKind): void {
    if (this.state === 'closed') return
    this.#tally.error(kind)
    this.close()
  }

  close(): void {
    if (this.state === 'closed') return
    if (this.state === 'connecting') this.#tally.connecting -= 1
    this.state = 'closed'
    this.#wire?.close()
  }
}

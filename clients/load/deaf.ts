/**
 * A peer that sends without end and never reads: the worst case of a slow reader. The server's
 * replies fill the buffers of both kernels. Then a server with back pressure stops reading, and the
 * peer can't send any more either.
 */
import type { Party, Wire } from './engine.ts'
import type { ErrorKind } from './result.ts'
import type { Tally } from './tally.ts'

const BLOCK = 65536

export class DeafPeer implements Party {
  readonly reads = false
  state: Party['state'] = 'connecting'
  readonly #block: Buffer
  /** Bytes of the block that the kernel has taken. */
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

  /** True: there is always more to send. */
  writable(): true {
    while (this.state === 'open') {
      const rest = this.#block.subarray(this.#taken)
      const taken = this.#wire!.send(rest)
      this.#taken = (this.#taken + taken) % this.#block.length
      if (taken < rest.length) break
    }
    return true
  }

  /** Only after a reset, when the kernel gives out the bytes that had come before the error. */
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

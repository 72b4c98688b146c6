/** A proactor under test, sockets for it, and helpers that all its suites use. */
import { constants } from 'node:os'
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest'
import { BLOCK, NONE } from '../../servers/11-completion/blocks.ts'
import {
  BUFFER,
  type CompletionHandler,
  MORE,
  type Operation,
  Proactor,
} from '../../servers/11-completion/proactor.ts'
import type { Posix } from '../../servers/posix/api.ts'
import { Layer } from '../posix/layer.ts'

/** A condition that does not hold within this time, in milliseconds, fails its test. */
const PATIENCE = 10_000

export const { EBADF, ECANCELED, ECONNRESET, EINVAL, ENOENT, ENOTCONN, ETIME } = constants.errno
const { ENOBUFS } = constants.errno

/** A harness that is set up before each test of the suite that calls this. */
export function useHarness(mode: number): Harness {
  const harness = new Harness(mode)
  beforeAll(() => harness.layer.open())
  beforeEach(() => {
    harness.proactor = harness.open()
  })
  afterEach(() => harness.close())
  afterAll(() => harness.layer.stop())
  return harness
}

export class Harness {
  readonly #mode: number
  readonly layer = new Layer('libc')
  proactor!: Proactor

  constructor(mode: number) {
    this.#mode = mode
  }

  get posix(): Posix {
    return this.layer.posix
  }

  open(submissions = 64, completions = 256): Proactor {
    return new Proactor({ submissions, completions }, [this.#mode])
  }

  close(): void {
    this.proactor.stop()
    this.layer.closeAll()
  }

  /** The result of an operation, once it has completed. */
  resultOf(begin: (handler: CompletionHandler) => Operation): number {
    let completed: number | undefined
    begin((result) => {
      completed = result
    })
    this.until(() => completed !== undefined)
    return completed!
  }

  /** Waits and dispatches until the condition holds. */
  until(condition: () => boolean): void {
    let isLate = false
    const alarm = this.proactor.timeout(PATIENCE, (result) => {
      isLate = result === -ETIME
    })
    while (!condition() && !isLate) this.pass()
    expect(isLate, `still not so: ${condition}`).toBe(false)
    this.proactor.cancel(alarm)
  }

  pass(): void {
    this.proactor.wait()
    this.proactor.dispatch()
  }

  /** Sends all of `bytes`, block by block, however they are cut on the way. */
  sendAll(fd: number, bytes: Uint8Array, done: () => void): void {
    const { blocks } = this.proactor
    const block = blocks.take()
    const next = (rest: Uint8Array) => {
      const part = rest.subarray(0, BLOCK)
      blocks.bytes(block, part.length).set(part)
      this.proactor.send(fd, block, 0, part.length, (sent) => {
        if (sent < rest.length) return next(rest.subarray(sent))
        blocks.give(block)
        done()
      })
    }
    next(bytes)
  }
}

/** Collects what comes on a descriptor, and how the stream ends. */
export class Receiver {
  readonly #proactor: Proactor
  readonly #fd: number
  readonly chunks: Buffer[] = []
  /** The result of the last completion, once it has come. */
  ended: number | undefined
  /** How often the recv found no block, and was submitted again. */
  starved = 0
  operation: Operation = NONE

  constructor(proactor: Proactor, fd: number) {
    this.#proactor = proactor
    this.#fd = fd
    this.start()
  }

  start(): void {
    this.ended = undefined
    this.operation = this.#proactor.recv(this.#fd, (result, flags) => this.#received(result, flags))
  }

  get bytes(): Buffer {
    return Buffer.concat(this.chunks)
  }

  get length(): number {
    return this.chunks.reduce((sum, chunk) => sum + chunk.length, 0)
  }

  #received(result: number, flags: number): void {
    const { blocks } = this.#proactor
    if (flags & BUFFER) {
      const block = blocks.claim(flags)
      if (result > 0) this.chunks.push(Buffer.from(blocks.bytes(block, result)))
      blocks.give(block)
    }
    if (flags & MORE) return
    // The recv has ended. If no block was free, one is by now: the next recv loses nothing.
    const isStarved = result === -ENOBUFS
    if (isStarved) this.starved += 1
    if (isStarved || result > 0) this.start()
    else this.ended = result
  }
}

import { constants } from 'node:os'
import { Broken } from '../../../../clients/check/verdict.ts'
import type { UnitCase } from '../../../build/course/exercise.ts'

const { ECANCELED, ECONNRESET, ENOBUFS } = constants.errno
const BUFFER = 1
const MORE = 2
const FD = 9

type Handler = (result: number, flags: number) => void

interface Reader {
  pause(): void
  resume(): void
}

interface Owner {
  received(block: number, count: number): void
  ended(result: number): void
}

interface Submission {
  readonly Reader: new (proactor: Kernel, fd: number, owner: Owner) => Reader
}

type Note = (step: string) => void

/** A proactor in which things complete when the case says so. Numbers are used again, as in ours. */
class Kernel {
  readonly #note: Note
  readonly #handlers = new Map<number, Handler>()
  readonly #free: number[] = []
  /** Blocks that a completion has brought and nobody has claimed yet. */
  readonly #unclaimed = new Set<number>()
  #blocks = 0
  /** The recv in flight. */
  recvInFlight: number | undefined
  /** Which operations the cancels were for, since this was last emptied. */
  readonly cancelled: number[] = []
  readonly blocks = { claim: (flags: number) => this.#claim(flags >>> 16) }

  constructor(note: Note) {
    this.#note = note
  }

  recv(fd: number, handler: Handler): number {
    if (fd !== FD) throw new Broken(`a recv on ${FD}`, `one on ${fd}`)
    if (this.recvInFlight !== undefined)
      throw new Broken('one recv in flight at a time', 'a second one: bytes may come in any order')
    const operation = this.begin(handler)
    this.recvInFlight = operation
    this.#note(`a recv is submitted: operation ${operation}`)
    return operation
  }

  cancel(operation: number, handler: Handler = () => {}): number {
    this.#note(`operation ${operation} is cancelled`)
    if (operation !== this.recvInFlight)
      throw new Broken('a cancel of the recv in flight', `one of operation ${operation}`)
    this.cancelled.push(operation)
    return this.begin(handler)
  }

  begin(handler: Handler): number {
    const operation = this.#free.pop() ?? this.#handlers.size
    this.#handlers.set(operation, handler)
    return operation
  }

  /** Bytes have come: one of the completions of the recv in flight. */
  bring(count: number): void {
    const label = this.#blocks
    this.#blocks += 1
    this.#unclaimed.add(label)
    this.#note(`recv completes: ${count} bytes in block ${label}, and more will come`)
    const [handler] = this.#inFlight()
    handler(count, BUFFER | MORE | (label << 16))
    if (this.#unclaimed.has(label)) throw new Broken('a claim of the block', 'none: it is lost')
  }

  /** The last completion of the recv in flight. */
  end(result: number, name: string): void {
    this.#note(`recv completes for the last time: ${name}`)
    const [handler, operation] = this.#inFlight()
    this.#handlers.delete(operation)
    this.#free.push(operation)
    this.recvInFlight = undefined
    handler(result, 0)
  }

  #inFlight(): [Handler, number] {
    const operation = this.recvInFlight
    if (operation === undefined) throw new Broken('a recv in flight', 'none')
    return [this.#handlers.get(operation)!, operation]
  }

  #claim(label: number): number {
    if (!this.#unclaimed.delete(label))
      throw new Broken('one claim for each completion with BUFFER', 'a claim of no block')
    return label
  }
}

interface Tried {
  readonly kernel: Kernel
  readonly reader: Reader
  /** What the owner has been told: `block 0: 12`, `ended: 0`. */
  readonly told: string[]
  /** What the owner does when a block comes. */
  onReceived: (() => void) | undefined
  readonly note: Note
}

const tryReader =
  (run: (tried: Tried) => void) =>
  ({ Reader }: Submission, note: Note): void => {
    const kernel = new Kernel(note)
    const told: string[] = []
    const tried: { onReceived: Tried['onReceived'] } = { onReceived: undefined }
    const reader = new Reader(kernel, FD, {
      received: (block, count) => {
        told.push(`block ${block}: ${count}`)
        tried.onReceived?.()
      },
      ended: (result) => told.push(`ended: ${result}`),
    })
    run(Object.assign(tried, { kernel, reader, told, note }))
  }

export const units: readonly UnitCase[] = [
  {
    name: 'one recv brings many blocks, and then the end',
    points: 1,
    run: tryReader(({ kernel, told }) => {
      isArmed(kernel)
      kernel.bring(12)
      kernel.bring(5)
      kernel.end(0, '0, the FIN of the client')
      same(['block 0: 12', 'block 1: 5', 'ended: 0'], told)
      isNotArmed(kernel, 'after the FIN')
    }),
  },
  {
    name: 'when no block was free, the recv is armed again',
    points: 2,
    run: tryReader(({ kernel, told }) => {
      kernel.bring(12)
      kernel.end(-ENOBUFS, '-ENOBUFS, no block was free')
      same(['block 0: 12'], told)
      isArmed(kernel)
      kernel.bring(5)
      kernel.end(-ENOBUFS, '-ENOBUFS, no block was free')
      isArmed(kernel)
      same(['block 0: 12', 'block 1: 5'], told)
    }),
  },
  {
    name: 'an error ends it, once',
    points: 1,
    run: tryReader(({ kernel, told }) => {
      kernel.end(-ECONNRESET, '-ECONNRESET')
      same([`ended: ${-ECONNRESET}`], told)
      isNotArmed(kernel, 'after an error')
    }),
  },
  {
    name: 'a pause cancels the recv, and what comes before its end is not lost',
    points: 2,
    run: tryReader(({ kernel, reader, told, note }) => {
      note('pause()')
      reader.pause()
      cancels(kernel, 1)
      note('the client was faster than the cancel')
      kernel.bring(7)
      kernel.end(-ECANCELED, '-ECANCELED')
      same(['block 0: 7'], told)
      isNotArmed(kernel, 'while it pauses')
      note('resume()')
      reader.resume()
      isArmed(kernel)
      kernel.bring(3)
      same(['block 0: 7', 'block 1: 3'], told)
    }),
  },
  {
    name: 'a resume before the cancelled recv has completed takes effect after it',
    points: 3,
    run: tryReader(({ kernel, reader, told, note }) => {
      note('pause(), resume(), pause(), resume()')
      for (let i = 0; i < 2; i++) {
        reader.pause()
        reader.resume()
      }
      cancels(kernel, 1)
      kernel.bring(7)
      kernel.end(-ECANCELED, '-ECANCELED')
      isArmed(kernel)
      note('pause(), resume(), pause()')
      reader.pause()
      reader.resume()
      reader.pause()
      cancels(kernel, 2)
      kernel.end(-ECANCELED, '-ECANCELED')
      isNotArmed(kernel, 'while it pauses')
      same(['block 0: 7'], told)
    }),
  },
  {
    name: 'the number of a completed recv is never cancelled: it is another’s by now',
    points: 2,
    run: tryReader(({ kernel, reader, told, note }) => {
      note('pause()')
      reader.pause()
      kernel.end(-ECANCELED, '-ECANCELED')
      note('another client begins an operation, and gets its number; pause() again')
      kernel.begin(() => {})
      reader.pause()
      note('resume()')
      reader.resume()
      kernel.end(0, '0, the FIN of the client')
      kernel.begin(() => {})
      note('pause() and resume() after the end')
      reader.pause()
      reader.resume()
      isNotArmed(kernel, 'after the FIN')
      same(['ended: 0'], told)
    }),
  },
  {
    name: 'a pause inside of received, and no block free at the same time',
    points: 2,
    run: tryReader((tried) => {
      const { kernel, reader, told, note } = tried
      tried.onReceived = () => {
        note('received calls pause()')
        reader.pause()
      }
      kernel.bring(12)
      cancels(kernel, 1)
      kernel.end(-ENOBUFS, '-ENOBUFS, faster than the cancel')
      isNotArmed(kernel, 'while it pauses')
      reader.resume()
      isArmed(kernel)
      same(['block 0: 12'], told)
    }),
  },
]

function isArmed({ recvInFlight }: Kernel): void {
  if (recvInFlight === undefined) throw new Broken('a recv in flight', 'none: it hears no more')
}

function isNotArmed({ recvInFlight }: Kernel, when: string): void {
  if (recvInFlight !== undefined) throw new Broken(`no recv in flight ${when}`, 'one')
}

function cancels({ cancelled }: Kernel, count: number): void {
  const { length } = cancelled
  if (length !== count) throw new Broken(`${count} cancels so far`, `${length}`)
}

function same(due: readonly string[], told: readonly string[]): void {
  const [expected, got] = [due, told].map((texts) => texts.join(', ') || 'nothing')
  if (expected !== got) throw new Broken(`that the owner is told ${expected}`, got!)
}

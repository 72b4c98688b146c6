import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ByteQueue } from '../../servers/bytes/byte-queue.ts'
import { ReceiveBuffer } from '../../servers/bytes/receive-buffer.ts'

/** A step for the queue and for a plain array, like which it must behave. */
type Step = { push: Uint8Array } | { drop: number } | 'clear'

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ push: fc.uint8Array({ maxLength: 100 }) }) },
  { weight: 4, arbitrary: fc.record({ drop: fc.nat(120) }) },
  { weight: 1, arbitrary: fc.constant('clear' as const) },
)

function take(queue: ByteQueue, model: number[], step: Step): void {
  if (step === 'clear') {
    queue.clear()
    model.length = 0
  } else if ('push' in step) {
    const source = Uint8Array.from(step.push)
    queue.push(source)
    // The queue keeps a copy: the caller may use its buffer again.
    source.fill(0xee)
    model.push(...step.push)
  } else if (step.drop <= model.length) {
    queue.drop(step.drop)
    model.splice(0, step.drop)
  } else {
    expect(() => queue.drop(step.drop)).toThrow(RangeError)
  }
}

describe('ByteQueue', () => {
  test('behaves like an array with pushes at its end and drops at its head', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const queue = new ByteQueue()
        const model: number[] = []
        for (const each of steps) {
          take(queue, model, each)
          expect(queue.length).toBe(model.length)
          expect(queue.peek()).toStrictEqual(Uint8Array.from(model))
        }
      }),
      { numRuns: 1000 },
    )
  })

  test('a drop of too many bytes is an error with both numbers', () => {
    const queue = new ByteQueue()
    queue.push(Uint8Array.of(1, 2, 3))
    expect(() => queue.drop(4)).toThrow('4 of 3 bytes to drop')
    expect([...queue.peek()]).toEqual([1, 2, 3])
  })

  test('bytes that were taken with peek stay the same after clear', () => {
    const queue = new ByteQueue()
    queue.push(Uint8Array.of(1, 2, 3))
    const taken = queue.peek()
    queue.clear()
    queue.push(Uint8Array.of(9, 9, 9))
    expect([...taken]).toEqual([1, 2, 3])
  })

  test('a million small pushes stay cheap', () => {
    const queue = new ByteQueue()
    for (let i = 0; i < 1e6; i++) queue.push(Uint8Array.of(i & 255))
    expect(queue.length).toBe(1e6)
    for (let i = 0; i < 1e6; i += 1000) queue.drop(1000)
    expect(queue.length).toBe(0)
  })
})

test('a receive buffer gives views of its start, of any length and of the same memory', () => {
  const buffer = new ReceiveBuffer(5000)
  const length = fc.nat(5000)
  const property = fc.property(length, fc.uint8Array({ maxLength: 5000 }), (count, bytes) => {
    buffer.bytes.set(bytes)
    expect(Buffer.compare(buffer.first(count), buffer.bytes.subarray(0, count))).toBe(0)
  })
  fc.assert(property)
})

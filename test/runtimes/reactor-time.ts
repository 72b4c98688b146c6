import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { DelayedCallQueue } from '../../servers/06-reactor/delayed-call.ts'
import { AlreadyCalled, AlreadyCancelled } from '../../servers/06-reactor/errors.ts'
import { log } from '../../servers/06-reactor/log.ts'
import { finish, type Open, run } from './reactor-harness.ts'

/** Calls that wait for their time. */
export function timeTests(open: Open): void {
  test('callLater calls in the order of the times, not too early, with arguments', async () => {
    const reactor = await open()
    const start = reactor.seconds()
    const calls: [string, number][] = []
    const call = (name: string) => calls.push([name, reactor.seconds() - start])
    reactor.callLater(0.03, call, 'third')
    reactor.callLater(0.01, call, 'first')
    reactor.callLater(0.02, call, 'second')
    reactor.callLater(0.04, () => reactor.stop())
    await run(reactor)
    expect(calls.map(([name]) => name)).toEqual(['first', 'second', 'third'])
    for (const [i, [, time]] of calls.entries()) expect(time).toBeGreaterThanOrEqual(0.01 * (i + 1))
  })

  test('a nested callLater(0) runs in the next pass, after the calls of this one', async () => {
    const reactor = await open()
    const calls: string[] = []
    reactor.callLater(0, () => {
      calls.push('a')
      reactor.callLater(0, () => {
        calls.push('nested')
        reactor.stop()
      })
    })
    reactor.callLater(0, () => calls.push('b'))
    await run(reactor)
    expect(calls).toEqual(['a', 'b', 'nested'])
  })

  test('a call that is added while the reactor waits for a later one comes in time', async () => {
    const reactor = await open()
    const late = reactor.callLater(100, () => {})
    reactor.callLater(0.01, () => reactor.callLater(0.01, () => reactor.stop()))
    await run(reactor)
    expect(late.active()).toBe(true)
  })

  test('cancel, delay and reset change a call until it is made or cancelled', async () => {
    const reactor = await open()
    const never = vi.fn()
    const cancelled = reactor.callLater(0, never)
    expect(cancelled.active()).toBe(true)
    cancelled.cancel()
    expect(cancelled.active()).toBe(false)
    const order: string[] = []
    const made = reactor.callLater(0, () => order.push('made'))
    const delayed = reactor.callLater(0, () => order.push('delayed'))
    const time = delayed.getTime()
    delayed.delay(0.02)
    expect(delayed.getTime()).toBeCloseTo(time + 0.02, 6)
    const sooner = reactor.callLater(100, () => order.push('sooner'))
    sooner.reset(0.01)
    expect(sooner.getTime() - reactor.seconds()).toBeLessThanOrEqual(0.01)
    reactor.callLater(0.03, () => reactor.stop())
    await run(reactor)
    expect(order).toEqual(['made', 'sooner', 'delayed'])
    expect(never).not.toHaveBeenCalled()
    for (const move of ['cancel', 'delay', 'reset'] as const) {
      expect(() => cancelled[move](1), move).toThrow(AlreadyCancelled)
      expect(() => made[move](1), move).toThrow(AlreadyCalled)
    }
  })

  test('a call that throws is logged, and the next one is still made', async () => {
    using err = vi.spyOn(log, 'err').mockReturnValue()
    const reactor = await open()
    const thrown = new Error('from a call')
    reactor.callLater(0, () => {
      throw thrown
    })
    reactor.callLater(0, () => reactor.stop())
    await run(reactor)
    expect(err.mock.calls).toEqual([[thrown]])
  })

  test.each([-1, Number.NaN, Number.POSITIVE_INFINITY])(
    'a delay of %d seconds is refused',
    async (delay) => {
      const reactor = await open()
      expect(() => reactor.callLater(delay, () => {})).toThrow(RangeError)
      await finish(reactor)
    },
  )
}

type Step = { call: number; do: 'cancel' | 'reset' | 'delay'; by: number }

describe('DelayedCallQueue', () => {
  test('calls come in the order of their times, whatever is moved and cancelled', () => {
    const steps = fc.array(
      fc.record<Step>({
        call: fc.nat(99),
        do: fc.constantFrom('cancel', 'reset', 'delay'),
        by: fc.nat(1000),
      }),
      { maxLength: 150 },
    )
    const delays = fc.array(fc.nat(1000), { minLength: 1, maxLength: 100 })
    fc.assert(
      fc.property(delays, steps, (delays, steps) => {
        const made: number[] = []
        const queue = new DelayedCallQueue(
          () => 0,
          () => {},
        )
        const calls = delays.map((delay, i) => queue.add(delay, () => made.push(i)))
        // Half of the moves are made before `merge` puts the calls into the heap.
        for (const [i, step] of steps.entries()) {
          if (i === steps.length >> 1) queue.merge()
          const call = calls[step.call % calls.length]!
          if (!call.active()) continue
          if (step.do === 'cancel') call.cancel()
          else call[step.do](step.by)
        }
        const due = calls.flatMap((call, i) => (call.active() ? [{ i, time: call.getTime() }] : []))
        queue.merge()
        for (let call = queue.take(1e9); call; call = queue.take(1e9)) call.run()
        const times = made.map((i) => calls[i]!.getTime())
        expect(times).toEqual(due.map(({ time }) => time).sort((a, b) => a - b))
        expect(made.toSorted()).toEqual(due.map(({ i }) => i).toSorted())
      }),
    )
  })

  test('a call that is put off stays where it is in the heap, and is not made early', () => {
    let now = 0
    const queue = new DelayedCallQueue(
      () => now,
      () => {},
    )
    const call = queue.add(10, () => {})
    queue.merge()
    now = 5
    call.reset(10)
    expect(queue.earliest).toBe(10)
    expect(queue.take(10)).toBeUndefined()
    expect(queue.earliest).toBe(15)
    expect(queue.take(15)).toBe(call)
  })

  test('a call that is added by another waits for the next pass, though it is due', () => {
    const queue = new DelayedCallQueue(
      () => 0,
      () => {},
    )
    queue.add(0, () => queue.add(0, () => {}))
    queue.merge()
    queue.take(0)!.run()
    expect(queue.take(0)).toBeUndefined()
    queue.merge()
    expect(queue.take(0)?.active()).toBe(true)
  })

  test('calls of the same time come in the order in which they were added', () => {
    const queue = new DelayedCallQueue(
      () => 0,
      () => {},
    )
    const calls = Array.from({ length: 50 }, () => queue.add(1, () => {}))
    queue.merge()
    expect(Array.from(calls, () => queue.take(1))).toEqual(calls)
  })
})

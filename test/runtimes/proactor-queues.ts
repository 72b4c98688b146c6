import { expect, test } from 'vitest'
import { Alarm } from '../../servers/11-completion/alarm.ts'
import { duration } from '../posix/layer.ts'
import { ETIME, Receiver, useHarness } from './proactor-harness.ts'

/** The two queues, when they are full and when they wrap. */
export function queueTests(mode: number): void {
  const harness = useHarness(mode)

  test('a full submission queue and a full completion queue lose nothing', () => {
    harness.proactor.stop()
    harness.proactor = harness.open(4, 8)
    const { proactor } = harness
    const completed = new Map<number, number>()
    for (let i = 0; i < 2000; i++) {
      proactor.timeout(0, (result) => {
        expect(result).toBe(-ETIME)
        completed.set(i, (completed.get(i) ?? 0) + 1)
      })
    }
    expect(proactor.inFlight).toBe(2000)
    harness.until(() => proactor.inFlight === 1)
    expect(completed.size).toBe(2000)
    expect([...completed.values()].every((times) => times === 1)).toBe(true)
  })

  test('handlers may begin more operations than fit into the queues', () => {
    harness.proactor.stop()
    harness.proactor = harness.open(4, 8)
    const { proactor } = harness
    let count = 0
    const spread = (depth: number) => () => {
      count += 1
      for (let i = 0; depth > 0 && i < 5; i++) proactor.timeout(0, spread(depth - 1))
    }
    proactor.timeout(0, spread(4))
    harness.until(() => proactor.inFlight === 1)
    expect(count).toBe(1 + 5 + 25 + 125 + 625)
  })

  test('many connections may complete at a time', () => {
    const { layer, proactor } = harness
    const pairs = Array.from({ length: 300 }, () => layer.pair())
    const receivers = pairs.map(([, server]) => new Receiver(proactor, server))
    for (let turn = 1; turn <= 3; turn++) {
      for (const [i, [client]] of pairs.entries()) layer.sendAll(client, Buffer.from(`${i}\n`))
      harness.until(() => receivers.every(({ chunks }) => chunks.length === turn))
    }
    const said = receivers.map(({ bytes }) => bytes.toString())
    expect(said).toEqual(pairs.map((_, i) => `${i}\n`.repeat(3)))
  })

  test('a handler that throws does not lose the other completions', () => {
    const { proactor } = harness
    const heard: string[] = []
    proactor.timeout(0, () => {
      heard.push('first')
      throw new Error('thrown in a handler')
    })
    proactor.timeout(0, () => heard.push('second'))
    expect(() => harness.until(() => heard.length > 0)).toThrow('thrown in a handler')
    harness.until(() => heard.length === 2)
    expect(heard).toEqual(['first', 'second'])
  })

  test('an alarm has one timeout in flight, and an earlier time replaces it', () => {
    const { proactor } = harness
    const alarm = new Alarm(proactor)
    const start = performance.now()
    alarm.set(Number.POSITIVE_INFINITY)
    expect(proactor.inFlight).toBe(0)
    alarm.set(start + 60_000)
    alarm.set(start + 60_000)
    alarm.set(start + 70_000)
    expect(proactor.inFlight).toBe(1)
    const elapsed = duration(() => {
      alarm.set(performance.now() + 20)
      while (proactor.inFlight > 0) harness.pass()
    })
    expect(elapsed).toBeGreaterThanOrEqual(20)
    expect(elapsed).toBeLessThan(10_000)
    alarm.set(start)
    expect(proactor.inFlight).toBe(1)
  })
}

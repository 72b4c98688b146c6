/** What the tests of green-threads share: tests that are greenlets, and helpers for waiting. */
import { afterEach, beforeEach, expect, type MockInstance, test, vi } from 'vitest'
import { type Green, GreenletExit, hub, run, sleep } from '../../servers/07-green-threads/gevent.ts'

/** A test that is a greenlet itself. */
export function green(name: string, body: () => Green<void>): void {
  test(name, () => run(body))
}

/** The hub reports greenlets that fail on stderr; here it reports them to the test instead. */
export function watchFailures(): { readonly failures: unknown[] } {
  const failures: unknown[] = []
  let spy: MockInstance<typeof hub.handleError>
  beforeEach(() => {
    failures.length = 0
    spy = vi.spyOn(hub, 'handleError').mockImplementation((_, error) => failures.push(error))
  })
  afterEach(() => spy.mockRestore())
  return { failures }
}

/** Gives way `count` times. */
export function* turns(count: number): Green<void> {
  for (let i = 0; i < count; i++) yield* sleep(0)
}

/** What `body` throws; undefined if it doesn't. */
export function* caught(body: () => Green<unknown>): Green<unknown> {
  try {
    yield* body()
  } catch (error) {
    return error
  }
  return undefined
}

/** Waits for a long time, and returns how the wait ended. */
export function* untilKilled(): Green<string> {
  try {
    yield* sleep(1000)
    return 'slept'
  } catch (error) {
    return error instanceof GreenletExit ? 'killed' : `threw ${error}`
  }
}

/** Keeps the thread busy for this time: timers that expire meanwhile expire together. */
export function block(seconds: number): void {
  const end = performance.now() + seconds * 1000
  while (performance.now() < end);
}

/** Expects the same objects in the same order. `toEqual` can't tell two greenlets apart. */
export function expectSame(actual: readonly unknown[], expected: readonly unknown[]): void {
  expect(actual).toHaveLength(expected.length)
  for (const [i, each] of expected.entries()) expect(actual[i] === each, `at ${i}`).toBe(true)
}

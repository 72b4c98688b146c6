import { expect } from 'vitest'
import { sleep, spawn, Timeout, withTimeout } from '../../servers/07-green-threads/gevent.ts'
import { block, caught, green, turns } from './green-harness.ts'

/** Timeout and withTimeout. */
export function timeoutTests(): void {
  class TooLong extends Error {}

  green('a timeout throws itself into a wait that takes too long', function* () {
    const timeout = Timeout.startNew(0.005)
    expect(timeout.pending).toBe(true)
    expect(yield* caught(() => sleep(1000))).toBe(timeout)
    expect(timeout.pending).toBe(false)
  })

  green('a timeout may throw an exception of your own, or one of your class', function* () {
    const exception = new TooLong()
    Timeout.startNew(0.001, exception)
    expect(yield* caught(() => sleep(1000))).toBe(exception)
    Timeout.startNew(0.001, TooLong)
    expect(yield* caught(() => sleep(1000))).toBeInstanceOf(TooLong)
  })

  green('a cancelled timeout never comes', function* () {
    const timeout = Timeout.startNew(0.001)
    timeout.cancel()
    expect(timeout.pending).toBe(false)
    yield* sleep(0.01)
  })

  green('using: the timeout ends with its block', function* () {
    {
      using timeout = Timeout.startNew(0.001)
      expect(timeout.pending).toBe(true)
    }
    yield* sleep(0.01)
  })

  green('a timeout of null seconds never fires', function* () {
    using timeout = Timeout.startNew(null)
    expect(timeout.pending).toBe(false)
    yield* sleep(0.005)
  })

  green('start: works once at a time, and again after the timeout has fired', function* () {
    const timeout = new Timeout(0.001)
    timeout.start()
    expect(() => timeout.start()).toThrow('started already')
    expect(yield* caught(() => sleep(1000))).toBe(timeout)
    timeout.start()
    expect(yield* caught(() => sleep(1000))).toBe(timeout)
  })

  green('a greenlet that computes gets its timeout at its next wait', function* () {
    const timeout = Timeout.startNew(0.001)
    block(0.005)
    expect(yield* caught(() => sleep(1000))).toBe(timeout)
  })

  green('a timeout is for the greenlet that started it, and for no other', function* () {
    const sleeper = spawn(function* () {
      yield* sleep(0.01)
      return 'slept'
    })
    Timeout.startNew(0.001)
    expect(yield* caught(() => sleeper.get())).toBeInstanceOf(Timeout)
    expect(yield* sleeper.get()).toBe('slept')
  })

  green('the timeout of a greenlet that has ended does nothing', function* () {
    yield* spawn(() => void Timeout.startNew(0.001)).join()
    yield* sleep(0.01)
  })

  green('nested: an outer timeout that fires is the one that is caught', function* () {
    using outer = Timeout.startNew(0.001)
    using inner = Timeout.startNew(1000)
    expect(yield* caught(() => sleep(1000))).toBe(outer)
    expect(inner.pending).toBe(true)
  })

  green('nested: each wait handles only its own timeout', function* () {
    const outer = new Timeout(0.001)
    const work = () => withTimeout(1000, () => spawn(() => sleep(0.01)).join(1000), 'inner')
    expect(yield* caught(() => outer.scope(work))).toBe(outer)
    const answer = yield* withTimeout(1000, () => spawn(() => sleep(0.01)).join(0.001), 'outer')
    expect(answer).toBe(false)
  })

  green('scope: with the exception false it swallows only its own expiry', function* () {
    const silent = new Timeout(0.001, false)
    expect(yield* silent.scope(() => sleep(1000))).toBeUndefined()
    const patient = new Timeout(1000, false)
    const outer = Timeout.startNew(0.001, false)
    expect(yield* caught(() => patient.scope(() => sleep(1000)))).toBe(outer)
    expect(patient.pending).toBe(false)
  })

  green('scope: returns the value or throws the error, and cancels the timeout', function* () {
    const timeout = new Timeout(1000)
    expect(yield* timeout.scope(() => spawn(() => 'value').get())).toBe('value')
    expect(timeout.pending).toBe(false)
    const failure = new TooLong()
    const failing = function* () {
      yield* turns(1)
      throw failure
    }
    expect(yield* caught(() => timeout.scope(failing))).toBe(failure)
    expect(timeout.pending).toBe(false)
  })

  green('withTimeout: returns the value; too late, it throws or returns a default', function* () {
    expect(yield* withTimeout(1000, () => spawn(() => 1).get())).toBe(1)
    expect(yield* caught(() => withTimeout(0.001, () => sleep(1000)))).toBeInstanceOf(Timeout)
    expect(yield* withTimeout(0.001, () => sleep(1000), 'late')).toBe('late')
    expect(yield* withTimeout(null, () => spawn(() => 1).get(), 'late')).toBe(1)
  })

  green('a wait takes a Timeout instead of seconds, started or not', function* () {
    const forever = spawn(() => sleep(1000))
    expect(yield* forever.join(new Timeout(0.001))).toBe(false)
    const started = Timeout.startNew(0.001)
    expect(yield* caught(() => forever.get(started))).toBe(started)
    yield* forever.kill()
  })
}

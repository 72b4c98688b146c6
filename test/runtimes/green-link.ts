import { expect, vi } from 'vitest'
import { type Greenlet, spawn } from '../../servers/07-green-threads/gevent.ts'
import { green, turns, watchFailures } from './green-harness.ts'

/** Links: functions that are called at the end of a greenlet. */
export function linkTests(): void {
  const seen = watchFailures()
  const failure = new Error('from a greenlet')
  const fail = () => {
    throw failure
  }

  green('link, linkValue, linkException: each is called once for its kind of end', function* () {
    const told: string[] = []
    for (const [name, body] of [
      ['good', () => 1],
      ['bad', fail],
    ] as const) {
      const greenlet: Greenlet = spawn(body)
      greenlet.linkException(() => told.push(`${name} exception`))
      greenlet.link(() => told.push(`${name} end`))
      greenlet.linkValue(() => told.push(`${name} value`))
    }
    yield* turns(3)
    expect(told).toEqual(['good end', 'good value', 'bad exception', 'bad end'])
  })

  green('link: is called soon if the greenlet has ended, and never after unlink', function* () {
    const link = vi.fn()
    const never = vi.fn()
    const greenlet = spawn(() => {})
    greenlet.link(never)
    greenlet.unlink(never)
    yield* greenlet.join()
    greenlet.link(link)
    expect(link).not.toHaveBeenCalled()
    yield* turns(2)
    expect(link).toHaveBeenCalledExactlyOnceWith(greenlet)
    greenlet.link(never)
    greenlet.unlink(never)
    yield* turns(2)
    expect(never).not.toHaveBeenCalled()
  })

  green('link: one that throws does not affect the others', function* () {
    const link = vi.fn()
    const greenlet = spawn(() => {})
    greenlet.link(fail)
    greenlet.link(link)
    yield* turns(2)
    expect(link).toHaveBeenCalledOnce()
    expect(seen.failures).toEqual([failure])
  })

  // gevent#102
  for (const body of [() => 1, fail]) {
    green(
      `linkValue and linkException take the same function: ${body.name || 'success'}`,
      function* () {
        const link = vi.fn()
        const greenlet = spawn(body)
        greenlet.linkValue(link)
        greenlet.linkException(link)
        yield* turns(3)
        expect(link).toHaveBeenCalledExactlyOnceWith(greenlet)
      },
    )
  }

  green('link: calls a function as often as it is linked; unlink undoes one of them', function* () {
    const link = vi.fn()
    const greenlet = spawn(() => {})
    for (let i = 0; i < 3; i++) greenlet.link(link)
    greenlet.unlink(link)
    yield* turns(3)
    expect(link).toHaveBeenCalledTimes(2)
    greenlet.link(link)
    greenlet.link(link)
    yield* turns(3)
    expect(link).toHaveBeenCalledTimes(4)
  })
}

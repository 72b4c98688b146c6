import { expect, vi } from 'vitest'
import { type Greenlet, spawn } from '../../servers/07-green-threads/gevent.ts'
import { green, turns, watchFailures } from './green-harness.ts'

/** Links: who is told of the end of a greenlet. */
export function linkTests(): void {
  const seen = watchFailures()
  const failure = new Error('from a greenlet')
  const fail = () => {
    throw failure
  }

  green(
    'link, linkValue, linkException: told once, each of its kind, in their order',
    function* () {
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
    },
  )

  green('link: to one that has ended is told soon; an unlinked one is not', function* () {
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

  green('link: one that throws hurts nobody else', function* () {
    const link = vi.fn()
    const greenlet = spawn(() => {})
    greenlet.link(fail)
    greenlet.link(link)
    yield* turns(2)
    expect(link).toHaveBeenCalledOnce()
    expect(seen.failures).toEqual([failure])
  })
}

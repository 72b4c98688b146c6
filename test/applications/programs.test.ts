/** The applications that are no servers say what their pages show, and end. */
import { expect, test } from 'vitest'
import { runApp } from './harness.ts'

/** The lines of its output. Fails if it fails. */
async function outputOf(name: string): Promise<string[]> {
  const { code, stdout, stderr } = await runApp(name)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return stdout.split('\n')
}

test('fetch: the server has one request at a time, then four, then all', async () => {
  const [first, ...ways] = await outputOf('fetch')
  expect(first).toBe('10 pages, for each of which the server takes 0.2 s')
  const seen = ways.map((line) => /^(\w+) +([\d.]+) s, requests at a time: (\d+)$/.exec(line)!)
  expect(seen.map(([, way]) => way)).toEqual(['oneByOne', 'fourAtATime', 'allAtOnce'])
  // On a busy machine the first pages are done before the last ones are asked for.
  const [one, four, all] = seen.map(([, , , count]) => Number(count))
  expect(one).toBe(1)
  expect([2, 3, 4]).toContain(four)
  expect(all).toBeGreaterThan(four!)
  // Ten times 0.2 s.
  const [longest, , shortest] = seen.map(([, , time]) => Number(time))
  expect(longest).toBeGreaterThan(1.9)
  expect(shortest).toBeLessThan(longest!)
})

test('socket-pool: a thousand sockets, and no place for one more', async () => {
  expect(await outputOf('socket-pool')).toEqual([
    'sockets in the pool: 1000, places left: 0',
    'one more is told: no place',
    'from the others came 5000 bytes',
    '400 clients have left, places left: 400',
    'shut down, sockets in the pool: 0',
  ])
})

test('relay: every message comes back in order, and another greenlet has its turns', async () => {
  const lines = await outputOf('relay')
  const [turns = '', exit] = [lines.pop(), lines.pop()]
  expect(lines).toEqual(Array.from({ length: 10 }, (_, i) => `hi in ${i}`))
  expect(exit).toBe('the relay has ended with 0')
  expect(Number(/had its turn (\d+) times/.exec(turns)?.[1])).toBeGreaterThan(10)
})

test('zeromq: they take turns, and a request to nobody is asked again', async () => {
  const lines = await outputOf('zeromq')
  expect(lines.slice(0, 8)).toEqual([
    'server got: Hello 1',
    'client got: World 1',
    'server got: Hello 2',
    'client got: World 2',
    'server got: Hello 3',
    'client got: World 3',
    'the server is gone',
    'the second request: EFSM, not before the reply to the first',
  ])
  expect(lines.slice(8, 11)).toEqual(['attempt 1 of 3', 'no reply in 0.25 s', 'attempt 2 of 3'])
  expect(lines).toContain('the server is back')
  expect(lines.at(-1)).toMatch(/^client got: World [12]$/)
})

/** An open loop knows what of its figures is its own: lateness, warm-up, and the rate achieved. */
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import {
  achieved,
  hasFailed,
  type LoadResult,
  loadRows,
  missedRate,
  warnings,
} from '../../clients/load/result.ts'
import { measured } from '../bench/documents.ts'
import { type Answer, echo, Running, runClient, startServer } from './support.ts'

const ENGINES = process.platform === 'linux' ? ['libc', 'node'] : ['node']
const FLAGS = ['--connections', 5, '--protocol', 'line']

async function load(port: number, ...flags: (string | number)[]) {
  const run = await runClient(['load', '--json', '--port', port, ...FLAGS, ...flags])
  const result: LoadResult = run.stdout === '' ? undefined : JSON.parse(run.stdout)
  return { ...run, result }
}

/** A reply takes 20 ms, so that five connections get 250 in a second. */
const slowly: Answer = async (socket, reply) => {
  await sleep(20)
  socket.write(reply)
}

describe.each(ENGINES)('with the engine %s', (io) => {
  test('a generator that sleeps finds out that it was late, and says so', async () => {
    let generator: Running | undefined
    const stop: Answer = async (socket, reply, n) => {
      socket.write(reply)
      if (n !== 200) return
      generator?.child.kill('SIGSTOP')
      await sleep(300)
      generator?.child.kill('SIGCONT')
    }
    await using server = await startServer(echo('line', stop))
    const flags = ['--rate', 1000, '--warmup', 0, '--duration', 1, '--io', io, '--json']
    const args = ['load', '--port', server.port, ...FLAGS, ...flags].map(String)
    generator = new Running(args)
    await generator.end()
    const { lateness, warnings: said }: LoadResult = JSON.parse(generator.stdout)
    // Of a thousand messages, three hundred were due in the sleep.
    expect(lateness!.max).toBeGreaterThan(250_000)
    expect(lateness!.p90).toBeGreaterThan(100_000)
    // On a busy machine the replies were late as well, and the lateness is only a part.
    expect(said).toEqual([
      expect.stringMatching(
        /^the latency is the generator's own: p99 [\d ]+ of [\d ]+ µs is its lateness$|^the generator itself was late: p99 [\d ]+ µs of the latency$/,
      ),
    ])
    expect(generator.stderr).toContain(`warning: ${said[0]}\n`)
  })

  test('the window begins when enough messages went through, however short the warm-up', async () => {
    let answered = 0
    const count: Answer = (socket, reply, n) => {
      answered = n
      socket.write(reply)
    }
    await using server = await startServer(echo('line', count))
    const flags = ['--rate', 1000, '--warmup', 0.01, '--duration', 0.2, '--io', io]
    const { result } = await load(server.port, ...flags)
    expect(answered - result.messages).toBeGreaterThanOrEqual(1000)
  })

  test('less than 99 % of the asked rate: in the result, in one line, and the exit code', async () => {
    await using server = await startServer(echo('line', slowly))
    const flags = ['--rate', 1000, '--warmup', 0.1, '--duration', 0.5, '--io', io]
    const { code, result, stderr } = await load(server.port, ...flags)
    expect(code).toBe(1)
    expect(result.achieved).toBeCloseTo(result.messages / (1000 * result.seconds))
    expect(result.achieved).toBeLessThan(0.5)
    expect(stderr).toMatch(
      /^error: achieved \d+\.\d % of the asked rate: \d+ of 1 000 messages\/s$/m,
    )
  })

  test('at a rate beyond reach, replies are read, and the window ends in time', async () => {
    await using server = await startServer(echo('line'))
    const flags = ['--rate', 10_000_000, '--warmup', 0.1, '--duration', 0.5, '--io', io]
    const { code, result } = await load(server.port, ...flags)
    expect(code).toBe(1)
    expect(result).toMatchObject({ errors: {}, mismatch: null })
    expect(result.messages).toBeGreaterThan(100)
    expect(result.achieved).toBeLessThan(0.1)
    expect(result.seconds).toBeLessThan(2)
  })

  test('at a rate beyond reach, replies are checked', async () => {
    const wrong: Answer = (socket, reply, n) => {
      socket.write(n === 50 ? reply.replace('s0', 'sX') : reply)
    }
    await using server = await startServer(echo('line', wrong))
    const { code, result } = await load(server.port, '--rate', 10_000_000, '--io', io)
    expect(code).toBe(1)
    expect(result.mismatch).toMatchObject({ offset: 9 })
  })
})

test('the table says how late the generator was, and how much of the rate was achieved', async () => {
  await using server = await startServer(echo('line', slowly))
  const flags = ['--rate', 1000, '--warmup', 0, '--duration', 0.3]
  const { code, stdout } = await runClient(['load', '--port', server.port, ...FLAGS, ...flags])
  expect(code).toBe(1)
  expect(stdout).toMatch(/^ {2}lateness {5}p50 .* \(µs\)$/m)
  expect(stdout).toMatch(/^ {2}achieved {5}\d+\.\d % of the asked rate: \d+ of 1 000 messages\/s$/m)
})

describe('the result of an open loop', () => {
  const latency = { mean: 50, p50: 40, p90: 60, p99: 90, p999: 95, max: 99 }

  function resultOf(more: Partial<LoadResult> & { rate?: number }): LoadResult {
    const { rate = 1000, ...result } = more
    const outcome = measured({ result: { ...result } })
    if (outcome.kind !== 'measured') throw new Error('it was measured')
    const asked = { ...outcome.result.asked, rate, connections: 100 }
    const figures = { ...outcome.result, asked }
    return { ...figures, achieved: achieved(figures), warnings: warnings(figures) }
  }

  test.each([
    [{ messages: 5000, seconds: 5 }, 1, false],
    [{ messages: 5010, seconds: 5 }, 1, false],
    [{ messages: 4951, seconds: 5 }, 0.9902, false],
    [{ messages: 4940, seconds: 5 }, 0.988, true],
    [{ messages: 0, seconds: 5 }, 0, true],
    [{ messages: 0, seconds: 0 }, 0, false],
    [{ messages: 7, seconds: 5, rate: 0 }, null, false],
    // One message is over 1 % of these windows, and may have had its reply after the end.
    [{ messages: 49, seconds: 0.5, rate: 100 }, 0.98, false],
    [{ messages: 47, seconds: 0.5, rate: 100 }, 0.94, true],
    [{ messages: 9, seconds: 1, rate: 10 }, 0.9, false],
    [{ messages: 8, seconds: 1, rate: 10 }, 0.8, true],
  ])('%j: achieved %s, missed: %s', (more, share, isMissed) => {
    const result = resultOf(more)
    expect(result.achieved).toBe(share)
    expect(missedRate(result)).toBe(isMissed)
    expect(hasFailed(result)).toBe(more.messages === 0)
    expect(loadRows(result).some(([label]) => label === 'achieved')).toBe(share !== null)
  })

  test('without a connection that talks, no rate is achieved', () => {
    const { asked } = resultOf({})
    expect(achieved({ ...resultOf({}), asked: { ...asked, connections: 0 } })).toBeNull()
  })

  test.each([
    [40, 90, []],
    [46, 90, ["the latency is the generator's own: p99 46 of 90 µs is its lateness"]],
    [1200, 2400, ['the generator itself was late: p99 1 200 µs of the latency']],
    [1200, 2300, ["the latency is the generator's own: p99 1 200 of 2 300 µs is its lateness"]],
    [900, 2400, []],
  ])('lateness p99 %i, latency p99 %i: %j', (late, all, expected) => {
    const lateness = { ...latency, p99: late }
    const { warnings: said } = resultOf({ lateness, latency: { ...latency, p99: all } })
    expect(said).toEqual(expected)
  })

  test('a closed loop has no lateness', () => {
    expect(warnings(resultOf({ rate: 0, lateness: null }))).toEqual([])
    expect(loadRows(resultOf({ rate: 0 })).map(([label]) => label)).not.toContain('lateness')
  })
})

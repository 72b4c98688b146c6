/** Whether the machine was the run's own: what is measured again, left out, marked and said. */
import { beforeEach, describe, expect, test, vi } from 'vitest'
import type { Outcome, Parameters } from '../../bench/document/document.ts'
import { isCrowded } from '../../bench/figures/contention.ts'
import { cpuRatio, figures } from '../../bench/figures/figures.ts'
import { findings } from '../../bench/report/findings.ts'
import { renderTerminal } from '../../bench/report/terminal.ts'
import { measureAll, planCells } from '../../bench/run/cells.ts'
import type { Row } from '../../bench/run/rows.ts'
import { measure, startServer } from '../../bench/run/runner.ts'
import { PLAIN } from '../../bench/workloads.ts'
import type { OwnServer } from '../../clients/check/subject.ts'
import type { Contention } from '../../clients/load/result.ts'
import { cellOf, documentOf, measured } from './documents.ts'

vi.mock('../../bench/run/runner.ts', () => ({ measure: vi.fn(), startServer: vi.fn() }))

const CALM: Contention = { clientWaited: 0, serverWaited: 0, othersUsed: 0, stolen: 0 }

/** A round in a window of 1 s, with another value of what the machine did. */
function round(machine: Partial<Contention>, cpuPerMessage = 5): Outcome {
  return measured({ cpuPerMessage, result: { machine: { ...CALM, ...machine } } })
}

const BUSY = { serverWaited: 0.3, othersUsed: 0.3 }

describe('a measurement is crowded', () => {
  test.each([
    ['if the server waited while others ran', BUSY, true],
    ['if the generator did', { clientWaited: 0.3, othersUsed: 0.3 }, true],
    ['if the hypervisor took more than a twentieth', { stolen: 0.06 }, true],
    ['but not if only its own threads kept each other waiting', { serverWaited: 90 }, false],
    ['and not if others ran on a core that nobody waited for', { othersUsed: 1 }, false],
    ['and not for less than a twentieth', { serverWaited: 0.04, othersUsed: 1 }, false],
  ])('%s', (_, machine, crowded) => {
    expect(isCrowded(round(machine))).toBe(crowded)
  })

  test('nor if the machine does not say', () => {
    expect(isCrowded(measured({}))).toBe(false)
  })
})

describe('figures', () => {
  test('are those of the calm rounds', () => {
    const cell = cellOf('a', [round(BUSY, 50), round({}, 4), round({}, 6)])
    expect(figures(cell)).toMatchObject({ cpuPerMessage: 5, crowded: false })
  })

  test('are marked if there is no calm round, and nothing is made of them', () => {
    const crowded = cellOf('crowded', [round(BUSY, 50)])
    const calm = cellOf('calm', [round({})])
    expect(figures(crowded)).toMatchObject({ cpuPerMessage: 50, crowded: true })
    expect(cpuRatio(crowded, calm)).toBeNull()
    const text = renderTerminal(documentOf([crowded, calm]))
    expect(text).toMatch(/^crowded +libc poll +1 000\? +50\.00\?/m)
    expect(text).toMatch(/^calm +libc poll +1 000 +5\.00 /m)
  })

  test('the sentences say what was left out', () => {
    const cells = [cellOf('a', [round(BUSY), round({})]), cellOf('b', [round(BUSY), round(BUSY)])]
    const said = findings(documentOf(cells)).at(-1)
    expect(said).toContain('3 of 4 measurements waited for a CPU and are left out; 1 cell')
  })

  test('of a run that was crowded all the time, nothing is said but that', () => {
    const cells = ['a', 'b'].flatMap((name) =>
      [100, 1000].map((connections) => cellOf(name, [round(BUSY)], { connections })),
    )
    expect(findings(documentOf(cells))).toEqual([
      expect.stringContaining('Nothing can be compared'),
      expect.stringContaining('4 of 4 measurements waited for a CPU'),
      'Measure again when nothing else runs on this machine.',
    ])
  })
})

describe('a crowded measurement', () => {
  const parameters: Parameters = {
    duration: 1,
    warmup: 0.3,
    rounds: 2,
    seed: 1,
    pinned: null,
    sharedServers: false,
    systemCalls: false,
  }
  const row: Row = {
    name: 'a',
    wait: 'node',
    io: 'node',
    isParallel: false,
    start: () => Promise.reject(new Error('startServer is used instead')),
    cannot: () => undefined,
  }
  const kill = vi.fn(async () => {})

  beforeEach(() => {
    vi.mocked(measure).mockReset()
    vi.mocked(startServer)
      .mockReset()
      .mockResolvedValue({ [Symbol.asyncDispose]: kill } as unknown as OwnServer)
    kill.mockClear()
  })

  async function rounds(more: Partial<Parameters> = {}): Promise<readonly Outcome[]> {
    const cells = planCells([row], [{ id: 'w', shows: '', loads: [PLAIN] }])
    const { signal } = new AbortController()
    await measureAll(cells, { ...parameters, ...more }, signal, () => {})
    return cells[0]!.rounds
  }

  test('is made again while that takes a quarter of the run at the most', async () => {
    // To measure again may take no longer than a quarter of what has passed.
    using _ = vi.spyOn(performance, 'now').mockImplementation(clock(1000))
    const outcomes = [round(BUSY), round(BUSY), round({}, 7), round({}, 8)]
    for (const outcome of outcomes) vi.mocked(measure).mockResolvedValueOnce(outcome)
    expect(await rounds()).toEqual([outcomes[1], outcomes[2]])
    expect(startServer).toHaveBeenCalledTimes(3)
    expect(kill).toHaveBeenCalledTimes(3)
  })

  test('a shared server is started once, and warmed up for less time after that', async () => {
    vi.mocked(measure).mockResolvedValue(round({}))
    await rounds({ sharedServers: true })
    expect(startServer).toHaveBeenCalledTimes(1)
    expect(kill).toHaveBeenCalledTimes(1)
    const warmups = vi.mocked(measure).mock.calls.map(([, , { warmup }]) => warmup)
    expect(warmups).toEqual([0.3, expect.closeTo(0.1)])
  })

  test('a shared server whose measurement failed is started anew', async () => {
    vi.mocked(measure).mockResolvedValue({ kind: 'failed', reason: 'why' })
    await rounds({ sharedServers: true })
    expect(startServer).toHaveBeenCalledTimes(2)
  })
})

/** A clock that goes on by `step` milliseconds each time it is read. */
function clock(step: number): () => number {
  let now = 0
  return () => {
    now += step
    return now
  }
}

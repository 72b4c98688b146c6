import { Broken } from '../../../../clients/check/verdict.ts'
import type { UnitCase } from '../../../build/course/exercise.ts'
import { type Call, everySchedule, type Thread, World } from './schedules.ts'

interface Submission {
  acquire(words: object, at: number): Generator<Call, void, never>
  release(words: object, at: number): Generator<Call, void, never>
}

type Note = (step: string) => void

/** Where the semaphore is. */
const AT = 0

/** Tries every order in which the threads may run, and shows the first one that goes wrong. */
function tryAll(
  submission: Submission,
  note: Note,
  count: number,
  jobs: readonly ('acquire' | 'release')[],
): void {
  const threads = jobs.map((job, i): [string, () => Thread] => {
    const name = `thread ${i + 1} (${job})`
    return [name, () => submission[job](World.words, AT)]
  })
  const wanted = jobs.filter((job) => job === 'acquire').length
  const there = count + jobs.length - wanted
  const found = everySchedule([count], threads, (world) => {
    const taken = jobs.filter((job, i) => job === 'acquire' && world.isDone(i)).length
    if (taken > there) return [`at most ${there} that take one`, `${taken} that have taken one`]
    if (world.canGoOn) return undefined
    const due = Math.min(wanted, there)
    if (taken < due) return [`${due} that take one`, `${taken}, and a thread that sleeps for ever`]
    const left = world.memory[AT]
    return left === there - due ? undefined : [`${there - due} left at the end`, `${left}`]
  })
  if (!found) return
  for (const step of found.steps) note(step)
  throw new Broken(...found.difference)
}

const trial =
  (count: number, ...jobs: readonly ('acquire' | 'release')[]) =>
  (submission: Submission, note: Note): void =>
    tryAll(submission, note, count, jobs)

export const units: readonly UnitCase[] = [
  {
    name: 'a thread takes one, and another gives one back',
    points: 1,
    run: (submission: Submission, note) => {
      tryAll(submission, note, 2, ['acquire'])
      tryAll(submission, note, 0, ['release'])
    },
  },
  {
    name: 'a thread that finds none sleeps',
    points: 1,
    run: (submission: Submission, note) => {
      const world = new World(
        [0],
        [['thread 1 (acquire)', () => submission.acquire(World.words, AT)]],
      )
      for (let i = 0; i < 20 && world.canGoOn; i++) note(world.step(0))
      if (world.isDone(0)) throw new Broken('a thread that sleeps', 'one that goes on with none')
      if (world.canGoOn)
        throw new Broken('a thread that sleeps', 'one that looks 20 times: it spins')
    },
  },
  {
    name: 'two threads never take the same one, in whatever order they run',
    points: 2,
    run: trial(1, 'acquire', 'acquire'),
  },
  {
    name: 'two that give back at the same time give back two',
    points: 1,
    run: trial(0, 'release', 'release'),
  },
  {
    name: 'no wake-up is lost, in whatever order they run',
    points: 2,
    run: trial(0, 'acquire', 'release'),
  },
  {
    name: 'one that is woken looks again: another may have been faster',
    points: 2,
    run: trial(0, 'acquire', 'acquire', 'release'),
  },
  {
    name: 'two that sleep are both woken by two that give back',
    points: 2,
    run: trial(0, 'acquire', 'acquire', 'release', 'release'),
  },
]

import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { OwnServer } from '../../../../clients/check/subject.ts'
import type { Trial } from '../../../../clients/check/trial.ts'
import type { ServerGrading } from '../../../build/course/exercise.ts'
import { refuses, Talkers, workersOf } from '../29-one-count/talk.ts'

const REPLACED = 'a worker that is killed is replaced by one, and the other one goes on'
const NO_STORM = 'workers that die as they start are started seldom, and are back later'
const END = 'SIGTERM ends the server, and nobody is replaced'
const END_LATER = 'SIGTERM ends it also while a replacement is due'

/** Each new worker is killed for this time, in milliseconds: so many may be started then. */
const STORM = 1500
const MOST = 10
/**
 * Without a worker for this time, in milliseconds, the server waits before it starts one. It has
 * waited for 50, 100 and 200 by then, so the next one is not due before the second of them.
 */
const LULL = [250, 320] as const
const TICK = 10

export const grading: ServerGrading = {
  file: 'server.ts',
  protocol: 'raw',
  cases: [
    {
      promise: 4,
      points: 1,
      name: 'two workers echo lines',
      run: async (trial) => {
        using talkers = new Talkers(trial, trial.shared)
        await talkers.ofTwoWorkers()
      },
    },
    {
      promise: 4,
      points: 3,
      name: REPLACED,
      needs: ['own server', 'process'],
      run: async (trial) => {
        const server = await trial.start()
        using talkers = new Talkers(trial, server)
        const [dies, other] = await talkers.ofTwoWorkers()
        const [pid] = await dies.say('who?')
        trial.note(`worker ${pid} is killed`)
        process.kill(Number(pid), 'SIGKILL')
        await trial.eventually(
          async () => workersOf(server).filter((one) => one !== Number(pid)).length > 1,
          'a new worker',
          'none',
        )
        await other.say('still here')
        using later = new Talkers(trial, server)
        await later.ofTwoWorkers()
        await trial.settled(server)
        const { length } = workersOf(server)
        trial.check(length === 2, '2 workers', `${length} workers`)
      },
    },
    {
      promise: 4,
      points: 3,
      name: NO_STORM,
      needs: ['own server', 'process'],
      run: async (trial) => {
        const server = await trial.start()
        const end = performance.now() + STORM
        const started = await killAll(trial, server, (count) => {
          return count > MOST || performance.now() > end
        })
        const expected = `at most ${MOST} new workers in ${STORM / 1000} s`
        trial.check(started <= MOST, expected, `${started} already`)
        trial.note('no worker is killed any more')
        await trial.eventually(
          async () => workersOf(server).length === 2,
          'two workers again',
          'fewer',
        )
        await trial.eventually(async () => !(await refuses(server)), 'a connection', 'none')
        using talkers = new Talkers(trial, server)
        await talkers.ofTwoWorkers()
      },
    },
    {
      promise: 8,
      points: 2,
      name: END,
      needs: ['own server'],
      run: async (trial) => {
        const server = await trial.start()
        using talkers = new Talkers(trial, server)
        await talkers.ofTwoWorkers()
        trial.signal(server, 'SIGTERM')
        await trial.exitOf(server)
      },
    },
    {
      promise: 8,
      points: 2,
      name: END_LATER,
      needs: ['own server', 'process'],
      run: async (trial) => {
        const server = await trial.start()
        let lastSeen = performance.now()
        await killAll(trial, server, () => {
          if (workersOf(server).length > 0) lastSeen = performance.now()
          return performance.now() - lastSeen > LULL[0] && endsInLull(trial, server, lastSeen)
        })
        await trial.exitOf(server)
      },
    },
  ],
  starter: { case: REPLACED, says: 'expected a new worker' },
  wrong: {
    'forks-twice': { case: REPLACED, says: 'got 3 workers' },
    'restarts-at-once': { case: NO_STORM, says: 'at most 10 new workers' },
    'waits-a-moment': { case: NO_STORM, says: 'at most 10 new workers' },
    'gives-up': { case: NO_STORM, says: 'two workers again' },
    'starts-again-at-the-end': { case: END, says: 'it still runs after 3 s' },
    'forgets-the-timer': { case: END_LATER, says: 'it still runs after 3 s' },
  },
}

/**
 * Sends SIGTERM while the primary is stopped, if it has taken notice of all deaths by then, and is
 * still before its next start. Returns whether it was sent.
 */
function endsInLull(trial: Trial, server: OwnServer, lastSeen: number): boolean {
  process.kill(server.pid, 'SIGSTOP')
  const children = readFileSync(`/proc/${server.pid}/task/${server.pid}/children`, 'latin1')
  const isDue = children === '' && performance.now() - lastSeen < LULL[1]
  if (isDue) trial.signal(server, 'SIGTERM')
  process.kill(server.pid, 'SIGCONT')
  return isDue
}

/** Kills each worker as soon as it is seen, until it is enough. Returns how many were started meanwhile. */
async function killAll(
  trial: Trial,
  server: OwnServer,
  isEnough: (started: number) => boolean,
): Promise<number> {
  trial.note('from now on each worker is killed as it starts')
  const first = workersOf(server).length
  const killed = new Set<number>()
  while (!isEnough(killed.size - first)) {
    for (const pid of workersOf(server)) {
      // Killed already, and not gone yet.
      if (killed.has(pid)) continue
      killed.add(pid)
      process.kill(pid, 'SIGKILL')
    }
    await sleep(TICK)
  }
  return killed.size - first
}

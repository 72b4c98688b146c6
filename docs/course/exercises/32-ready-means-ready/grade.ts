import { once } from 'node:events'
import { createServer } from 'node:net'
import { freePort } from '../../../../clients/check/program.ts'
import type { Trial } from '../../../../clients/check/trial.ts'
import { Broken } from '../../../../clients/check/verdict.ts'
import type { ServerGrading } from '../../../build/course/exercise.ts'
import { refuses, Talkers } from '../29-one-count/talk.ts'
import { Run } from './run.ts'

const READY = 'it says that it listens once, when both workers do'
const IN_USE = 'a port in use is one line on stderr, and exit code 1'
const MEANWHILE = 'so is a port that somebody takes while the workers start'
const REPLACED = 'a worker that dies later is replaced, and this is no new start'

export const grading: ServerGrading = {
  file: 'server.ts',
  protocol: 'raw',
  cases: [
    {
      promise: 9,
      points: 1,
      name: 'two workers echo lines',
      run: async (trial) => {
        using talkers = new Talkers(trial, trial.shared)
        await talkers.ofTwoWorkers()
      },
    },
    {
      promise: 9,
      points: 3,
      name: READY,
      needs: ['process'],
      run: async (trial) => {
        await using run = new Run(trial, await freePort())
        await run.isHeldUp(trial)
        saysNothing(trial, run, 'while no worker listens')
        run.letOneGo()
        trial.note('one of them goes on')
        await trial.eventually(async () => !(await refuses(run)), 'a connection', 'none')
        await trial.settled(run)
        saysNothing(trial, run, 'while one worker of two listens')
        run.letAllGo()
        trial.note('the other one goes on')
        await saysOnce(trial, run)
      },
    },
    {
      promise: 9,
      points: 3,
      name: IN_USE,
      needs: ['process'],
      run: async (trial) => {
        const { port } = trial.shared.address
        trial.note(`another server listens on port ${port}`)
        await using run = new Run(trial, port)
        await run.isHeldUp(trial)
        await saysWhy(trial, run)
      },
    },
    {
      promise: 9,
      points: 2,
      name: MEANWHILE,
      needs: ['process'],
      run: async (trial) => {
        await using run = new Run(trial, await freePort())
        await run.isHeldUp(trial)
        await using _other = await taken(run.address.port)
        trial.note('another server takes the port')
        await saysWhy(trial, run)
      },
    },
    {
      promise: 4,
      points: 2,
      name: REPLACED,
      needs: ['process'],
      run: async (trial) => {
        await using run = new Run(trial, await freePort())
        run.letAllGo()
        await saysOnce(trial, run)
        using talkers = new Talkers(trial, run)
        const [dies, other] = await talkers.ofTwoWorkers()
        const [pid] = await dies.say('who?')
        trial.note(`worker ${pid} is killed`)
        process.kill(Number(pid), 'SIGKILL')
        await trial.eventually(async () => isReplaced(run, Number(pid)), 'a new worker', 'none')
        await other.say('still here')
        using later = new Talkers(trial, run)
        await later.ofTwoWorkers()
        await saysOnce(trial, run)
      },
    },
  ],
  starter: { case: READY, says: 'while no worker listens' },
  wrong: {
    'at-the-first': { case: READY, says: 'while one worker of two listens' },
    'each-worker-says-it': { case: IN_USE, says: 'got 2 lines' },
    'exits-before-its-workers': { case: IN_USE, says: 'expected one line on stderr' },
    'ends-with-0': { case: IN_USE, says: 'expected exit code 1 got exit code 0' },
    'asks-before': { case: MEANWHILE, says: 'it still runs after 3 s' },
    'ends-at-any-death': { case: REPLACED, says: 'expected a new worker' },
  },
}

function saysNothing(trial: Trial, run: Run, when: string): void {
  const [line] = run.lines
  if (line !== undefined) throw new Broken('nothing on stdout', `“${line}” ${when}`)
  trial.note(`it prints nothing on stdout ${when}`)
}

async function saysOnce(trial: Trial, run: Run): Promise<void> {
  await trial.eventually(async () => run.lines.length > 0, 'a line on stdout', 'none')
  await trial.settled(run)
  const [line = '', ...more] = run.lines
  const expected = `listening 127.0.0.1:${run.address.port}`
  trial.check(line === expected, `“${expected}”`, `“${line}”`)
  trial.check(more.length === 0, 'one line on stdout', `${more.length + 1} lines`)
  trial.note(`it has printed “${line}”, and no more`)
}

/** Expects the end, and the reason for it. The workers find it one after the other. */
async function saysWhy(trial: Trial, run: Run): Promise<void> {
  run.letOneGo()
  trial.note('one of them goes on')
  await trial.settled(run)
  run.letAllGo()
  trial.note('all go on')
  const { code, signal, stderr } = await run.exit()
  const [ready] = run.lines
  trial.check(ready === undefined, 'nothing on stdout', `“${ready}”`)
  const [line = '', ...more] = stderr.trimEnd().split('\n')
  trial.check(line !== '', 'a line on stderr that says why', 'nothing on stderr')
  trial.check(more.length === 0, 'one line on stderr', `${more.length + 1} lines: ${line} …`)
  trial.check(code === 1, 'exit code 1', signal ?? `exit code ${code}`)
  const address = `127.0.0.1:${run.address.port}`
  trial.check(line.includes(address), `a line with ${address}`, `“${line}”`)
  const isReason = /EADDRINUSE|in use/i.test(line)
  trial.check(isReason, 'a line with EADDRINUSE, or with “in use”', `“${line}”`)
}

function isReplaced({ workers }: Run, dead: number): boolean {
  return workers.length === 2 && !workers.includes(dead)
}

/** Takes a port, as another program does. */
async function taken(port: number): Promise<AsyncDisposable> {
  const server = createServer().listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    [Symbol.asyncDispose]: async () => {
      server.close()
      await once(server, 'close')
    },
  }
}

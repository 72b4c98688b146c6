import type { OwnServer } from '../../../../clients/check/subject.ts'
import type { Trial } from '../../../../clients/check/trial.ts'
import { Broken } from '../../../../clients/check/verdict.ts'
import type { ServerGrading } from '../../../build/course/exercise.ts'
import { type Talker, Talkers } from './talk.ts'

const IN_TURN = 'clients of two workers count together'
const AT_ONCE = 'lines that come at the same time have a number each'
const DEATH = 'a worker that dies takes nothing from the count, and ends nobody'

export const grading: ServerGrading = {
  file: 'server.ts',
  protocol: 'raw',
  cases: [
    {
      promise: 1,
      points: 1,
      name: 'a line comes back, with a number and the pid of a worker',
      run: async (trial) => {
        using talkers = new Talkers(trial, trial.shared)
        const talker = await talkers.connect()
        const reply = (await talker.say('hello there')).join(' ')
        trial.check(/^1 \d+ hello there$/.test(reply), '1 PID hello there', reply)
      },
    },
    {
      promise: 1,
      points: 3,
      name: IN_TURN,
      needs: ['own server'],
      run: async (trial) => {
        const server = await trial.start()
        using talkers = new Talkers(trial, server)
        const { a, b, count } = await twoThatCount(talkers)
        for (const [i, talker] of [b, a, a, b].entries()) await numbered(talker, count + i + 1)
      },
    },
    {
      promise: 1,
      points: 3,
      name: AT_ONCE,
      needs: ['own server', 'process'],
      run: async (trial) => {
        const server = await trial.start()
        using talkers = new Talkers(trial, server)
        const { a, b, count } = await twoThatCount(talkers)
        await whileItIsStopped(trial, server, async () => {
          await a.send('one', 'two')
          await b.send('three')
        })
        const replies = [await a.hear(), await a.hear(), await b.hear()]
        const texts = replies.map(([, , text]) => text).join(', ')
        trial.check(texts === 'one, two, three', 'one, two, three', texts)
        const got = replies.map(([number]) => Number(number)).sort((x, y) => x - y)
        const due = [1, 2, 3].map((i) => count + i)
        trial.check(`${got}` === `${due}`, `the numbers ${due.join(', ')}`, got.join(', '))
      },
    },
    {
      promise: 4,
      points: 3,
      name: DEATH,
      needs: ['own server', 'process'],
      run: async (trial) => {
        const server = await trial.start()
        using talkers = new Talkers(trial, server)
        const { a, b, count, mortal } = await twoThatCount(talkers)
        await whileItIsStopped(trial, server, async () => {
          await b.send('the last one')
          await trial.settled({ ...server, pid: mortal })
          trial.note('the worker that has this line is killed')
          process.kill(mortal, 'SIGKILL')
        })
        await goesOn(trial, server)
        const [number] = await a.say('still here')
        // Whether the line of the dead worker counts is left open.
        const isRight = Number(number) === count + 1 || Number(number) === count + 2
        const due = `${count + 1} or ${count + 2}: ${count} lines had their numbers before`
        trial.check(isRight, due, String(number))
      },
    },
  ],
  starter: { case: IN_TURN, says: 'got 1 PID' },
  wrong: {
    'one-worker': { case: IN_TURN, says: 'replies from two workers' },
    'mixes-the-answers': { case: AT_ONCE, says: 'the numbers' },
    'gets-and-sets': { case: AT_ONCE, says: 'the numbers' },
    'sums-the-living': { case: DEATH, says: 'lines had their numbers before' },
    'answers-the-dead': { case: DEATH, says: 'the end of the server' },
  },
}

/** A client of each of two workers, how many lines there have been, and the pid of b's worker. */
async function twoThatCount(talkers: Talkers) {
  let count = 0
  let mortal = 0
  const [a, b] = await talkers.ofTwoWorkers(async (talker) => {
    count += 1
    mortal = await numbered(talker, count)
    return String(mortal)
  })
  return { a, b, count, mortal }
}

/** Says a line, expects its number, and returns the worker's pid. */
async function numbered(talker: Talker, due: number): Promise<number> {
  const [number, pid, text] = await talker.say('hello')
  const isRight = Number(number) === due && text === 'hello'
  if (!isRight) throw new Broken(`${due} PID hello`, `${number} PID ${text}`)
  return Number(pid)
}

/** The primary answers nobody meanwhile: so what comes then comes at the same time. */
async function whileItIsStopped(
  trial: Trial,
  server: OwnServer,
  work: () => Promise<void>,
): Promise<void> {
  trial.note('the primary is stopped')
  server.signal('SIGSTOP')
  await work()
  await trial.settled(server)
  trial.note('the primary goes on')
  server.signal('SIGCONT')
}

async function goesOn(trial: Trial, server: OwnServer): Promise<void> {
  const end = await Promise.race([server.exited, trial.settled(server)])
  const [why] = /^\w*Error.*$/m.exec(end?.stderr ?? '') ?? ['']
  trial.check(!end, 'a server that goes on', `the end of the server: ${why}`)
}

import { MiB } from '../../../../clients/check/samples.ts'
import type { OwnServer } from '../../../../clients/check/subject.ts'
import type { Trial } from '../../../../clients/check/trial.ts'
import type { ServerGrading } from '../../../build/course/exercise.ts'
import { refuses, type Talker, Talkers } from '../29-one-count/talk.ts'

const OWED = 'at SIGTERM each line that has been read is answered, by both workers'
const CLOSED = 'at SIGTERM nobody new is accepted, while a client is still owed a reply'
const IDLE = 'clients that say nothing get the FIN, and the server ends with exit code 0'
const GRACE = 'after --grace it has ended, although a client takes nothing'

/** Lines of the busy client: they take 0.8 s. */
const MANY = 16
const FEW = 2
/** Seconds. */
const SHORT = 0.2

export const grading: ServerGrading = {
  file: 'server.ts',
  protocol: 'raw',
  flags: { grace: '--grace {n}' },
  cases: [
    {
      promise: 8,
      points: 1,
      name: 'two workers answer lines, and the FIN',
      run: async (trial) => {
        using talkers = new Talkers(trial, trial.shared)
        for (const talker of await talkers.ofTwoWorkers()) {
          talker.end()
          await talker.meetsTheEnd()
        }
      },
    },
    {
      promise: 8,
      points: 3,
      name: OWED,
      needs: ['own server'],
      run: async (trial) => {
        const server = await trial.start()
        using talkers = new Talkers(trial, server)
        const [busy, other] = await talkers.ofTwoWorkers()
        await Promise.all([asks(busy, MANY), asks(other, FEW)])
        trial.signal(server, 'SIGTERM')
        await Promise.all([answered(trial, busy, MANY), answered(trial, other, FEW)])
      },
    },
    {
      promise: 8,
      points: 2,
      name: CLOSED,
      needs: ['own server'],
      run: async (trial) => {
        const server = await trial.start()
        using talkers = new Talkers(trial, server)
        const [, late] = await talkers.ofTwoWorkers()
        const due = await isOwed(late)
        trial.signal(server, 'SIGTERM')
        trial.note('other clients try to connect')
        await trial.eventually(() => refuses(server), 'a refused connection', 'only connections')
        await late.receive(due)
        trial.note('the whole reply has come')
      },
    },
    {
      promise: 8,
      points: 3,
      name: IDLE,
      needs: ['own server'],
      run: async (trial) => {
        const server = await trial.start()
        using talkers = new Talkers(trial, server)
        const idle = await talkers.ofTwoWorkers()
        trial.signal(server, 'SIGTERM')
        for (const talker of idle) await talker.meetsTheEnd()
        await endsWell(trial, server)
      },
    },
    {
      promise: 8,
      points: 2,
      name: GRACE,
      needs: ['own server'],
      run: async (trial) => {
        const server = await trial.start({ grace: SHORT })
        using talkers = new Talkers(trial, server)
        const deaf = await talkers.connect()
        await isOwed(deaf)
        trial.signal(server, 'SIGTERM')
        await trial.exitOf(server)
      },
    },
  ],
  starter: { case: OWED, says: 'the stream ended' },
  wrong: {
    'ends-the-sockets': { case: OWED, says: 'the stream ended' },
    'exits-with-the-first': { case: OWED, says: 'the stream ended' },
    'listens-on': { case: CLOSED, says: 'got only connections' },
    'disconnects-the-workers': { case: IDLE, says: 'expected the FIN got nothing for 3 s' },
    'never-gives-up': { case: GRACE, says: 'it still runs after 3 s' },
  },
}

/** Sends lines in one packet. The first reply proves that all of them have been read. */
async function asks(talker: Talker, count: number): Promise<void> {
  await talker.send(...Array.from({ length: count }, (_, i) => `line ${i}`))
  await talker.hear()
}

/** Expects the other replies, and answers the FIN after them. */
async function answered(trial: Trial, talker: Talker, count: number): Promise<void> {
  for (let i = 1; i < count; i++) {
    const [, ...words] = await talker.hear()
    trial.check(words.join(' ') === `line ${i}`, `PID line ${i}`, words.join(' '))
  }
  talker.end()
}

/** Sends a very long line, and begins to read the reply. Returns how much of it is owed. */
async function isOwed(talker: Talker): Promise<number> {
  const [pid = ''] = await talker.say('hello')
  const long = 'x'.repeat(16 * MiB)
  await talker.send(long)
  await talker.receive(1)
  return `${pid} ${long}\n`.length - 1
}

async function endsWell(trial: Trial, server: OwnServer): Promise<void> {
  const { code, signal } = await trial.exitOf(server)
  trial.check(code === 0, 'exit code 0', signal ?? `exit code ${code}`)
}

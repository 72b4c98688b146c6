import { quiet } from '../../../../clients/check/cases/limits.ts'
import type { Peer } from '../../../../clients/check/peer.ts'
import type { Server } from '../../../../clients/check/subject.ts'
import type { Trial } from '../../../../clients/check/trial.ts'
import { Broken } from '../../../../clients/check/verdict.ts'
import type { ServerGrading } from '../../../build/course/exercise.ts'
import { crowded } from '../09-out-of-descriptors/grade.ts'

/** Replies beside a crowd that can't be accepted, and the seconds that they may take. */
const TURNS = 30
const SECONDS = 1.5
/** The first accept is for the grader, which looks whether the server listens. */
const THIRD_CLIENT = 'emfile@4'

export const grading: ServerGrading = {
  file: 'server.ts',
  protocol: 'raw',
  cases: [
    {
      promise: 7,
      points: 1,
      name: 'a line comes back',
      run: async (trial) => {
        const peer = await trial.connect()
        await peer.say('hello')
      },
    },
    {
      promise: 7,
      points: 2,
      name: 'an accept that fails once costs no client its connection',
      faults: THIRD_CLIENT,
      run: async (trial) => {
        const early = await twoClients(trial, trial.shared)
        trial.note('both go on talking')
        let isOver = false
        const served = lateClient(trial, trial.shared).finally(() => {
          isOver = true
        })
        served.catch(() => {})
        while (!isOver) for (const peer of early) await peer.say('still here')
        await served
      },
    },
    {
      promise: 7,
      points: 2,
      name: 'the client that waits is served, though nothing else happens',
      needs: ['own server'],
      faults: THIRD_CLIENT,
      run: async (trial) => {
        const server = await trial.start()
        await twoClients(trial, server)
        trial.note('both are silent from now on')
        await lateClient(trial, server)
      },
    },
    {
      promise: 7,
      points: 3,
      name: 'while no descriptor is left, the server sleeps',
      needs: ['own server', 'process'],
      run: async (trial) => {
        const { server } = await crowded(trial)
        await trial.settled(server)
        await quiet(trial, server, 0.2)
      },
    },
    {
      promise: 7,
      points: 2,
      name: 'its clients are answered at once meanwhile',
      needs: ['own server'],
      run: async (trial) => {
        const { server, early } = await crowded(trial)
        await trial.settled(server)
        const from = trial.elapsed
        for (let turn = 0; turn < TURNS; turn++) await early.say(`turn ${turn}`)
        const seconds = trial.elapsed - from
        trial.check(
          seconds < SECONDS,
          `${TURNS} replies, one after the other, in ${SECONDS} s`,
          `${TURNS} replies in ${seconds.toFixed(1)} s`,
        )
      },
    },
    {
      promise: 7,
      points: 2,
      name: 'those that wait are served when others have left',
      needs: ['own server'],
      run: async (trial) => {
        const { server, early, crowd } = await crowded(trial)
        const late = await trial.connect(server)
        await late.sendLine('late')
        trial.note('all but client 1 and the last one leave')
        for (const peer of crowd) peer[Symbol.dispose]()
        await late.hear()
        await early.say('and still')
      },
    },
  ],
  starter: {
    case: 'while no descriptor is left, the server sleeps',
    says: 'expected hardly any use of a CPU while nothing can be done',
  },
  wrong: {
    'lets-it-close': {
      case: 'an accept that fails once costs no client its connection',
      says: 'expected a reply for client 3 got the end of its connection',
    },
    'turns-them-away': {
      case: 'an accept that fails once costs no client its connection',
      says: 'expected a reply for client 3 got the end of its connection',
    },
    'a-timer-of-node': {
      case: 'an accept that fails once costs no client its connection',
      says: 'nothing for 3 s',
    },
    'nobody-asks-again': {
      case: 'the client that waits is served, though nothing else happens',
      says: 'nothing for 3 s',
    },
    'clears-it-at-once': {
      case: 'while no descriptor is left, the server sleeps',
      says: 'expected hardly any use of a CPU while nothing can be done',
    },
    'sleeps-in-the-handler': {
      case: 'its clients are answered at once meanwhile',
      says: '30 replies in',
    },
  },
}

/** Two that are served. When both are answered, the server has nothing left to do. */
async function twoClients(trial: Trial, server: Server): Promise<Peer[]> {
  const peers = await trial.connectMany(2, server)
  for (const peer of peers) await peer.say('early')
  return peers
}

/** Client 3, for which accept fails. If it is reset, any step of it may be the first to fail. */
async function lateClient(trial: Trial, server: Server): Promise<void> {
  try {
    const late = await trial.connect(server)
    await late.say('late')
  } catch (error) {
    if (!(error instanceof Broken) || error.got.startsWith('nothing for')) throw error
    throw new Broken('a reply for client 3', 'the end of its connection')
  }
}

import { quiet } from '../../../../clients/check/cases/limits.ts'
import type { Peer } from '../../../../clients/check/peer.ts'
import type { OwnServer } from '../../../../clients/check/subject.ts'
import type { Trial } from '../../../../clients/check/trial.ts'
import type { ServerGrading } from '../../../build/course/exercise.ts'

/** Descriptors of a server that is to run out of them; Node itself takes some 20. */
const FEW = 60
const CROWD = 80
/** Replies beside a crowd that can't be accepted, and the seconds that they may take. */
const TURNS = 30
const SECONDS = 1.5

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
      name: 'an accept that fails once costs no client its place',
      faults: 'emfile@3',
      run: async (trial) => {
        const peers: Peer[] = []
        for (let i = 1; i <= 4; i++) {
          peers.push(await trial.connect())
          await peers.at(-1)!.say(`line ${i}`)
        }
        for (const peer of peers) await peer.say('still here')
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
    'gives-up-listening': {
      case: 'an accept that fails once costs no client its place',
      says: 'nothing for 3 s',
    },
    'waits-for-a-close': {
      case: 'an accept that fails once costs no client its place',
      says: 'nothing for 3 s',
    },
    'sleeps-without-end': {
      case: 'an accept that fails once costs no client its place',
      says: 'nothing for 3 s',
    },
    'closes-the-oldest': {
      case: 'an accept that fails once costs no client its place',
      says: 'after 7 bytes on this connection',
    },
    'sleeps-in-accept': {
      case: 'its clients are answered at once meanwhile',
      says: '30 replies in',
    },
  },
}

interface Crowded {
  readonly server: OwnServer
  /** It came before the crowd. */
  readonly early: Peer
  readonly crowd: readonly Peer[]
}

/** A server with more clients than descriptors: some of them wait in the backlog. */
export async function crowded(trial: Trial): Promise<Crowded> {
  const server = await trial.start({ descriptors: FEW })
  const early = await trial.connect(server)
  await early.say('early')
  const crowd = await trial.connectMany(CROWD, server)
  for (const peer of crowd) peer.send('anybody?\n').catch(() => {})
  return { server, early, crowd }
}

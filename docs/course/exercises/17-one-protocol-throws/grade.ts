import type { Peer } from '../../../../clients/check/peer.ts'
import type { Trial } from '../../../../clients/check/trial.ts'
import type { ServerGrading } from '../../../build/course/exercise.ts'

/** Connections whose protocol throws, one after the other. */
const THROWS = 5

export const grading: ServerGrading = {
  file: 'server.ts',
  protocol: 'raw',
  cases: [
    {
      promise: 1,
      points: 1,
      name: 'a line comes back',
      run: async (trial) => {
        const peer = await trial.connect()
        await peer.say('hello')
      },
    },
    {
      promise: 4,
      points: 3,
      name: 'a mistake in dataReceived ends its connection, and nobody else’s',
      run: async (trial) => {
        const bystander = await trial.connect()
        await bystander.say('here')
        const unlucky = await trial.connect()
        await unlucky.send('throw\n')
        await ended(trial, unlucky)
        await answered(trial, bystander)
        const next = await trial.connect()
        await next.say('new')
      },
    },
    {
      promise: 4,
      points: 2,
      name: 'after a mistake, the protocol is told once that its connection is lost',
      run: async (trial) => {
        const bystander = await trial.connect()
        const before = await howMany(trial)
        for (let i = 0; i < THROWS; i++) {
          const unlucky = await trial.connect()
          await unlucky.say('here')
          await unlucky.send('throw\n')
          await ended(trial, unlucky)
        }
        const now = await howMany(trial)
        trial.note(`${THROWS} protocols have thrown since`)
        trial.check(now === before, `${before} connections, as before`, `${now}`)
        await answered(trial, bystander)
      },
    },
    {
      promise: 4,
      points: 3,
      name: 'a mistake in connectionLost leaves no descriptor, and no connection',
      needs: ['process'],
      run: async (trial) => {
        const bystander = await trial.connect()
        await bystander.say('here')
        const before = await howMany(trial)
        const descriptors = trial.descriptors(trial.shared)
        for (let i = 0; i < THROWS; i++) {
          const angry = await trial.connect()
          await angry.say('throw at the end')
          angry.end()
          await ended(trial, angry)
          await answered(trial, bystander)
        }
        const now = await howMany(trial)
        trial.check(now === before, `${before} connections, as before`, `${now}`)
        const left = trial.descriptors(trial.shared)
        const expected = `the ${descriptors} descriptors of before`
        trial.check(left <= descriptors, expected, `${left} descriptors`)
      },
    },
  ],
  starter: {
    case: 'a mistake in dataReceived ends its connection, and nobody else’s',
    says: 'expected a server that goes on',
  },
  wrong: {
    'catches-everything-at-the-end': {
      case: 'a mistake in dataReceived ends its connection, and nobody else’s',
      says: 'expected a server that goes on',
    },
    'logs-and-goes-on': {
      case: 'a mistake in dataReceived ends its connection, and nobody else’s',
      says: 'expected the end of this connection got nothing for 3 s',
    },
    'forgets-to-tell': {
      case: 'after a mistake, the protocol is told once that its connection is lost',
      says: 'connections, as before',
    },
    'closes-twice': {
      case: 'a mistake in connectionLost leaves no descriptor, and no connection',
      says: 'expected a server that goes on',
    },
    'tells-before-it-closes': {
      case: 'a mistake in connectionLost leaves no descriptor, and no connection',
      says: 'expected the end of this connection got nothing for 3 s',
    },
  },
}

/** How many connections the protocol knows of, that of the question not counted. */
async function howMany(trial: Trial): Promise<number> {
  const peer = await trial.connect()
  await peer.send('how many?\n')
  peer.end()
  const reply = await peer.rest()
  return Number(reply.toString('latin1')) - 1
}

async function ended(trial: Trial, peer: Peer): Promise<void> {
  const isEnded = await succeeds(peer.gone())
  trial.check(isEnded, 'the end of this connection', 'nothing for 3 s')
}

/** A server that ends may do so by a FIN or by a reset: for the client it is the same. */
async function answered(trial: Trial, peer: Peer): Promise<void> {
  const isAnswered = await succeeds(peer.say('still here'))
  trial.check(isAnswered, 'a server that goes on', 'no reply for a client that has done nothing')
}

function succeeds(work: Promise<void>): Promise<boolean> {
  return work.then(
    () => true,
    () => false,
  )
}

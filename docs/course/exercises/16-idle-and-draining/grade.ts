import { setTimeout as sleep } from 'node:timers/promises'
import type { Peer } from '../../../../clients/check/peer.ts'
import { lines, MiB } from '../../../../clients/check/samples.ts'
import type { Trial } from '../../../../clients/check/trial.ts'
import type { ServerGrading } from '../../../build/course/exercise.ts'

/** Seconds. */
const IDLE = 0.3
/** For a client that rests between two bites: a busy machine may make a rest longer. */
const IDLE_BETWEEN_BITES = 0.7
const BITES = 6
const BITE = 2 * MiB
/** With two bytes for each send it takes the server several times IDLE to send them. */
const SLOW = lines(500_000)
/** More than the bites and what the kernel holds for a client that reads nothing. */
const MUCH = lines(40 * MiB)

export const grading: ServerGrading = {
  file: 'server.ts',
  protocol: 'raw',
  flags: { 'idle-timeout': '--idle {n}' },
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
      promise: 6,
      points: 2,
      name: 'a silent client gets the FIN, and one that talks keeps its connection',
      needs: ['own server'],
      run: async (trial) => {
        const server = await trial.start({ idleTimeout: IDLE })
        const talkative = await trial.connect(server)
        await talkative.say('hello')
        const silent = await trial.connect(server)
        await silent.say('hello')
        let isGone = false
        const gone = silent.receiveAll(Buffer.alloc(0)).finally(() => {
          isGone = true
        })
        gone.catch(() => {})
        while (!isGone) await isAlive(trial, talkative)
        await gone
        await isAlive(trial, talkative)
      },
    },
    {
      promise: 6,
      points: 3,
      name: 'a client that takes its replies for long keeps its connection',
      needs: ['own server'],
      faults: 'send=2',
      run: async (trial) => {
        const server = await trial.start({ idleTimeout: IDLE })
        const peer = await trial.connect(server)
        const sending = peer.send(SLOW).catch(() => {})
        const isWhole = await succeeds(peer.receive(SLOW))
        trial.check(isWhole, 'all of its replies', 'the end of the connection before')
        await sending
        trial.note('all replies have been taken')
        await isAlive(trial, peer)
      },
    },
    {
      promise: 6,
      points: 3,
      name: 'a client that stops taking its replies loses its connection',
      needs: ['own server', 'process'],
      run: async (trial) => {
        const server = await trial.start({ idleTimeout: IDLE_BETWEEN_BITES })
        // Whether the server listens has been tried by a connection: it has left when this one has.
        const first = await trial.connect(server)
        await first.say('hello')
        first.end()
        await first.receiveAll(Buffer.alloc(0))
        const before = trial.descriptors(server)
        const slow = await trial.connect(server)
        slow.send(MUCH).catch(() => {})
        for (let bite = 0; bite < BITES; bite++) {
          await slow.receive(MUCH.subarray(bite * BITE, (bite + 1) * BITE))
          await sleep(100)
        }
        trial.note(`it has taken ${(BITES * BITE) / MiB} MiB of its replies, and takes no more`)
        await trial.eventually(
          async () => trial.descriptors(server) <= before,
          'the connection to be closed',
          'a connection that is still open after 3 s',
        )
      },
    },
  ],
  starter: {
    case: 'a client that takes its replies for long keeps its connection',
    says: 'expected a reply got the end of the connection',
  },
  wrong: {
    'counts-from-the-start': {
      case: 'a silent client gets the FIN, and one that talks keeps its connection',
      says: 'expected a reply got the end of the connection',
    },
    'aborts-always': {
      case: 'a silent client gets the FIN, and one that talks keeps its connection',
      says: 'expected the FIN got read ECONNRESET',
    },
    'asks-only-once': {
      case: 'a client that takes its replies for long keeps its connection',
      says: 'expected all of its replies got the end of the connection before',
    },
    'never-while-unsent': {
      case: 'a client that stops taking its replies loses its connection',
      says: 'a connection that is still open',
    },
    'waits-for-the-deaf': {
      case: 'a client that stops taking its replies loses its connection',
      says: 'a connection that is still open',
    },
    'remembers-the-first': {
      case: 'a client that stops taking its replies loses its connection',
      says: 'a connection that is still open',
    },
  },
}

async function isAlive(trial: Trial, peer: Peer): Promise<void> {
  const isAnswered = await succeeds(peer.say('still here'))
  trial.check(isAnswered, 'a reply', 'the end of the connection')
}

/** A client whose server closes hears of it by a FIN or by a reset: whatever comes first. */
function succeeds(work: Promise<void>): Promise<boolean> {
  return work.then(
    () => true,
    () => false,
  )
}

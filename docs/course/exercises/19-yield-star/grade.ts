import { lines, MiB } from '../../../../clients/check/samples.ts'
import type { ServerGrading } from '../../../build/course/exercise.ts'

const LIMIT = 2

export const grading: ServerGrading = {
  file: 'server.ts',
  protocol: 'raw',
  flags: { 'max-connections': '--limit {n}' },
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
      promise: 3,
      points: 3,
      name: 'a client that does not read costs little memory, and loses nothing',
      needs: ['process'],
      run: async (trial) => {
        const some = lines(8 * MiB)
        const first = await trial.connect()
        await Promise.all([first.receive(some), first.send(some)])
        const before = trial.memory(trial.shared)
        const peer = await trial.connect()
        await peer.say('hello')
        const sent = lines(64 * MiB)
        const sending = peer.send(sent).catch(() => {})
        await trial.settled(trial.shared)
        const growth = trial.memory(trial.shared) - before
        const got = `${(growth / MiB).toFixed(1)} MiB`
        trial.check(growth < 16 * MiB, 'less than 16 MiB more memory', got)
        await peer.receive(sent)
        await sending
      },
    },
    {
      promise: 5,
      points: 3,
      name: `of ${LIMIT + 1} clients, ${LIMIT} are served, and the last one when another leaves`,
      needs: ['own server'],
      run: async (trial) => {
        const server = await trial.start({ maxConnections: LIMIT })
        const first = await trial.connect(server)
        const second = await trial.connect(server)
        await first.say('first is in')
        await second.say('second is in')
        const last = await trial.connect(server)
        await last.sendLine('let me in')
        for (let turn = 0; turn < 20; turn++) await second.say(`turn ${turn}`)
        await trial.settled(server)
        trial.check(last.unread === 0, `no reply for client ${LIMIT + 1}`, 'a reply')
        first.end()
        await first.receiveAll(Buffer.alloc(0))
        // One that was turned away hears of it by a FIN or by a reset: whatever comes first.
        const isAnswered = await last.hear().then(
          () => true,
          () => false,
        )
        trial.check(isAnswered, `a reply for client ${LIMIT + 1}`, 'none')
      },
    },
    {
      promise: 5,
      points: 2,
      name: 'one that resets its connection gives its place back',
      needs: ['own server'],
      run: async (trial) => {
        const server = await trial.start({ maxConnections: LIMIT })
        for (let i = 0; i < LIMIT; i++) {
          const peer = await trial.connect(server)
          await peer.say('soon away')
          peer.reset()
        }
        const late = await trial.connect(server)
        await late.say('late')
      },
    },
  ],
  starter: {
    case: 'a line comes back',
    says: 'nothing for 3 s',
  },
  wrong: {
    'yields-without-the-star': {
      case: 'a line comes back',
      says: 'nothing for 3 s',
    },
    'only-in-one-place': {
      case: 'a client that does not read costs little memory, and loses nothing',
      says: 'expected less than 16 MiB more memory',
    },
    'spawns-it': {
      case: 'a client that does not read costs little memory, and loses nothing',
      says: 'expected less than 16 MiB more memory',
    },
    'forgets-the-semaphore': {
      case: `of ${LIMIT + 1} clients, ${LIMIT} are served, and the last one when another leaves`,
      says: 'expected no reply for client 3 got a reply',
    },
    'turns-them-away': {
      case: `of ${LIMIT + 1} clients, ${LIMIT} are served, and the last one when another leaves`,
      says: 'expected a reply for client 3 got none',
    },
    'skips-the-release': {
      case: 'one that resets its connection gives its place back',
      says: 'nothing for 3 s',
    },
  },
}

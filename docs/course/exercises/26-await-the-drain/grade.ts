import type { Peer } from '../../../../clients/check/peer.ts'
import { lines, MiB } from '../../../../clients/check/samples.ts'
import type { OwnServer } from '../../../../clients/check/subject.ts'
import type { Trial } from '../../../../clients/check/trial.ts'
import type { ServerGrading } from '../../../build/course/exercise.ts'

const LIMIT = 2
const CROWD = 4

export const grading: ServerGrading = {
  file: 'server.ts',
  protocol: 'raw',
  flags: { 'max-connections': '--limit {n}' },
  cases: [
    {
      promise: 5,
      points: 1,
      name: 'clients one after the other get their lines, and the FIN',
      needs: ['own server'],
      run: async (trial) => {
        const server = await trial.start({ maxConnections: LIMIT })
        for (let i = 0; i <= LIMIT; i++) {
          const peer = await trial.connect(server)
          await peer.say('hello')
          peer.end()
          await peer.receiveAll(Buffer.alloc(0))
        }
      },
    },
    {
      promise: 5,
      points: 3,
      name: `of ${CROWD} clients that come at once, ${LIMIT} are served`,
      needs: ['own server'],
      run: async (trial) => {
        await crowd(trial)
      },
    },
    {
      promise: 5,
      points: 3,
      name: 'when one leaves, one that waits is served, until all have been',
      needs: ['own server'],
      run: async (trial) => {
        const { server, peers } = await crowd(trial)
        for (let gone = 1; gone < CROWD; gone++) {
          const leaving = peers.find((peer) => peer.unread > 0)!
          await leaving.hear()
          trial.note('one that was answered leaves')
          leaving.end()
          await leaving.receiveAll(Buffer.alloc(0))
          peers.splice(peers.indexOf(leaving), 1)
          await answered(trial, server, peers, Math.min(LIMIT, peers.length))
        }
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
    {
      promise: 3,
      points: 2,
      name: 'a client that does not read costs little memory, and loses nothing',
      needs: ['own server', 'process'],
      run: async (trial) => {
        const server = await trial.start({ maxConnections: LIMIT })
        const some = lines(8 * MiB)
        const first = await trial.connect(server)
        await Promise.all([first.receive(some), first.send(some)])
        const before = trial.memory(server)
        const peer = await trial.connect(server)
        await peer.say('hello')
        const sent = lines(64 * MiB)
        const sending = peer.send(sent).catch(() => {})
        await trial.settled(server)
        const growth = trial.memory(server) - before
        trial.check(growth < 16 * MiB, 'less than 16 MiB more memory', inMiB(growth))
        await peer.receive(sent)
        await sending
      },
    },
  ],
  starter: {
    case: `of ${CROWD} clients that come at once, ${LIMIT} are served`,
    says: `got replies for ${CROWD}`,
  },
  wrong: {
    'one-at-a-time': {
      case: `of ${CROWD} clients that come at once, ${LIMIT} are served`,
      says: 'got replies for 1',
    },
    'turns-them-away': {
      case: 'when one leaves, one that waits is served, until all have been',
      says: 'got replies for 1',
    },
    'checks-with-if': {
      case: 'when one leaves, one that waits is served, until all have been',
      says: `got replies for ${CROWD - 1}`,
    },
    'forgets-the-place': {
      case: 'one that resets its connection gives its place back',
      says: 'nothing for 3 s',
    },
    'leaves-out-the-drain': {
      case: 'a client that does not read costs little memory, and loses nothing',
      says: 'less than 16 MiB more memory',
    },
  },
}

/** Clients that have come at once, as many of which are answered as the server may serve. */
async function crowd(trial: Trial): Promise<{ server: OwnServer; peers: Peer[] }> {
  const server = await trial.start({ maxConnections: LIMIT })
  // Whether the server listens has been tried by a connection: it has left when this one has.
  const first = await trial.connect(server)
  await first.say('hello')
  first.end()
  await first.receiveAll(Buffer.alloc(0))
  const peers = await trial.connectMany(CROWD, server)
  await Promise.all(peers.map((peer) => peer.sendLine('let me in')))
  await answered(trial, server, peers, LIMIT)
  return { server, peers }
}

/** Expects that this many of the clients are answered, and no more when the server has come to rest. */
async function answered(
  trial: Trial,
  server: OwnServer,
  peers: readonly Peer[],
  due: number,
): Promise<void> {
  const count = () => peers.filter((peer) => peer.unread > 0).length
  const end = performance.now() + 3000
  const isLate = () => performance.now() > end
  await trial.eventually(async () => count() >= due || isLate(), 'replies', 'none')
  await trial.settled(server)
  const expected = `replies for ${due} of them`
  trial.check(count() === due, expected, `replies for ${count()}`)
}

function inMiB(bytes: number): string {
  return `${(bytes / MiB).toFixed(1)} MiB`
}

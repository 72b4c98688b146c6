import type { Peer } from '../../../../clients/check/peer.ts'
import { lines, MiB } from '../../../../clients/check/samples.ts'
import type { ServerGrading } from '../../../build/course/exercise.ts'

/** A client that reads nothing until it has sent all: more than two sockets hold. */
const MUCH = lines(16 * MiB)
/** More than all blocks that lie ready in the kernel, so that each of them is filled anew. */
const OTHERS = Buffer.alloc(8 * MiB, 'the bytes of another client\n')
/** What flows through the server, in rounds of one MiB. */
const ROUNDS = 64
/** Bytes by which the server may grow for it. */
const BOUND = 24 * MiB

const OWN_BYTES = 'a client that reads late gets its own bytes, and all of them'
const AFTER_THE_FIN = 'a client that reads late, after its FIN, loses nothing'
const MEMORY = 'a block that has been sent is used again'

export const grading: ServerGrading = {
  file: 'server.ts',
  protocol: 'raw',
  cases: [
    {
      promise: 1,
      points: 1,
      name: 'twenty clients are answered, turn by turn',
      run: async (trial) => {
        const peers = await trial.connectMany(20)
        for (let turn = 0; turn < 5; turn++) {
          await Promise.all(peers.map((peer, i) => peer.say(`${i} in turn ${turn}`)))
        }
      },
    },
    {
      promise: 1,
      points: 3,
      name: OWN_BYTES,
      needs: ['process'],
      run: async (trial) => {
        const late = await trial.connect()
        const sending = late.send(MUCH).catch(() => {})
        await trial.settled(trial.shared)
        trial.note('the send to client 1 waits for room')
        await late.send('more\n')
        const other = await trial.connect()
        await passThrough(other, OTHERS)
        trial.note('client 1 reads at last')
        await late.receive(MUCH)
        await late.receive(Buffer.from('more\n'))
        await sending
      },
    },
    {
      promise: 2,
      points: 2,
      name: AFTER_THE_FIN,
      needs: ['process'],
      run: async (trial) => {
        const late = await trial.connect()
        const sending = late.send(MUCH).catch(() => {})
        late.end()
        await trial.settled(trial.shared)
        trial.note('it has read nothing so far')
        await late.receiveAll(MUCH)
        await sending
      },
    },
    {
      promise: 1,
      points: 2,
      name: MEMORY,
      needs: ['process'],
      run: async (trial) => {
        const peer = await trial.connect()
        const before = trial.memory(trial.shared)
        for (let round = 0; round < ROUNDS; round++) await passThrough(peer, lines(MiB))
        const growth = trial.memory(trial.shared) - before
        trial.note(`${ROUNDS} MiB have gone through it, and it has grown by ${inMiB(growth)}`)
        trial.check(growth < BOUND, `less than ${inMiB(BOUND)} more memory`, inMiB(growth))
      },
    },
  ],
  starter: { case: OWN_BYTES, says: 'a wrong byte' },
  wrong: {
    'drops-the-rest': { case: OWN_BYTES, says: 'a wrong byte' },
    'gives-at-each-completion': { case: OWN_BYTES, says: 'a wrong byte' },
    'gives-with-the-next-chunk': { case: OWN_BYTES, says: 'a wrong byte' },
    'closes-at-the-fin': { case: AFTER_THE_FIN, says: 'the FIN' },
    'never-gives': { case: MEMORY, says: 'less than 24.0 MiB more memory' },
  },
}

/** Sends and reads side by side. */
async function passThrough(peer: Peer, bytes: Buffer): Promise<void> {
  await Promise.all([peer.receive(bytes), peer.send(bytes)])
}

function inMiB(bytes: number): string {
  return `${(bytes / MiB).toFixed(1)} MiB`
}

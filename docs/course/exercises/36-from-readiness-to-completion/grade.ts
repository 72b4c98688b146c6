import { readFileSync } from 'node:fs'
import { lines, MiB } from '../../../../clients/check/samples.ts'
import type { OwnServer } from '../../../../clients/check/subject.ts'
import type { Trial } from '../../../../clients/check/trial.ts'
import type { ServerGrading } from '../../../build/course/exercise.ts'

/** More than two sockets hold, so that the server can't send all of it at once. */
const SOME = 16 * MiB
/** Far more than all buffers of the kernel between a client and its server hold. */
const MUCH = 64 * MiB
/** Bytes by which the server may grow for one client. */
const BOUND = 16 * MiB
/** Several blocks, less than the mark, and less than a socket holds that nobody reads. */
const FEW = 40_000
/** A state of a socket in proc_pid_net(5): the other side has sent its FIN. */
const CLOSE_WAIT = '08'

const ORDER = 'a client that reads late gets all bytes, in their order'
const MEMORY = 'a client that does not read costs little memory, and loses nothing'
const OTHERS = 'others are answered beside a client that does not read'
const FIN = 'a FIN is answered, after all that is owed'

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
      name: ORDER,
      needs: ['process'],
      run: async (trial) => {
        const late = await trial.connect()
        const sent = lines(SOME)
        const sending = late.send(sent).catch(() => {})
        await trial.settled(trial.shared)
        trial.note('client 1 reads at last')
        await late.receive(sent)
        await sending
      },
    },
    {
      promise: 3,
      points: 3,
      name: MEMORY,
      needs: ['process'],
      run: async (trial) => {
        // Blocks are mapped with the first traffic: what counts is the second client.
        const some = lines(8 * MiB)
        const first = await trial.connect()
        await Promise.all([first.receive(some), first.send(some)])
        const before = trial.memory(trial.shared)
        const peer = await trial.connect()
        const sent = lines(MUCH)
        const sending = peer.send(sent).catch(() => {})
        await trial.settled(trial.shared)
        const growth = trial.memory(trial.shared) - before
        trial.note(`it has read nothing, and the server has grown by ${inMiB(growth)}`)
        trial.check(growth < BOUND, `less than ${inMiB(BOUND)} more memory`, inMiB(growth))
        await peer.receive(sent)
        await sending
      },
    },
    {
      promise: 3,
      points: 2,
      name: OTHERS,
      needs: ['process'],
      run: async (trial) => {
        await deafClient(trial)
        const other = await trial.connect()
        for (let turn = 0; turn < 10; turn++) await other.say(`turn ${turn}`)
      },
    },
    {
      promise: 2,
      points: 3,
      name: FIN,
      needs: ['own server', 'process'],
      run: async (trial) => {
        const server = await trial.start()
        const silent = await trial.connect(server)
        silent.end()
        await silent.receiveAll(Buffer.alloc(0))
        const peer = await trial.connect(server)
        await peer.say('hello')
        // So the bytes and the FIN are there in the same moment.
        trial.signal(server, 'SIGSTOP')
        await peer.send(lines(FEW))
        peer.end()
        await trial.eventually(async () => hasFin(server), 'a FIN on its way', 'none')
        trial.signal(server, 'SIGCONT')
        await peer.receiveAll(lines(FEW))
      },
    },
  ],
  starter: { case: ORDER, says: 'a wrong byte' },
  wrong: {
    'rest-at-the-end': { case: ORDER, says: 'a wrong byte' },
    'ignores-what-still-comes': { case: ORDER, says: 'a wrong byte' },
    'never-arms-again': { case: ORDER, says: 'nothing for 3 s' },
    'arms-after-the-cancel': { case: MEMORY, says: 'less than 16.0 MiB more memory' },
    'one-mark-for-all': { case: OTHERS, says: 'nothing for 3 s' },
    'closes-at-the-fin': { case: FIN, says: 'got the FIN after' },
  },
}

/** Sends more than is taken, reads nothing, and waits until nothing moves any more. */
async function deafClient(trial: Trial): Promise<void> {
  const peer = await trial.connect()
  peer.send(lines(MUCH)).catch(() => {})
  await trial.settled(trial.shared)
}

/** Whether the kernel has a FIN for the server, and all bytes before it. */
function hasFin({ pid, address: { port } }: OwnServer): boolean {
  const here = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  const sockets = readFileSync(`/proc/${pid}/net/tcp`, 'latin1').split('\n')
  return sockets.some((line) => {
    const [, local = '', , state] = line.trim().split(/ +/)
    return local.endsWith(here) && state === CLOSE_WAIT
  })
}

function inMiB(bytes: number): string {
  return `${(bytes / MiB).toFixed(1)} MiB`
}

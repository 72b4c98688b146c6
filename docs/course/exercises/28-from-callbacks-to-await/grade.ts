import { messageOf } from '../../../../clients/check/peer.ts'
import { MiB, noise } from '../../../../clients/check/samples.ts'
import type { OwnServer } from '../../../../clients/check/subject.ts'
import type { Trial } from '../../../../clients/check/trial.ts'
import { describeDifference, difference } from '../../../../clients/difference.ts'
import { plural } from '../../../../clients/terminal.ts'
import type { ServerGrading } from '../../../build/course/exercise.ts'
import { refuses } from '../29-one-count/talk.ts'

const OWED = 'at SIGTERM the lines that have been read are answered, and then comes the FIN'
const IDLE = 'a client that says nothing gets the FIN, and the server ends with exit code 0'
const SLOW = 'nobody new is accepted, while a slow client still gets what it is owed'
const DEAF = 'a client that does not read costs little memory, and loses nothing'
const RESET = 'a client that resets its connection ends nobody else'

/** Lines that need a question each: together they take half a second. */
const QUESTIONS = Array.from({ length: 10 }, (_, i) => `? ${i}\n`)
/** Bytes by which the server may grow for one client. */
const BOUND = 16 * MiB

export const grading: ServerGrading = {
  file: 'server.ts',
  protocol: 'raw',
  cases: [
    {
      promise: 1,
      points: 1,
      name: 'lines are answered, and the FIN',
      run: async (trial) => {
        const peer = await trial.connect()
        await peer.say('hello')
        await peer.send('one\n? two\nthree')
        peer.end()
        await peer.receiveAll(Buffer.from('one\n? two\nthree'))
      },
    },
    {
      promise: 8,
      points: 3,
      name: OWED,
      needs: ['own server'],
      run: async (trial) => {
        const server = await trial.start()
        const peer = await trial.connect(server)
        await peer.send(QUESTIONS.join(''))
        // The first reply proves that all of them have been read: they came in one packet.
        await peer.receive(Buffer.from(QUESTIONS[0]!))
        trial.signal(server, 'SIGTERM')
        await peer.receiveAll(Buffer.from(QUESTIONS.slice(1).join('')))
      },
    },
    {
      promise: 8,
      points: 3,
      name: IDLE,
      needs: ['own server'],
      run: async (trial) => {
        const server = await trial.start()
        const silent = await trial.connect(server)
        const idle = await trial.connect(server)
        await idle.say('hello')
        trial.signal(server, 'SIGTERM')
        for (const peer of [silent, idle]) {
          await peer.receiveAll(Buffer.alloc(0))
          peer.end()
        }
        await endsWell(trial, server)
      },
    },
    {
      promise: 8,
      points: 2,
      name: SLOW,
      needs: ['own server'],
      run: async (trial) => {
        const server = await trial.start()
        const peer = await trial.connect(server)
        // Far more than the kernel holds. It sends on while the server ends.
        const sent = longLine(32 * MiB)
        const sending = peer.send(sent).catch(messageOf)
        await peer.receive(sent.subarray(0, MiB))
        await trial.settled(server)
        trial.signal(server, 'SIGTERM')
        trial.note('other clients try to connect')
        await trial.eventually(() => refuses(server), 'a refused connection', 'only connections')
        const rest = await peer.rest()
        const wrong = difference(sent.subarray(MiB), rest)
        const got = wrong ? describeDifference(wrong) : ''
        trial.check(!wrong, 'replies without a gap, and the FIN', got)
        peer.end()
        await endsWell(trial, server)
        // The kernel tells of a reset once: to the client's write, or to its read.
        const failure = await sending
        const before = `after ${plural(MiB + rest.length, 'byte')} on this connection`
        trial.check(failure === undefined, 'the FIN', `${failure} ${before}`)
      },
    },
    {
      promise: 3,
      points: 2,
      name: DEAF,
      needs: ['process'],
      run: async (trial) => {
        // A heap grows with the first traffic: what is asked is what the second client costs.
        const some = longLine(8 * MiB)
        const first = await trial.connect()
        await Promise.all([first.receive(some), first.send(some)])
        const before = trial.memory(trial.shared)
        const peer = await trial.connect()
        const sent = longLine(64 * MiB)
        const sending = peer.send(sent).catch(() => {})
        peer.end()
        await trial.settled(trial.shared)
        const growth = trial.memory(trial.shared) - before
        trial.note(`it has read nothing, and the server has grown by ${inMiB(growth)}`)
        trial.check(growth < BOUND, `less than ${inMiB(BOUND)} more memory`, inMiB(growth))
        await peer.receiveAll(sent)
        await sending
      },
    },
    {
      promise: 4,
      points: 2,
      name: RESET,
      run: async (trial) => {
        const other = await trial.connect()
        await other.say('hello')
        const peer = await trial.connect()
        await peer.say('soon away')
        await peer.send('? never heard\n? nor this\n')
        peer.reset()
        await trial.settled(trial.shared)
        await goesOn(trial, other.say('still here'))
        await goesOn(trial, trial.served(trial.shared))
      },
    },
  ],
  starter: { case: OWED, says: 'got the FIN after' },
  wrong: {
    'ends-at-once': { case: OWED, says: 'got the FIN after' },
    'only-interrupts': { case: OWED, says: 'nothing for 3 s' },
    'waits-for-the-idle': { case: IDLE, says: 'expected the FIN got nothing for 3 s' },
    'breaks-out-of-the-loop': { case: SLOW, says: 'on this connection' },
    'leaves-out-the-drain': { case: DEAF, says: 'less than 16.0 MiB more memory' },
    'nobody-catches': { case: RESET, says: 'expected a server that goes on' },
  },
}

/** Without a newline, so that no line of it has to be cut off. */
function longLine(length: number): Buffer {
  return Buffer.from(noise(length / 2).toString('hex'))
}

async function endsWell(trial: Trial, server: OwnServer): Promise<void> {
  const { code, signal } = await trial.exitOf(server)
  trial.check(code === 0, 'exit code 0', signal ?? `exit code ${code}`)
}

/** A server that ends may do so by a FIN or by a reset: for the client it is the same. */
async function goesOn(trial: Trial, work: Promise<void>): Promise<void> {
  const isKept = await work.then(
    () => true,
    () => false,
  )
  trial.check(isKept, 'a server that goes on', 'no reply')
}

function inMiB(bytes: number): string {
  return `${(bytes / MiB).toFixed(1)} MiB`
}

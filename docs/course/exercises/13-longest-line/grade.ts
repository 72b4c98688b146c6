import { MiB } from '../../../../clients/check/samples.ts'
import type { ServerGrading } from '../../../build/course/exercise.ts'

const LONGEST = 1000
const TOO_LONG = Buffer.from(`error: line longer than ${LONGEST} bytes\n`)
/** A line that does not end. */
const ENDLESS = 64 * MiB
/** Bytes by which the server may grow for it. */
const BOUND = 16 * MiB

export const grading: ServerGrading = {
  file: 'server.ts',
  protocol: 'line',
  cases: [
    {
      promise: 1,
      points: 1,
      name: 'a line comes back, and one of 1000 bytes too',
      run: async (trial) => {
        await (await trial.connect()).say('hello')
        await (await trial.connect()).say('x'.repeat(LONGEST))
      },
    },
    {
      promise: 1,
      points: 1,
      name: 'many lines come back, of which each is short enough',
      run: async (trial) => {
        const peer = await trial.connect()
        for (let i = 0; i < 30; i++) await peer.say(`line ${i} `.repeat(10))
      },
    },
    {
      promise: 1,
      points: 2,
      name: 'lines of two clients that come in pieces do not mix',
      run: async (trial) => {
        const first = await trial.connect()
        const second = await trial.connect()
        await first.send('one and ')
        await second.say('another one')
        await first.send('two\n')
        await first.receive(Buffer.from('one and two\n'))
      },
    },
    {
      promise: 1,
      points: 2,
      name: 'byte 1001 of a line is answered with an error, and not its end',
      run: async (trial) => {
        const peer = await trial.connect()
        await peer.send('x'.repeat(LONGEST + 1))
        await peer.receive(TOO_LONG)
      },
    },
    {
      promise: 1,
      points: 2,
      name: 'the same if the line comes in pieces of 100 bytes',
      faults: 'recv=100',
      run: async (trial) => {
        const peer = await trial.connect()
        await peer.say('y'.repeat(LONGEST))
        await peer.send('x'.repeat(LONGEST + 1))
        await peer.receive(TOO_LONG)
      },
    },
    {
      promise: 1,
      points: 2,
      name: 'lines before it are answered, and nothing after it',
      run: async (trial) => {
        const peer = await trial.connect()
        await peer.send(`one\n${'x'.repeat(LONGEST + 1)}\ntwo\nthree\n`)
        peer.end()
        await peer.receiveAll(Buffer.from(`one\n${TOO_LONG}`))
      },
    },
    {
      promise: 1,
      points: 2,
      name: 'a line without an end costs little memory',
      needs: ['process'],
      run: async (trial) => {
        const endless = Buffer.alloc(ENDLESS, 'x')
        // A heap grows with the first traffic: what is asked is what the second client costs.
        const first = await trial.connect()
        await first.send(endless.subarray(0, ENDLESS / 8))
        await first.receive(TOO_LONG)
        await trial.settled(trial.shared)
        const before = trial.memory(trial.shared)
        const peer = await trial.connect()
        await peer.send(endless)
        await peer.receive(TOO_LONG)
        await trial.settled(trial.shared)
        const growth = trial.memory(trial.shared) - before
        trial.note(`all of it has been read, and the server has grown by ${inMiB(growth)}`)
        trial.check(growth < BOUND, `less than ${inMiB(BOUND)} more memory`, inMiB(growth))
      },
    },
  ],
  starter: {
    case: 'byte 1001 of a line is answered with an error, and not its end',
    says: 'nothing for 3 s, 0 bytes before',
  },
  wrong: {
    'counts-the-stream': {
      case: 'many lines come back, of which each is short enough',
      says: 'a wrong byte',
    },
    'keeps-a-view': {
      case: 'lines of two clients that come in pieces do not mix',
      says: 'a wrong byte',
    },
    'looks-at-the-end': {
      case: 'byte 1001 of a line is answered with an error, and not its end',
      says: 'nothing for 3 s, 0 bytes before',
    },
    'counts-each-piece': {
      case: 'the same if the line comes in pieces of 100 bytes',
      says: 'nothing for 3 s',
    },
    'answers-again': {
      case: 'lines before it are answered, and nothing after it',
      says: 'a wrong byte',
    },
    'goes-on-collecting': {
      case: 'a line without an end costs little memory',
      says: 'less than 16.0 MiB more memory',
    },
  },
}

function inMiB(bytes: number): string {
  return `${(bytes / MiB).toFixed(1)} MiB`
}

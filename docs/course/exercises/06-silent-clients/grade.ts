import { lines, MiB } from '../../../../clients/check/samples.ts'
import type { ServerGrading } from '../../../build/course/exercise.ts'

/** Seconds. */
const IDLE = 0.5
const SILENT = 'clients that hold all places and say nothing lose them, and not too early'
/** More than two sockets hold. */
const MUCH = lines(16 * MiB)

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
      points: 3,
      name: SILENT,
      run: async (trial) => {
        const server = await trial.start({ idleTimeout: IDLE })
        // The time of the first client begins later, whatever this machine is busy with.
        const from = performance.now()
        for (let i = 0; i < 2; i++) await (await trial.connect(server)).say('I stay')
        const next = await trial.connect(server)
        await next.say('at last')
        const waited = performance.now() - from
        trial.check(waited > 800 * IDLE, 'a place after 0.5 s', `one after ${waited.toFixed(0)} ms`)
      },
    },
    {
      promise: 6,
      points: 2,
      name: 'a client that talks is not closed, however long it stays',
      run: async (trial) => {
        const server = await trial.start({ idleTimeout: IDLE })
        const talkative = await trial.connect(server)
        // Nobody else is there: while another client's thread starts, this one would be silent.
        // Its own thread has begun when it answers, however long that has taken.
        await talkative.say('hello')
        const end = performance.now() + 1500 * IDLE
        while (performance.now() < end) await talkative.say('x')
        await talkative.say('still here')
      },
    },
    {
      promise: 6,
      points: 3,
      name: 'clients that hold all places and read nothing lose them too',
      run: async (trial) => {
        const server = await trial.start({ idleTimeout: IDLE })
        for (let i = 0; i < 2; i++) {
          const deaf = await trial.connect(server)
          await deaf.say('I stay')
          deaf.send(MUCH).catch(() => {})
        }
        const next = await trial.connect(server)
        await next.say('at last')
      },
    },
  ],
  starter: {
    case: SILENT,
    says: 'nothing for 3 s, 0 bytes before',
  },
  wrong: {
    milliseconds: {
      case: SILENT,
      says: 'nothing for 3 s, 0 bytes before',
    },
    'waits-again': {
      case: SILENT,
      says: 'nothing for 3 s, 0 bytes before',
    },
    'limits-the-whole-conversation': {
      case: 'a client that talks is not closed, however long it stays',
      says: 'expected',
    },
    'receives-only': {
      case: 'clients that hold all places and read nothing lose them too',
      says: 'nothing for 3 s, 0 bytes before',
    },
    'ignores-what-send-says': {
      case: 'clients that hold all places and read nothing lose them too',
      says: 'nothing for 3 s, 0 bytes before',
    },
  },
}

import type { ServerGrading } from '../../../build/course/exercise.ts'

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
      promise: 1,
      points: 2,
      name: 'a client may say more than one line',
      run: async (trial) => {
        const peer = await trial.connect()
        for (let i = 1; i <= 5; i++) await peer.say(`line ${i} of five`)
      },
    },
    {
      promise: 1,
      points: 3,
      name: 'a line comes back whole though each send takes three bytes',
      faults: 'send=3',
      run: async (trial) => {
        const peer = await trial.connect()
        await peer.say('one two three four five')
      },
    },
    {
      promise: 2,
      points: 1,
      name: 'a client that has ended gets a FIN',
      run: async (trial) => {
        const peer = await trial.connect()
        await peer.say('hello')
        peer.end()
        await peer.receiveAll(Buffer.alloc(0))
      },
    },
    {
      promise: 1,
      points: 1,
      name: 'the next client is served when this one has left',
      run: async (trial) => {
        for (let i = 1; i <= 3; i++) {
          const peer = await trial.connect()
          await peer.say(`I am client ${i}`)
          peer.end()
          await peer.receiveAll(Buffer.alloc(0))
        }
      },
    },
    {
      promise: 4,
      points: 2,
      name: 'a client that resets its connection ends only that',
      needs: ['process'],
      run: async (trial) => {
        const rude = await trial.connect()
        await rude.say('hello')
        rude.reset()
        // It has gone on, or it has ended.
        await trial.settled(trial.shared)
        const next = await trial.connect()
        await next.say('and I am the next')
      },
    },
  ],
  starter: {
    case: 'a client may say more than one line',
    says: 'expected 15 bytes, "line 2 of five\\n"',
  },
  wrong: {
    'sends-the-beginning-again': {
      case: 'a line comes back whole though each send takes three bytes',
      says: 'a wrong byte',
    },
    'sends-the-whole-buffer': {
      case: 'a client may say more than one line',
      says: 'a wrong byte',
    },
    'sends-the-rest-once': {
      case: 'a line comes back whole though each send takes three bytes',
      says: 'nothing for 3 s, 6 bytes before',
    },
    'takes-a-short-read-for-the-end': {
      case: 'a client may say more than one line',
      says: 'expected 15 bytes, "line 2 of five\\n"',
    },
    'never-closes': {
      case: 'a client that has ended gets a FIN',
      says: 'expected the FIN',
    },
    'ends-with-its-client': {
      case: 'a client that resets its connection ends only that',
      says: 'ECONNREFUSED',
    },
  },
}

import type { ServerGrading } from '../../../build/course/exercise.ts'

/** So many clients are served at a time. */
const PLACES = 4
const TWO_WAIT = 'the next two wait, and are answered when others have left'

export const grading: ServerGrading = {
  file: 'server.ts',
  protocol: 'raw',
  cases: [
    {
      promise: 4,
      points: 1,
      name: 'four clients are served at a time',
      run: async (trial) => {
        trial.note('one client has come and gone before: to see whether the server listens')
        // Whoever was there before has left, and so have the threads.
        await trial.settled(trial.shared)
        const peers = await trial.connectMany(PLACES)
        for (let turn = 1; turn <= 3; turn++) {
          for (const peer of peers) await peer.say(`turn ${turn}`)
        }
      },
    },
    {
      promise: 5,
      points: 3,
      name: TWO_WAIT,
      needs: ['process'],
      run: async (trial) => {
        // Whoever was there before has left, and so have the threads.
        await trial.settled(trial.shared)
        const peers = await trial.connectMany(PLACES)
        for (const peer of peers) await peer.say('I am in')
        const early = await trial.connect()
        let isRefused = false
        const gone = early.gone().then(() => {
          isRefused = true
        })
        gone.catch(() => {})
        await trial.settled(trial.shared)
        trial.check(!isRefused, 'a client that waits', 'a close: it is refused')
        early[Symbol.dispose]()
        const waiting = [await trial.connect(), await trial.connect()]
        for (const peer of waiting) await peer.sendLine('let me in')
        await trial.settled(trial.shared)
        const answered = waiting.filter(({ unread }) => unread > 0).length
        trial.check(answered === 0, 'no reply for them yet', `a reply for ${answered} of them`)
        trial.note('clients 1 and 2 leave')
        for (const peer of peers.slice(0, 2)) peer[Symbol.dispose]()
        for (const peer of waiting) await peer.hear()
        await peers[2]!.say('I am still in')
      },
    },
    {
      promise: 5,
      points: 2,
      name: 'a place is free again, however often it was taken',
      run: async (trial) => {
        for (let i = 1; i <= 2 * PLACES; i++) {
          const peer = await trial.connect()
          await peer.say(`I am client ${i}`)
          peer.end()
          await peer.receiveAll(Buffer.alloc(0))
        }
      },
    },
    {
      promise: 5,
      points: 2,
      name: 'clients that reset their connections give their places back too',
      run: async (trial) => {
        for (const peer of await trial.connectMany(PLACES)) {
          await peer.say('hello')
          peer.reset()
        }
        const next = await trial.connect()
        await next.say('and I am the next')
      },
    },
  ],
  starter: {
    case: TWO_WAIT,
    says: 'expected no reply for them yet got a reply for 2 of them',
  },
  wrong: {
    'one-too-many': {
      case: TWO_WAIT,
      says: 'expected no reply for them yet got a reply for 1 of them',
    },
    refuses: {
      case: TWO_WAIT,
      says: 'expected a client that waits got a close',
    },
    'never-gives-back': {
      case: 'four clients are served at a time',
      says: 'nothing for 3 s, 0 bytes before',
    },
    'sleeps-beside-its-events': {
      case: TWO_WAIT,
      says: 'nothing for 3 s, 0 bytes before',
    },
    'gives-back-good-ends-only': {
      case: 'clients that reset their connections give their places back too',
      says: 'nothing for 3 s, 0 bytes before',
    },
  },
}

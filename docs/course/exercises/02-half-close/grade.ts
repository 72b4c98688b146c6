import { UNTERMINATED } from '../../../../clients/check/samples.ts'
import type { GradedCase, ServerGrading } from '../../../build/course/exercise.ts'

const LAST_LINE = 'an unterminated last line'

/** What a client sends before its FIN: all of it must come back, and then the server's FIN. */
const comesBack = (name: string, sent: Buffer): Omit<GradedCase, 'points'> => ({
  promise: 2,
  name,
  run: async (trial) => {
    const peer = await trial.connect()
    if (sent.length > 0) await peer.send(sent)
    peer.end()
    await peer.receiveAll(sent)
  },
})

export const grading: ServerGrading = {
  file: 'server.ts',
  protocol: 'raw',
  cases: [
    { ...comesBack('two lines, and the FIN', Buffer.from('one\ntwo\n')), points: 1 },
    {
      ...comesBack(`${LAST_LINE}, and the FIN`, UNTERMINATED[LAST_LINE]!),
      points: 2,
    },
    {
      promise: 2,
      points: 1,
      name: 'the next client gets nothing of what the last one has sent',
      run: async (trial) => {
        const first = await trial.connect()
        await first.send('mine')
        first.end()
        await first.receiveAll(Buffer.from('mine'))
        const next = await trial.connect()
        await next.say('yours')
      },
    },
    {
      ...comesBack(
        'a last line that comes in pieces of three bytes',
        Buffer.from('one\nthe last one'),
      ),
      faults: 'recv=3',
      points: 2,
    },
    {
      ...comesBack(
        'a last line comes back whole though each send takes three bytes',
        Buffer.from('one\nthe last one'),
      ),
      faults: 'send=3',
      points: 2,
    },
    { ...comesBack('nothing at all, and the FIN', Buffer.alloc(0)), points: 1 },
  ],
  starter: {
    case: `${LAST_LINE}, and the FIN`,
    says: 'the FIN after 13 bytes',
  },
  wrong: {
    'appends-a-newline': {
      case: `${LAST_LINE}, and the FIN`,
      says: 'a wrong byte',
    },
    'sends-once': {
      case: 'a last line comes back whole though each send takes three bytes',
      says: 'the FIN after 7 bytes',
    },
    'inherits-the-rest': {
      case: 'the next client gets nothing of what the last one has sent',
      says: 'a wrong byte',
    },
    'keeps-the-last-piece': {
      case: 'a last line that comes in pieces of three bytes',
      says: 'a wrong byte',
    },
    'shuts-both-halves': {
      case: `${LAST_LINE}, and the FIN`,
      says: 'the FIN after 13 bytes',
    },
  },
}

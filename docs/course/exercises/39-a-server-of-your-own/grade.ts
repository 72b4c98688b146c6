import type { Case } from '../../../../clients/check/case.ts'
import { CASES } from '../../../../clients/check/cases/all.ts'
import type { GradedCase, ServerGrading } from '../../../build/course/exercise.ts'

/** A case of `client check`, by its name. */
function graded(name: string, points: number): GradedCase {
  const found: Case | undefined = CASES.find((one) => one.name === name)
  if (!found) throw new Error(`there is no case “${name}”`)
  return { ...found, points }
}

const FIN = 'nothing at all, and the FIN'
const MEMORY = 'a client that does not read costs little memory, and loses nothing'
const RESET = 'a client that resets its connection ends nobody else'
const LIMIT = 'a client above the limit waits, and is served in its turn'
const SILENCE = 'a silent connection is closed, one that takes no bytes too, but none that talks'
const SIGINT = 'SIGINT ends a server without clients, with exit code 0'
const SIGTERM = 'at SIGTERM it accepts nobody else, and sends what is owed, and then the FIN'
const PORT = 'a port in use is one line on stderr, and an exit code'

export const grading: ServerGrading = {
  file: 'server.ts',
  protocol: 'raw',
  flags: {
    'max-connections': '--max-connections {n}',
    'idle-timeout': '--idle {n}',
    grace: '--grace {n}',
  },
  cases: [
    graded('twenty clients are answered, turn by turn', 1),
    graded('8 MiB of lines', 1),
    graded(FIN, 1),
    graded('a client that reads late, after its FIN, loses nothing', 2),
    graded(MEMORY, 2),
    {
      promise: 4,
      points: 1,
      name: RESET,
      run: async (trial) => {
        const peer = await trial.connect()
        await peer.say('hello')
        peer.reset()
        await trial.settled(trial.shared)
        await trial.served(trial.shared)
      },
    },
    graded('others are answered beside clients that send without end and do not read', 1),
    graded('resets and clients that vanish cost nobody else anything', 1),
    graded(LIMIT, 2),
    graded(SILENCE, 2),
    graded('out of descriptors it goes on with its clients, does not spin, and recovers', 1),
    graded(SIGINT, 1),
    graded(SIGTERM, 2),
    graded('after --grace it ends although a client takes nothing', 1),
    graded('a second signal ends it at once', 1),
    graded(PORT, 1),
  ],
  starter: { case: MEMORY, says: 'less than 16.0 MiB more memory' },
  wrong: {
    'forgets-its-fin': { case: FIN, says: 'expected the FIN got nothing for 3 s' },
    'listens-to-no-error': { case: RESET, says: 'ECONNREFUSED' },
    'forgets-who-waits': { case: LIMIT, says: 'nothing for 3 s' },
    'ends-politely': { case: SILENCE, says: 'expected the connection to be closed' },
    'waits-for-its-clients': { case: SIGTERM, says: 'nothing for 3 s' },
    'prints-a-stack': { case: PORT, says: 'expected one line on stderr' },
  },
}

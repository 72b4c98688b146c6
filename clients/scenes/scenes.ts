/**
 * Scenes: short conversations of a few clients with a server, as data, the same for all models. What
 * differs between two models is who waits, where, and for whom.
 *
 * The steps of a scene are taken one after the other. A client that `hears` has patience: if its reply
 * has not come by then, the scene goes on, and the reply may come later. So each scene can be played
 * against each model, also one that serves nobody else meanwhile.
 */
import type { ProtocolName } from '../../servers/protocol/protocols.ts'

export interface Scene {
  readonly id: string
  readonly title: string
  /** What it shows, in a sentence or two. */
  readonly summary: string
  readonly protocol: ProtocolName
  /** More flags of `serve`, for all models. */
  readonly flags: readonly string[]
  readonly clients: readonly string[]
  readonly steps: readonly Step[]
}

export type Step =
  | { readonly who: string; readonly does: 'connects' }
  | { readonly who: string; readonly does: 'sends FIN' }
  | { readonly who: string; readonly does: 'leaves' }
  /** Sends a text. */
  | { readonly who: string; readonly does: 'says'; readonly text: string }
  /** Sends many bytes, and reads nothing until it `hears`. */
  | { readonly who: string; readonly does: 'floods'; readonly bytes: number }
  /** Waits for all replies to what it has said; for a FIN, with `fin`. */
  | {
      readonly who: string
      readonly does: 'hears'
      readonly fin?: boolean
      /** Milliseconds. */
      readonly patience?: number
    }
  /** Nobody says anything, for some milliseconds. */
  | { readonly does: 'pause'; readonly milliseconds: number }
  | { readonly does: 'stop the server' }

/**
 * How long a client waits for what it `hears`, in milliseconds. A server that works needs one or two,
 * and fifty if it has to start a thread; a machine that is busy with other things takes its time.
 */
export const PATIENCE = 400
/** For what comes in any case, if late: a thread that sleeps looks up every 200 ms. */
const LONG_PATIENCE = 5000

const connects = (who: string): Step => ({ who, does: 'connects' })
const says = (who: string, text: string): Step => ({ who, does: 'says', text })
const hears = (who: string, patience = PATIENCE): Step => ({ who, does: 'hears', patience })
const hearsFin = (who: string): Step => ({
  who,
  does: 'hears',
  fin: true,
  patience: LONG_PATIENCE,
})
const leaves = (who: string): Step => ({ who, does: 'leaves' })
const asks = (who: string, text: string): Step[] => [says(who, text), hears(who)]
const pause = (milliseconds: number): Step => ({ does: 'pause', milliseconds })

const BURST = ['A', 'B', 'C', 'D', 'E', 'F']

export const SCENES: readonly Scene[] = [
  {
    id: 'three-clients',
    title: 'Three clients',
    summary:
      'A and B talk in turn, and C comes late. The server mostly waits. Which call does it wait in, and does one client hold up another?',
    protocol: 'line',
    flags: [],
    clients: ['A', 'B', 'C'],
    steps: [
      connects('A'),
      ...asks('A', 'one\n'),
      connects('B'),
      ...asks('B', 'two\n'),
      pause(10),
      ...asks('A', 'three\n'),
      connects('C'),
      ...asks('C', 'four\n'),
      leaves('A'),
      hears('B'),
      pause(10),
      ...asks('B', 'five\n'),
      leaves('B'),
      hears('C'),
      pause(10),
      ...asks('C', 'six\n'),
      leaves('C'),
    ],
  },
  {
    id: 'slow-reader',
    title: 'A slow reader',
    summary:
      'A sends 16 MiB and does not read the replies. A server with back pressure stops reading from A, and B is served as if A were not there.',
    protocol: 'raw',
    flags: [],
    clients: ['A', 'B'],
    steps: [
      connects('A'),
      connects('B'),
      { who: 'A', does: 'floods', bytes: 2 ** 24 },
      pause(50),
      ...asks('B', 'hello\n'),
      pause(20),
      ...asks('B', 'again\n'),
      hears('A', LONG_PATIENCE),
      leaves('A'),
      hears('B'),
      leaves('B'),
    ],
  },
  {
    id: 'hog',
    title: 'A handler that computes',
    summary:
      'The handler computes 80 ms for A. B and C ask meanwhile. Do they wait for the end of a computation that is not theirs?',
    protocol: 'burn',
    flags: [],
    clients: ['A', 'B', 'C'],
    steps: [
      connects('A'),
      ...asks('A', 'hello\n'),
      connects('B'),
      ...asks('B', 'hello\n'),
      connects('C'),
      ...asks('C', 'hello\n'),
      pause(10),
      says('A', 'please burn 80 ms\n'),
      pause(10),
      says('B', 'hello\n'),
      pause(10),
      says('C', 'hello\n'),
      hears('A', LONG_PATIENCE),
      hears('B'),
      hears('C'),
      leaves('A'),
      hears('B'),
      leaves('B'),
      hears('C'),
      leaves('C'),
    ],
  },
  {
    id: 'burst',
    title: 'A burst at the door',
    summary:
      'Six clients come at once, and there are two places. The others wait at the door, and are let in when somebody leaves.',
    protocol: 'line',
    flags: ['--max-connections', '2'],
    clients: BURST,
    steps: [
      // Two processes that accept at the same time may mix up their order: so these come one by one.
      ...BURST.flatMap((who) => [connects(who), pause(2)]),
      ...BURST.map((who) => says(who, `I am ${who}\n`)),
      ...BURST.flatMap((who) => [hears(who, LONG_PATIENCE), pause(10), leaves(who)]),
    ],
  },
  {
    id: 'half-close',
    title: 'Half-close',
    summary:
      'A sends two lines, the second without its newline, and then its FIN: it has nothing more to ask, and still wants all replies.',
    protocol: 'line',
    flags: [],
    clients: ['A'],
    steps: [
      connects('A'),
      ...asks('A', 'one\n'),
      pause(10),
      says('A', 'two\nthree'),
      { who: 'A', does: 'sends FIN' },
      hearsFin('A'),
      leaves('A'),
    ],
  },
  {
    id: 'closing-time',
    title: 'Closing time',
    summary:
      'The server is told to stop while A and B are connected. Both get what they are owed, then the FIN, and the server ends when they have left.',
    protocol: 'line',
    flags: [],
    clients: ['A', 'B'],
    steps: [
      connects('A'),
      ...asks('A', 'one\n'),
      connects('B'),
      ...asks('B', 'two\n'),
      pause(10),
      { does: 'stop the server' },
      hearsFin('A'),
      leaves('A'),
      hearsFin('B'),
      leaves('B'),
    ],
  },
]

import type { Arrow, Net, Part } from '../parts.ts'
import { onGround } from './ground.ts'

const GROUND = 232

/** Where the processes begin. Each has the same event loop in it. */
const PRIMARY = 6
const WORKERS = [120, 236] as const

function processAt(x: number, id: string, name: string): Part {
  return {
    kind: 'process',
    id,
    name,
    title: `${id.replace(/-\d/, '')} process`,
    at: [x, 30, 108, 190],
  }
}

function loopIn(x: number, id: string, name: string, then: string): Part {
  const at = [x + 16, 148, 86] as const
  const lines = [{ words: 'waits', waits: 'thread' as const }, { words: then }]
  return { kind: 'box', id, name, whose: 'given', at, title: 'loop', isLoop: true, lines }
}

function worker(x: number, i: number): Part[] {
  return [
    processAt(x, `worker-${i}`, 'a worker'),
    {
      kind: 'box',
      id: `converse-${i}`,
      name: 'the function of a connection',
      whose: 'yours',
      at: [x + 16, 56, 78],
      title: '`converse`',
      isStack: true,
      lines: [
        { words: '`read`', waits: 'function' },
        { words: '`drain`', waits: 'function' },
      ],
    },
    loopIn(x, `loop-${i}`, 'the event loop of a worker', 'resumes'),
  ]
}

const WORKER_ARROWS: readonly Arrow[] = WORKERS.flatMap((x, i) => [
  {
    kind: 'calls',
    from: `primary:top@${66 - 10 * i}`,
    to: `worker-${i}:top@${x + 54}`,
    bend: 22 - 6 * i,
    ...(i === 0 && { label: 'hands each connection to one of them', labelAt: [206, 11, 'middle'] }),
    says: 'hands each connection to one of the workers, in turn',
  },
  {
    kind: 'wakes',
    from: `loop-${i}:top@${x + 54}`,
    to: `converse-${i}:bottom`,
    says: 'resumes the function of a connection where it stopped',
  },
])

const SOCKETS = [
  ['A', 150, 0],
  ['B', 202, 0],
  ['C', 292, 1],
] as const

const SOCKET_ARROWS: readonly Arrow[] = SOCKETS.map(([letter, x, i]) => ({
  kind: 'calls',
  from: `loop-${i}:bottom@${x + 4}`,
  to: `socket-${letter}:top`,
  says: 'reads from the sockets of its own clients and writes to them',
}))

const NETS: readonly Net[] = [
  { to: 'loop/0:left', from: ['listener:top@84'], trunk: PRIMARY + 7, y: GROUND + 10 },
  {
    to: 'loop-0/0:left',
    from: ['socket-A:top@144', 'socket-B:top@196'],
    trunk: 127,
    y: GROUND + 10,
  },
  { to: 'loop-1/0:left', from: ['socket-C:top@286'], trunk: 243, y: GROUND + 10 },
]

export const cluster = onGround(
  {
    y: GROUND,
    clients: SOCKETS.map(([letter, x]) => [letter, x] as const),
    wordsAt: [236, 88],
  },
  {
    model: 'cluster',
    sentence:
      'A primary process accepts and hands each connection to one of several worker processes, ' +
      'each of which sleeps in an event loop of its own, for its own clients.',
    parts: [
      processAt(PRIMARY, 'primary', 'the primary'),
      {
        kind: 'box',
        id: 'crew',
        name: 'the crew',
        whose: 'yours',
        at: [10, 56, 98],
        title: '`Crew`',
        lines: [{ words: '`cluster.fork`' }],
      },
      loopIn(PRIMARY, 'loop', 'the event loop of the primary', 'deals out'),
      ...WORKERS.flatMap(worker),
    ],
    arrows: [
      {
        kind: 'calls',
        from: 'crew:right',
        to: 'worker-0:left',
        says: 'starts the workers, and another one when one of them has ended',
      },
      {
        kind: 'calls',
        from: 'loop:bottom@56',
        to: 'listener:top',
        says: 'accepts from the listener, for all processes',
      },
      ...WORKER_ARROWS,
      ...SOCKET_ARROWS,
    ],
    nets: NETS,
  },
)

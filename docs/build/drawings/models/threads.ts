import type { Arrow, Part } from '../parts.ts'
import { onGround } from './ground.ts'

const COLUMNS = [
  ['A', 146],
  ['B', 226],
  ['C', 306],
] as const

/** Each client has one, and all are alike. */
const THREADS: readonly Part[] = COLUMNS.map(([letter, x]) => ({
  kind: 'box',
  id: `thread-${letter}`,
  name: 'the thread of a client',
  whose: 'yours',
  at: [x - 38, 66, 76],
  title: 'thread',
  isThread: true,
  isLoop: true,
  lines: [
    { words: '`take`', waits: 'thread' },
    { words: '`recv`', waits: 'thread' },
    { words: '`sendAll`', waits: 'thread' },
  ],
}))

const ARROWS: readonly Arrow[] = COLUMNS.flatMap(([letter, x]) => [
  {
    kind: 'wakes',
    from: `desk:bottom@${x}`,
    to: `thread-${letter}:top`,
    says: 'wakes a thread that sleeps in `take`',
  },
  {
    kind: 'calls',
    from: `thread-${letter}:bottom@${x}`,
    to: `socket-${letter}:top`,
    says: 'calls `recv` and `sendAll` on its own socket, and no other thread takes part in this',
  },
])

export const threads = onGround(
  { y: 168, clients: COLUMNS, wordsAt: [250, 88] },
  {
    model: 'threads',
    sentence:
      'An acceptor hands each client over a desk to a thread of its own, which sleeps in its own ' +
      'calls, so that no client waits for another one.',
    parts: [
      {
        kind: 'box',
        id: 'desk',
        name: 'the desk',
        whose: 'given',
        at: [108, 8, 236],
        lines: [{ words: '`Desk`: memory that all share', cells: '#...' }],
      },
      {
        kind: 'box',
        id: 'acceptor',
        name: 'the acceptor',
        whose: 'yours',
        at: [6, 66, 92],
        title: 'acceptor',
        isThread: true,
        isLoop: true,
        lines: [
          { words: '`takePlace`', waits: 'thread' },
          { words: '`accept`', waits: 'thread' },
          { words: '`hand`' },
        ],
      },
      ...THREADS,
    ],
    arrows: [
      {
        kind: 'calls',
        from: 'acceptor:bottom@56',
        to: 'listener:top',
        says: 'calls `accept` on the listener, when there is a place for one more client',
      },
      {
        kind: 'calls',
        from: 'acceptor/2:right',
        to: 'desk:left',
        bend: 103,
        says: 'calls `hand` of the desk, with the descriptor of the client',
      },
      ...ARROWS,
    ],
  },
)

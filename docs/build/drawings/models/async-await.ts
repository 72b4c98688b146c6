import { onGround } from './ground.ts'
import { nodeArrows, nodeLoop, nodeSocket } from './node-parts.ts'

const GROUND = 322

export const asyncAwait = onGround(
  { y: GROUND, isGrouped: true },
  {
    model: 'async-await',
    sentence:
      'Each connection has a function that waits at its awaits, while the thread goes on: in ' +
      "Node's event loop, which alone sleeps, for all sockets at once.",
    parts: [
      {
        kind: 'thread',
        id: 'thread',
        name: 'the thread',
        title: 'one thread',
        at: [6, 6, 338, 306],
      },
      {
        kind: 'box',
        id: 'server',
        name: 'the stream server',
        whose: 'given',
        at: [14, 30, 108],
        title: '`StreamServer`',
        lines: [{ words: 'calls a handler' }],
      },
      {
        kind: 'box',
        id: 'converse',
        name: 'the function of a connection',
        whose: 'yours',
        at: [144, 30, 184],
        title: '`converse`',
        isStack: true,
        isLoop: true,
        lines: [
          { words: '`await reader.read()`', waits: 'function' },
          { words: '`writer.write`' },
          { words: '`await writer.drain()`', waits: 'function' },
        ],
      },
      {
        kind: 'box',
        id: 'reader',
        name: 'the reader',
        whose: 'given',
        at: [122, 150, 96],
        title: '`StreamReader`',
        isStack: true,
        lines: [{ words: 'held', cells: '#...' }],
      },
      {
        kind: 'box',
        id: 'writer',
        name: 'the writer',
        whose: 'given',
        at: [232, 150, 96],
        title: '`StreamWriter`',
        isStack: true,
        lines: [{ words: '`drain`' }],
      },
      nodeLoop(240),
      nodeSocket(240),
    ],
    arrows: [
      {
        kind: 'calls',
        from: 'loop:top@84',
        to: 'server:bottom',
        says: 'calls the stream server for a new client',
      },
      {
        kind: 'calls',
        from: 'server:right@46',
        to: 'converse:left',
        says: 'calls the function of a connection, once for each client',
      },
      {
        kind: 'wakes',
        from: 'reader:top@170',
        to: 'converse:bottom',
        label: '`resolve`',
        labelAt: [176, 137],
        says: 'resolves the promise of `reader.read()`, and so wakes the function of a connection',
      },
      {
        kind: 'calls',
        from: 'converse:bottom@258',
        to: 'writer:top',
        label: '`write`',
        labelAt: [264, 137],
      },
      {
        kind: 'wakes',
        from: 'writer:top@316',
        to: 'converse:bottom',
        says: 'resolves the promise of `writer.drain()` when all has been sent',
      },
      {
        kind: 'calls',
        from: 'socket:top@244',
        to: 'reader:bottom@180',
        bend: 222,
        label: '`feed`',
        labelAt: [188, 236],
        says: 'calls `feed` of the reader when bytes have come',
      },
      {
        kind: 'calls',
        from: 'writer:bottom@284',
        to: 'socket:top',
        label: '`write`',
        labelAt: [290, 226],
        says: "calls `socket.write` of Node's socket",
      },
      ...nodeArrows(GROUND),
    ],
    nets: [
      {
        to: 'loop/0:left',
        from: ['listener:top@84', 'sockets:top@136'],
        trunk: 40,
        y: GROUND + 10,
      },
    ],
  },
)

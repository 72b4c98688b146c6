import { onGround } from './ground.ts'
import { nodeArrows, nodeLoop, nodeSocket } from './node-parts.ts'

const GROUND = 322

export const greenThreads = onGround(
  { y: GROUND, isGrouped: true },
  {
    model: 'green-threads',
    sentence:
      'Each connection has a green thread that waits at each `yield*`, while the one real thread ' +
      'goes on in the hub, which alone sleeps, for all sockets at once.',
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
        id: 'acceptor',
        name: 'the acceptor, a greenlet too,',
        whose: 'given',
        at: [14, 30, 104],
        title: 'acceptor',
        isLoop: true,
        lines: [{ words: '`nextClient`', waits: 'function' }, { words: '`serve`' }],
      },
      {
        kind: 'box',
        id: 'greenlet',
        name: 'the greenlet of a client',
        whose: 'yours',
        at: [132, 30, 198],
        title: 'greenlet',
        isStack: true,
        isLoop: true,
        lines: [
          { words: '`yield* socket.recv(CHUNK)`', waits: 'function' },
          { words: '`yield* socket.sendall`', waits: 'function' },
        ],
      },
      {
        kind: 'box',
        id: 'green',
        name: 'the green socket',
        whose: 'given',
        at: [150, 138, 178],
        title: '`GreenSocket`',
        isStack: true,
        lines: [{ words: '`Input`', cells: '#...' }, { words: '`Output`' }],
      },
      nodeLoop(240, "`hub`: Node's loop"),
      nodeSocket(240),
    ],
    arrows: [
      {
        kind: 'switches',
        from: 'loop:top@84',
        to: 'acceptor:bottom',
        label: '`switch`',
        labelAt: [90, 170],
        says: 'switches to the acceptor when a client has come, until it waits again',
      },
      {
        kind: 'calls',
        from: 'acceptor/1:right',
        to: 'greenlet:left',
        says: 'starts a greenlet for each client',
      },
      {
        kind: 'switches',
        from: 'green:top@176',
        to: 'greenlet:bottom',
        label: '`switch`',
        labelAt: [182, 123],
        says: 'switches to the greenlet of a client when bytes have come, until it waits again',
      },
      {
        kind: 'calls',
        from: 'greenlet:bottom@280',
        to: 'green:top',
        label: '`sendall`',
        labelAt: [286, 123],
      },
      {
        kind: 'calls',
        from: 'socket:top@254',
        to: 'green:bottom',
        label: '`data`',
        labelAt: [248, 230, 'end'],
        says: 'calls the green socket with the data that has come',
      },
      {
        kind: 'calls',
        from: 'green:bottom@290',
        to: 'socket:top',
        label: '`write`',
        labelAt: [296, 230],
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

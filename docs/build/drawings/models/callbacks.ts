import { onGround } from './ground.ts'
import { nodeArrows, nodeLoop, nodeSocket } from './node-parts.ts'

const GROUND = 230

export const callbacks = onGround(
  { y: GROUND, isGrouped: true },
  {
    model: 'callbacks',
    sentence:
      "Node's event loop sleeps for all sockets at once, beneath the program, and calls the " +
      'functions that were handed to it; those of one connection share their variables.',
    parts: [
      {
        kind: 'thread',
        id: 'thread',
        name: 'the thread',
        title: 'one thread',
        at: [6, 6, 338, 214],
      },
      {
        kind: 'box',
        id: 'accepted',
        name: 'the function `accepted`',
        whose: 'yours',
        at: [14, 30, 112],
        title: '`accepted`',
        lines: [{ words: 'for a new client' }],
      },
      {
        kind: 'box',
        id: 'converse',
        name: 'a callback of the connection',
        whose: 'yours',
        at: [144, 30, 184],
        title: '`converse`',
        isStack: true,
        lines: [
          { words: '`received`, `ended`' },
          { words: '`reply`, `goOn`' },
          { words: 'share `conversation`' },
        ],
      },
      nodeLoop(150),
      nodeSocket(150),
    ],
    arrows: [
      {
        kind: 'calls',
        from: 'loop:top@84',
        to: 'accepted:bottom',
        says: 'calls `accepted` for a new client',
      },
      {
        kind: 'calls',
        from: 'accepted:right@46',
        to: 'converse:left',
        says: 'calls `converse`, which hands its callbacks to the socket and returns',
      },
      {
        kind: 'calls',
        from: 'socket:top@244',
        to: 'converse:bottom',
        label: '`data`, `end`',
        labelAt: [238, 137, 'end'],
        says: 'calls `received` when bytes have come, and `ended` at the end of the stream',
      },
      {
        kind: 'calls',
        from: 'converse:bottom@284',
        to: 'socket:top',
        label: '`write`',
        labelAt: [290, 137],
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

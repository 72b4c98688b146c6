import { onGround } from './ground.ts'

export const pollLoop = onGround(
  { y: 222, isGrouped: true },
  {
    model: 'poll-loop',
    sentence:
      'One thread runs one loop, which sleeps in a single place for all sockets at once and then ' +
      'calls a connection object for each one that is ready.',
    parts: [
      {
        kind: 'thread',
        id: 'thread',
        name: 'the thread',
        title: 'one thread',
        at: [6, 6, 338, 206],
      },
      {
        kind: 'box',
        id: 'loop',
        name: 'the loop',
        whose: 'yours',
        at: [48, 30, 172],
        title: 'your loop',
        isLoop: true,
        lines: [
          { words: '`poller.wait`', waits: 'thread' },
          { words: '`listener.accept`' },
          { words: '`connections.handle`' },
        ],
      },
      {
        kind: 'box',
        id: 'connection',
        name: 'a connection',
        whose: 'yours',
        at: [140, 136, 184],
        title: '`EchoConnection`',
        isStack: true,
        lines: [{ words: '`read`, `write`' }, { words: '`waiting`', cells: '##....' }],
      },
    ],
    arrows: [
      {
        kind: 'calls',
        from: 'loop/1:left',
        to: 'listener:top@34',
        says: 'calls `listener.accept` when the listener is ready',
      },
      {
        kind: 'calls',
        from: 'loop:bottom@180',
        to: 'connection:top',
        says: 'calls `connections.handle`, and so `read` and `write` of a connection that is ready',
      },
      {
        kind: 'calls',
        from: 'connection:bottom@300',
        to: 'sockets:top',
        label: '`recv`, `send`',
        labelAt: [294, 238, 'end'],
        says: 'calls `recv` and `send` on its socket',
      },
    ],
    nets: [
      {
        to: 'loop/0:left',
        from: ['listener:top@84', 'sockets:top@136'],
        trunk: 20,
        y: 232,
      },
    ],
  },
)

import { onGround } from './ground.ts'

export const asyncore = onGround(
  { y: 248, isGrouped: true },
  {
    model: 'asyncore',
    sentence:
      'The loop of a library sleeps for all sockets at once. It asks each dispatcher beforehand ' +
      'what it waits for, and afterwards calls the dispatchers that are ready.',
    parts: [
      {
        kind: 'thread',
        id: 'thread',
        name: 'the thread',
        title: 'one thread',
        at: [6, 6, 338, 232],
      },
      {
        kind: 'box',
        id: 'accepting',
        name: 'the dispatcher of the listener',
        whose: 'yours',
        at: [14, 30, 112],
        title: '`EchoListener`',
        lines: [{ words: '`handleAccepted`' }],
      },
      {
        kind: 'box',
        id: 'dispatcher',
        name: 'the dispatcher of a client',
        whose: 'yours',
        at: [144, 30, 184],
        title: '`EchoConnection`',
        isStack: true,
        lines: [
          { words: '`readable`, `writable`' },
          { words: '`handleRead`' },
          { words: '`outBuffer`', cells: '##....' },
        ],
      },
      {
        kind: 'box',
        id: 'loop',
        name: 'the loop',
        whose: 'given',
        at: [54, 146, 164],
        title: '`loop`',
        isLoop: true,
        lines: [
          { words: '`map.ask`' },
          { words: '`map.poller.wait`', waits: 'thread' },
          { words: '`readwrite`' },
        ],
      },
    ],
    arrows: [
      {
        kind: 'calls',
        from: 'loop/0:right',
        to: 'dispatcher:bottom@240',
        label: 'asks',
        labelAt: [234, 142, 'end'],
        says: 'asks the dispatcher of a client whether it is `readable` and `writable`',
      },
      {
        kind: 'calls',
        from: 'loop/2:right',
        to: 'dispatcher:bottom@264',
        label: 'calls',
        labelAt: [270, 142],
        says: 'calls `handleRead` of the dispatcher of a client',
      },
      {
        kind: 'calls',
        from: 'loop:top@84',
        to: 'accepting:bottom',
        says: 'calls `handleAccepted` of the dispatcher of the listener',
      },
      {
        kind: 'calls',
        from: 'accepting:bottom@24',
        to: 'listener:top',
        says: 'accepts from the listener',
      },
      {
        kind: 'calls',
        from: 'dispatcher:bottom@318',
        to: 'sockets:top',
        label: '`recv`, `send`',
        labelAt: [312, 264, 'end'],
        says: 'calls `recv` and `send` on its socket',
      },
    ],
    nets: [
      {
        to: 'loop/1:left',
        from: ['listener:top@84', 'sockets:top@136'],
        trunk: 40,
        y: 258,
      },
    ],
  },
)

import { onGround } from './ground.ts'

export const asynchat = onGround(
  { y: 324, isGrouped: true },
  {
    model: 'asynchat',
    sentence:
      'The loop of asyncore sleeps for all sockets at once and calls a chat, which cuts what has ' +
      'come at the terminator and calls your connection when a line is complete.',
    parts: [
      {
        kind: 'thread',
        id: 'thread',
        name: 'the thread',
        title: 'one thread',
        at: [6, 6, 338, 308],
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
        id: 'connection',
        name: 'your connection',
        whose: 'yours',
        at: [144, 30, 184],
        title: '`EchoConnection`',
        isStack: true,
        lines: [{ words: '`collectIncomingData`' }, { words: '`foundTerminator`' }],
      },
      {
        kind: 'box',
        id: 'chat',
        name: 'the chat',
        whose: 'given',
        at: [144, 132, 184],
        title: '`AsyncChat`',
        isStack: true,
        lines: [{ words: 'cuts at the terminator' }, { words: '`OutputQueue`', cells: '##....' }],
      },
      {
        kind: 'box',
        id: 'loop',
        name: 'the loop',
        whose: 'given',
        at: [54, 222, 164],
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
        from: 'chat:top@186',
        to: 'connection:bottom',
        says:
          'calls `collectIncomingData` of your connection with what lies before the terminator, ' +
          'and `foundTerminator` when it has come',
      },
      {
        kind: 'calls',
        from: 'connection:bottom@280',
        to: 'chat:top',
        label: '`push`',
        labelAt: [286, 120],
        says: 'calls `push` of the chat, which puts the reply into the output queue',
      },
      {
        kind: 'calls',
        from: 'loop/0:right',
        to: 'chat:bottom@240',
        label: 'asks',
        labelAt: [234, 217, 'end'],
        says: 'asks the chat what it waits for',
      },
      {
        kind: 'calls',
        from: 'loop/2:right',
        to: 'chat:bottom@264',
        label: 'calls',
        labelAt: [270, 217],
        says: 'calls the chat when its socket is ready',
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
        from: 'chat:bottom@318',
        to: 'sockets:top',
        label: '`recv`, `send`',
        labelAt: [312, 340, 'end'],
        says: 'calls `recv` and `send` on its socket',
      },
    ],
    nets: [
      {
        to: 'loop/1:left',
        from: ['listener:top@84', 'sockets:top@136'],
        trunk: 40,
        y: 334,
      },
    ],
  },
)

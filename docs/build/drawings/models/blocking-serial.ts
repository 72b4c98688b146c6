import { onGround } from './ground.ts'

export const blockingSerial = onGround(
  { y: 184, backlog: 'BC.', clients: [['A', 128]], wordsAt: [304, 160] },
  {
    model: 'blocking-serial',
    sentence:
      'One thread runs one program from top to bottom and sleeps in each of its calls, so that ' +
      'while it serves client A, the clients B and C wait in the backlog.',
    parts: [
      {
        kind: 'thread',
        id: 'thread',
        name: 'the thread',
        title: 'one thread',
        at: [6, 6, 338, 166],
      },
      {
        kind: 'box',
        id: 'program',
        name: 'the program',
        whose: 'yours',
        at: [152, 30, 184],
        lines: [
          { words: '`posix.accept`', waits: 'thread' },
          { words: 'until a client comes' },
          { words: '`posix.recv`', waits: 'thread', depth: 1 },
          { words: 'until bytes come', depth: 1 },
          { words: '`sendAll`', waits: 'thread', depth: 1 },
          { words: 'until there is room', depth: 1 },
          { words: '`posix.close`' },
        ],
        jumps: [
          [4, 2],
          [6, 0],
        ],
      },
    ],
    arrows: [
      {
        kind: 'calls',
        from: 'program/0:left',
        to: 'listener:top@56',
        says: 'calls `posix.accept` on the listener',
      },
      {
        kind: 'calls',
        from: 'program/2:left',
        to: 'socket-A:top@122',
        says: 'then calls `posix.recv` on the socket of this client',
      },
      {
        kind: 'calls',
        from: 'program/4:left',
        to: 'socket-A:top@134',
        says: 'then calls `sendAll` on the same socket, and so on until the client leaves',
      },
    ],
  },
)

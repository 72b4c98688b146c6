import { onGround } from './ground.ts'

const GROUND = 172

export const completion = onGround(
  { y: GROUND, extra: 44, isGrouped: true, wordsAt: [250, 88] },
  {
    model: 'completion',
    sentence:
      'One thread puts operations into a queue that it shares with the kernel, sleeps in a ' +
      'single place, and takes from another queue what the kernel has done.',
    parts: [
      {
        kind: 'thread',
        id: 'thread',
        name: 'the thread',
        title: 'one thread',
        at: [6, 6, 338, 106],
      },
      {
        kind: 'box',
        id: 'loop',
        name: 'the loop',
        whose: 'yours',
        at: [28, 30, 150],
        title: 'your loop',
        isLoop: true,
        lines: [{ words: '`proactor.wait`', waits: 'thread' }, { words: '`proactor.dispatch`' }],
      },
      {
        kind: 'box',
        id: 'connection',
        name: 'a connection',
        whose: 'yours',
        at: [198, 30, 132],
        title: '`EchoConnection`',
        isStack: true,
        lines: [{ words: '`received`' }, { words: '`sent`' }],
      },
      {
        kind: 'ring',
        id: 'completions',
        name: 'the completion queue',
        at: [96, GROUND, 26],
        cells: '##......',
      },
      {
        kind: 'ring',
        id: 'submissions',
        name: 'the submission queue',
        at: [226, GROUND, 26],
        cells: '###.....',
      },
      {
        kind: 'note',
        id: 'completed',
        name: 'the completion queue',
        words: 'completions',
        at: [96, 138],
        align: 'middle',
      },
      {
        kind: 'note',
        id: 'submitted',
        name: 'the submission queue',
        words: 'submissions',
        at: [220, 138],
        align: 'end',
      },
      {
        kind: 'box',
        id: 'blocks',
        name: 'a block of memory',
        whose: 'given',
        at: [266, GROUND - 22, 78],
        lines: [{ words: '`blocks`' }, { words: '', cells: '##...' }],
      },
    ],
    arrows: [
      {
        kind: 'wakes',
        from: 'completions:left',
        to: 'loop/0:left',
        bend: 16,
        says: 'wakes the loop when an operation has completed',
      },
      {
        kind: 'calls',
        from: 'loop/1:right',
        to: 'connection:left',
        says: 'calls `received` or `sent` of the connection whose operation has completed',
      },
      {
        kind: 'calls',
        from: 'connection:bottom@226',
        to: 'submissions:top',
        label: '`recv`, `send`',
        labelAt: [232, 130],
        says: 'begins the next `recv` or `send` by a submission, without a system call',
      },
      {
        kind: 'calls',
        from: 'submissions:bottom',
        to: 'sockets:top',
        says: 'tells the kernel what to do with the sockets',
      },
      {
        kind: 'bytes',
        from: 'sockets:top@310',
        to: 'blocks:bottom',
        says: 'fill, with what comes, a block of memory that the program has provided',
      },
      {
        kind: 'bytes',
        from: 'blocks:bottom@322',
        to: 'sockets:top',
        says: 'belongs to the kernel from the submission of a `send` to its completion',
      },
    ],
    nets: [
      {
        to: 'completions:bottom',
        from: ['listener:top@80', 'sockets:top@136'],
        trunk: 96,
        y: GROUND + 48,
        says: 'goes into the completion queue',
      },
    ],
  },
)

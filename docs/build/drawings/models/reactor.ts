import { onGround } from './ground.ts'

export const reactor = onGround(
  { y: 348, isGrouped: true },
  {
    model: 'reactor',
    sentence:
      'A reactor sleeps for all sockets at once and calls a transport, which moves the bytes and ' +
      'calls your protocol with what has happened.',
    parts: [
      {
        kind: 'thread',
        id: 'thread',
        name: 'the thread',
        title: 'one thread',
        at: [6, 6, 338, 332],
      },
      {
        kind: 'box',
        id: 'factory',
        name: 'the factory',
        whose: 'yours',
        at: [14, 30, 112],
        title: '`EchoFactory`',
        lines: [{ words: '`buildProtocol`' }],
      },
      {
        kind: 'box',
        id: 'protocol',
        name: 'your protocol',
        whose: 'yours',
        at: [152, 30, 176],
        title: '`Echo`',
        isStack: true,
        lines: [
          { words: '`connectionMade`' },
          { words: '`dataReceived`' },
          { words: '`connectionLost`' },
        ],
      },
      {
        kind: 'box',
        id: 'port',
        name: 'the port',
        whose: 'given',
        at: [14, 150, 112],
        title: '`PosixPort`',
        lines: [{ words: '`doRead`' }],
      },
      {
        kind: 'box',
        id: 'transport',
        name: 'the transport',
        whose: 'given',
        at: [152, 150, 176],
        title: '`PosixTransport`',
        isStack: true,
        lines: [{ words: '`doRead`, `doWrite`' }, { words: '`queue`', cells: '##....' }],
      },
      {
        kind: 'box',
        id: 'reactor',
        name: 'the reactor',
        whose: 'given',
        at: [54, 246, 164],
        title: '`PosixReactor`',
        isLoop: true,
        lines: [
          { words: '`runUntilCurrent`' },
          { words: '`poller.wait`', waits: 'thread' },
          { words: '`doReadOrWrite`' },
        ],
      },
    ],
    arrows: [
      {
        kind: 'calls',
        from: 'factory:right@46',
        to: 'protocol:left',
        says: 'builds a protocol for each client',
      },
      {
        kind: 'calls',
        from: 'port:top@70',
        to: 'factory:bottom',
        says: 'calls `buildProtocol` of the factory when a client has come',
      },
      {
        kind: 'calls',
        from: 'transport:top@194',
        to: 'protocol:bottom',
        says: 'calls `dataReceived` of your protocol when bytes have come',
      },
      {
        kind: 'calls',
        from: 'protocol:bottom@280',
        to: 'transport:top',
        label: '`write`',
        labelAt: [286, 137],
      },
      {
        kind: 'calls',
        from: 'reactor:top@84',
        to: 'port:bottom',
        says: 'calls `doRead` of the port when a client comes',
      },
      {
        kind: 'calls',
        from: 'reactor/2:right',
        to: 'transport:bottom@252',
        says: 'calls `doRead` and `doWrite` of the transport when its socket is ready',
      },
      {
        kind: 'calls',
        from: 'port:bottom@24',
        to: 'listener:top',
        says: 'accepts from the listener',
      },
      {
        kind: 'calls',
        from: 'transport:bottom@318',
        to: 'sockets:top',
        label: '`recv`, `send`',
        labelAt: [312, 364, 'end'],
        says: 'calls `recv` and `send` on its socket',
      },
    ],
    nets: [
      {
        to: 'reactor/1:left',
        from: ['listener:top@84', 'sockets:top@136'],
        trunk: 40,
        y: 358,
      },
    ],
  },
)

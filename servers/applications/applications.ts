/** The one list of applications. */
import type { Start } from './application.ts'

export interface Listed {
  /** Its name in the command, and the name of its folder. */
  readonly id: string
  readonly title: string
  /** What it shows, in a line. */
  readonly summary: string
  /** Loads it, and the packages that only this application needs. */
  readonly load: () => Promise<{ start: Start }>
}

export const APPLICATIONS: readonly Listed[] = [
  {
    id: 'hello',
    title: 'Hello',
    summary: 'a WSGI application with one piece of text as its body',
    load: () => import('./hello/hello.ts'),
  },
  {
    id: 'streaming',
    title: 'Streaming',
    summary: 'a WSGI application that yields its body piece by piece',
    load: () => import('./streaming/streaming.ts'),
  },
  {
    id: 'request-local',
    title: 'Request-local variables',
    summary: 'a global `request` that is another one in each green thread',
    load: () => import('./request-local/request-local.ts'),
  },
  {
    id: 'long-polling',
    title: 'Long polling',
    summary: 'a producer, and any number of clients that wait for its next item',
    load: () => import('./long-polling/long-polling.ts'),
  },
  {
    id: 'websocket',
    title: 'WebSocket',
    summary: 'numbers sent to a page that draws them as they come',
    load: () => import('./websocket/websocket.ts'),
  },
  {
    id: 'chat',
    title: 'Chat',
    summary: 'rooms for people, on one server or, with --bus, on several',
    load: () => import('./chat/chat.ts'),
  },
  {
    id: 'fetch',
    title: 'Fetch',
    summary: 'many pages fetched one after the other, and then all at once',
    load: () => import('./fetch/fetch.ts'),
  },
  {
    id: 'socket-pool',
    title: 'Socket pool',
    summary: 'a thousand sockets, each read by a green thread of one pool',
    load: () => import('./socket-pool/socket-pool.ts'),
  },
  {
    id: 'relay',
    title: 'Relay',
    summary: 'messages through a child process, over its pipes',
    load: () => import('./relay/relay.ts'),
  },
  {
    id: 'zeromq',
    title: 'ZeroMQ',
    summary: 'request and reply between two green threads, and a peer that is missing',
    load: () => import('./zeromq/zeromq.ts'),
  },
]

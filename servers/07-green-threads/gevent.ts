/** What can a program import? All of the toolbox is exported from here, as by `import gevent`. */
export { Actor } from './actor.ts'
export { BaseServer, type Handle, type ServerOptions, type Spawn } from './base-server.ts'
export { Channel } from './channel.ts'
export { AsyncResult, Event } from './event.ts'
export { FileObject } from './file.ts'
export { Greenlet, GreenletExit, getcurrent, run, spawn, spawnLater } from './greenlet.ts'
export { type Green, hub, idle, sleep } from './hub.ts'
export { IMap, IMapUnordered } from './imap.ts'
export { ConcurrentObjectUseError } from './input.ts'
export { type ListenAddress, Listener } from './listener.ts'
export { local } from './local.ts'
export { BoundedSemaphore, RLock, Semaphore } from './lock.ts'
export { Group, Pool, PoolFull } from './pool.ts'
export { Empty, Full, JoinableQueue, LifoQueue, PriorityQueue, Queue } from './queue.ts'
export { StreamServer, type StreamServerOptions } from './server.ts'
export { signal } from './signal.ts'
export {
  createConnection,
  GreenSocket,
  SHUT_RD,
  SHUT_RDWR,
  SHUT_WR,
} from './socket.ts'
export { SSLError, type SSLOptions, SSLSocket, wrapSocket } from './ssl.ts'
export * as subprocess from './subprocess.ts'
export { type Patience, Timeout, withTimeout } from './timeout.ts'
export { waitRead, waitWrite } from './wait.ts'
export { joinall, killall, wait } from './waiting.ts'

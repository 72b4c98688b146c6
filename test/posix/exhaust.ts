/**
 * Runs out of descriptors, in accept too, and recovers. It can be run as a program (`node --import
 * tsx exhaust.ts`), since a process can't raise its limit again.
 */
import { isSystemError, POLLIN, POLLOUT, type Posix } from '../../servers/posix/api.ts'
import { listenTcp } from '../../servers/posix/listen.ts'
import { openPosix } from '../../servers/posix/open.ts'

export function exhaust(posix: Posix): Record<string, unknown> {
  const address = { family: 'IPv4', address: '127.0.0.1', port: 0 } as const
  const listener = listenTcp(posix, { address, backlog: 8 }, 'nonblocking')
  const client = posix.socket('IPv4', 'nonblocking')
  posix.connect(client, posix.getsockname(listener))
  wait(posix, client, POLLOUT)
  wait(posix, listener, POLLIN)
  const sockets: number[] = []
  const socket = codeOf(() => {
    for (;;) sockets.push(posix.socket('IPv4', 'nonblocking'))
  })
  const accept = codeOf(() => posix.accept(listener, 'nonblocking'))
  // The connection still waits: a loop that ignores EMFILE would spin.
  const stillWaits = wait(posix, listener, POLLIN) === POLLIN
  const freed = sockets.splice(-1)[0]!
  posix.close(freed)
  const accepted = posix.accept(listener, 'nonblocking')!
  posix.send(client, Buffer.from('served'))
  wait(posix, accepted.fd, POLLIN)
  const served = posix.recv(accepted.fd, new Uint8Array(64))
  for (const fd of [listener, client, accepted.fd, ...sockets]) posix.close(fd)
  return { socket, accept, stillWaits, reused: accepted.fd === freed, served }
}

function wait(posix: Posix, fd: number, events: number): number {
  const set = Int32Array.of(fd, events)
  posix.poll(set, 1, 10_000)
  return set[1]! >>> 16
}

function codeOf(call: () => unknown): string {
  try {
    call()
  } catch (error) {
    if (isSystemError(error)) return `${error.call} ${error.code}`
    throw error
  }
  return 'no error'
}

if (process.argv[1] === import.meta.filename) {
  process.stdout.write(JSON.stringify(exhaust(await openPosix('libc'))))
}

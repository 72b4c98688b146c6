/** A poll loop that echoes bytes, and does not read from a client that does not read. */
import { ByteQueue } from '#servers/bytes/byte-queue.ts'
import { isSystemError, POLLHUP, POLLIN, POLLOUT } from '#servers/posix/api.ts'
import { listenTcp } from '#servers/posix/listen.ts'
import { openPosix } from '#servers/posix/open.ts'
import { PollPoller } from '#servers/posix/poller.ts'

const port = Number(process.argv[2] ?? 8881)
const address = { family: 'IPv4', address: '127.0.0.1', port } as const
const buffer = new Uint8Array(65536)
/** A client that is owed this many bytes is not read from. */
const HIGH_WATER = 65536

const posix = await openPosix('libc')
const listener = listenTcp(posix, { address, backlog: 100 }, 'nonblocking')
const poller = new PollPoller(posix)
/** For each client the bytes that it is owed. */
const waiting = new Map<number, ByteQueue>()

poller.add(listener, POLLIN)
for (;;) {
  const ready = poller.wait(Number.POSITIVE_INFINITY)
  for (let i = 0; i < ready; i++) {
    const fd = poller.fd(i)
    if (fd === listener) accept()
    else serve(fd, poller.events(i))
  }
}

function accept(): void {
  const client = posix.accept(listener, 'nonblocking')
  if (!client) return
  waiting.set(client.fd, new ByteQueue())
  poller.add(client.fd, POLLIN)
}

function serve(fd: number, events: number): void {
  try {
    if (events & POLLOUT) send(fd)
    if (events & (POLLIN | POLLHUP)) receive(fd)
  } catch (error) {
    // A client that resets its connection ends nobody else's.
    if (!isSystemError(error)) throw error
    close(fd)
  }
}

function receive(fd: number): void {
  const count = posix.recv(fd, buffer)
  if (count === 0) close(fd)
  if (count <= 0) return
  waiting.get(fd)!.push(buffer.subarray(0, count))
  poller.modify(fd, POLLIN | POLLOUT)
}

function send(fd: number): void {
  const queue = waiting.get(fd)!
  queue.drop(Math.max(0, posix.send(fd, queue.peek())))
  watch(fd)
}

/** After each send: only then it is known how much is left. */
function watch(fd: number): void {
  const { length } = waiting.get(fd)!
  poller.modify(fd, (length < HIGH_WATER ? POLLIN : 0) | (length > 0 ? POLLOUT : 0))
}

function close(fd: number): void {
  poller.remove(fd)
  waiting.delete(fd)
  posix.close(fd)
}

/** A poll loop that echoes bytes, and keeps for each client what the kernel has not taken yet. */
import { ByteQueue } from '#servers/bytes/byte-queue.ts'
import { POLLHUP, POLLIN, POLLOUT } from '#servers/posix/api.ts'
import { listenTcp } from '#servers/posix/listen.ts'
import { openPosix } from '#servers/posix/open.ts'
import { PollPoller } from '#servers/posix/poller.ts'

const port = Number(process.argv[2] ?? 8881)
const address = { family: 'IPv4', address: '127.0.0.1', port } as const
const buffer = new Uint8Array(65536)

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
    const events = poller.events(i)
    if (fd === listener) accept()
    if (waiting.has(fd) && events & (POLLIN | POLLHUP)) receive(fd)
    if (waiting.has(fd) && events & POLLOUT) send(fd)
  }
}

function accept(): void {
  const client = posix.accept(listener, 'nonblocking')
  if (!client) return
  waiting.set(client.fd, new ByteQueue())
  poller.add(client.fd, POLLIN)
}

function receive(fd: number): void {
  const count = posix.recv(fd, buffer)
  if (count === 0) close(fd)
  if (count <= 0) return
  // What is owed already must go first.
  waiting.get(fd)!.push(buffer.subarray(0, count))
  poller.modify(fd, POLLIN | POLLOUT)
}

function send(fd: number): void {
  const queue = waiting.get(fd)!
  queue.drop(Math.max(0, posix.send(fd, queue.peek())))
}

function close(fd: number): void {
  poller.remove(fd)
  waiting.delete(fd)
  posix.close(fd)
}

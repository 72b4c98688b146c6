/**
 * poll-loop, bare: a loop that asks the kernel which clients are ready, and serves those.
 *
 *     node --import tsx servers/03-poll-loop/bare.ts 8881
 *
 * Where does it wait?                   In `poller.wait`, which is poll(2) or epoll_wait(2).
 * Who calls whom?                       The loop calls everything, and all must return to it soon.
 * Where does a connection's state live? In the poller and in `waiting`, by its descriptor.
 * What breaks it?                       A call that blocks or computes for long: all wait.
 * What it leaves out:                   promises 2, 3, 4, 5, 6, 7, 8 and 9.
 */
import { ByteQueue } from '../bytes/byte-queue.ts'
import { formatAddress, POLLIN, POLLOUT } from '../posix/api.ts'
import { listenTcp } from '../posix/listen.ts'
import { openPosix } from '../posix/open.ts'
import { PollPoller } from '../posix/poller.ts'

const port = Number(process.argv[2] ?? 8881)
const address = { family: 'IPv4', address: '127.0.0.1', port } as const
const buffer = new Uint8Array(8192)

const posix = await openPosix('libc')
const listener = listenTcp(posix, { address, backlog: 5 }, 'nonblocking')
const poller = new PollPoller(posix)
/** For each client the replies that the kernel has not taken yet. */
const waiting = new Map<number, ByteQueue>()

console.log(`listening ${formatAddress(posix.getsockname(listener))}`)
poller.add(listener, POLLIN)
for (;;) {
  const ready = poller.wait(Number.POSITIVE_INFINITY)
  for (let i = 0; i < ready; i++) {
    const fd = poller.fd(i)
    const events = poller.events(i)
    if (fd === listener) accept()
    else if (events & POLLOUT) send(fd)
    else receive(fd)
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
  if (count > 0) {
    waiting.get(fd)!.push(buffer.subarray(0, count))
    poller.modify(fd, POLLIN | POLLOUT)
  } else if (count === 0) {
    poller.remove(fd)
    waiting.delete(fd)
    posix.close(fd)
  }
}

function send(fd: number): void {
  const queue = waiting.get(fd)!
  queue.drop(Math.max(0, posix.send(fd, queue.peek())))
  if (queue.length === 0) poller.modify(fd, POLLIN)
}

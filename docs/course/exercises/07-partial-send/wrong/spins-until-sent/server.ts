/** A poll loop that echoes bytes. It believes that `send` sends all that it is given. */
import { POLLIN } from '#servers/posix/api.ts'
import { listenTcp } from '#servers/posix/listen.ts'
import { openPosix } from '#servers/posix/open.ts'
import { PollPoller } from '#servers/posix/poller.ts'

const port = Number(process.argv[2] ?? 8881)
const address = { family: 'IPv4', address: '127.0.0.1', port } as const
const buffer = new Uint8Array(65536)

const posix = await openPosix('libc')
const listener = listenTcp(posix, { address, backlog: 100 }, 'nonblocking')
const poller = new PollPoller(posix)

poller.add(listener, POLLIN)
for (;;) {
  const ready = poller.wait(Number.POSITIVE_INFINITY)
  for (let i = 0; i < ready; i++) {
    const fd = poller.fd(i)
    if (fd === listener) accept()
    else receive(fd)
  }
}

function accept(): void {
  const client = posix.accept(listener, 'nonblocking')
  if (client) poller.add(client.fd, POLLIN)
}

function receive(fd: number): void {
  const count = posix.recv(fd, buffer)
  for (let sent = 0; sent < count; )
    sent += Math.max(0, posix.send(fd, buffer.subarray(sent, count)))
  if (count === 0) close(fd)
}

function close(fd: number): void {
  poller.remove(fd)
  posix.close(fd)
}

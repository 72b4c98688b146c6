/** A small reactor. A protocol that throws ends the whole server. */
import { POLLHUP, POLLIN } from '#servers/posix/api.ts'
import { listenTcp } from '#servers/posix/listen.ts'
import { openPosix } from '#servers/posix/open.ts'
import { PollPoller } from '#servers/posix/poller.ts'

// ---- The protocol: it belongs to somebody else. Leave it as it is.

/** Echoes lines. Two of them make it throw, and one asks how many are connected. */
class Protocol {
  static open = 0
  #isAngry = false

  connectionMade(): void {
    Protocol.open += 1
  }

  dataReceived(data: string): string {
    if (data === 'throw\n') throw new TypeError('a mistake in dataReceived')
    if (data === 'throw at the end\n') this.#isAngry = true
    return data === 'how many?\n' ? `${Protocol.open}\n` : data
  }

  connectionLost(): void {
    Protocol.open -= 1
    if (this.#isAngry) throw new TypeError('a mistake in connectionLost')
  }
}

// ---- The reactor: it is yours.

const port = Number(process.argv[2] ?? 8881)
const address = { family: 'IPv4', address: '127.0.0.1', port } as const
const buffer = Buffer.alloc(65536)

const posix = await openPosix('libc')
const listener = listenTcp(posix, { address, backlog: 100 }, 'nonblocking')
const poller = new PollPoller(posix)
const protocols = new Map<number, Protocol>()

poller.add(listener, POLLIN)
for (;;) {
  const ready = poller.wait(Number.POSITIVE_INFINITY)
  for (let i = 0; i < ready; i++) {
    const fd = poller.fd(i)
    if (fd === listener) accept()
    else if (poller.events(i) & (POLLIN | POLLHUP)) read(fd)
  }
}

function accept(): void {
  const client = posix.accept(listener, 'nonblocking')
  if (!client) return
  const protocol = new Protocol()
  protocols.set(client.fd, protocol)
  poller.add(client.fd, POLLIN)
  protocol.connectionMade()
}

function read(fd: number): void {
  const count = posix.recv(fd, buffer)
  if (count > 0) {
    const data = buffer.toString('latin1', 0, count)
    const reply = protocols.get(fd)!.dataReceived(data)
    // The kernel has room for a reply that is so short.
    posix.send(fd, Buffer.from(reply, 'latin1'))
  }
  if (count === 0) lose(fd)
}

function lose(fd: number): void {
  const protocol = protocols.get(fd)!
  protocol.connectionLost()
  protocols.delete(fd)
  poller.remove(fd)
  posix.close(fd)
}

/** What happens when something runs out: descriptors, the backlog, memory for replies. */
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { connect } from 'node:net'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { exhaust } from './exhaust.ts'
import { describeBackends, Layer, LOCALHOST } from './layer.ts'

const RECOVERED = {
  socket: 'socket EMFILE',
  accept: 'accept EMFILE',
  stillWaits: true,
  reused: true,
  served: 6,
}

test.skipIf(process.platform !== 'linux')('libc: a process without descriptors recovers', () => {
  const script = fileURLToPath(new URL('exhaust.ts', import.meta.url))
  const command = `ulimit -n 128; exec "${process.execPath}" --import tsx "${script}"`
  const output = execFileSync('sh', ['-c', command], { encoding: 'utf8' })
  expect(JSON.parse(output)).toEqual(RECOVERED)
})

test('atomics: a kernel without descriptors recovers', async () => {
  const layer = new Layer('atomics', 32)
  await layer.open()
  expect(exhaust(layer.posix)).toEqual(RECOVERED)
  await layer.stop()
})

describeBackends('limits:', (layer) => {
  test('a new descriptor is the lowest number that is free', () => {
    const fds = [layer.socket(), layer.socket(), layer.socket(), layer.socket()]
    layer.close(fds[2]!)
    layer.close(fds[0]!)
    expect([layer.socket(), layer.socket()]).toEqual([fds[0], fds[2]])
  })

  test.skipIf(layer.backend === 'libc')(
    'a client above the backlog waits too (libc: Linux lets it try again for minutes)',
    () => {
      const listener = layer.listener('nonblocking', LOCALHOST, 2)
      const clients = Array.from({ length: 20 }, () => layer.connect(listener.address))
      const ports = clients.map((fd) => layer.posix.getsockname(fd).port)
      const peers = clients.map(() => layer.posix.getpeername(layer.accept(listener.fd)).port)
      expect(peers).toEqual(ports)
    },
  )

  test('clients that wait in the backlog are accepted in their order', () => {
    const listener = layer.listener()
    const clients = Array.from({ length: 20 }, () => layer.connect(listener.address))
    const ports = clients.map((fd) => layer.posix.getsockname(fd).port)
    const peers = clients.map(() => layer.posix.getpeername(layer.accept(listener.fd)).port)
    expect(peers).toEqual(ports)
  })

  test.skipIf(process.platform !== 'linux')('500 connections leave no descriptor', async () => {
    layer.pair()
    layer.closeAll()
    const count = () => readdirSync('/proc/self/fd').length
    const before = count()
    for (let i = 0; i < 500; i++) {
      const [client, server] = layer.pair()
      layer.close(client)
      layer.close(server)
    }
    // The kernel thread closes a socket in the background while its FIN is not sent yet.
    while (count() > before) await new Promise((resolve) => setImmediate(resolve))
    expect(count()).toBeLessThanOrEqual(before)
  })
})

test('a kernel that is stopped first sends what is on its way', async () => {
  const layer = new Layer('atomics')
  await layer.open()
  const { fd, address } = layer.listener('blocking')
  const client = connect(address.port, address.address)
  await once(client, 'connect')
  const server = layer.accept(fd, 'blocking')
  const reply = Buffer.alloc(50_000, 'reply')
  expect(layer.posix.send(server, reply)).toBe(reply.length)
  const stopped = layer.stop()
  const chunks: Buffer[] = []
  for await (const chunk of client) chunks.push(chunk)
  expect(Buffer.concat(chunks).equals(reply)).toBe(true)
  await stopped
})

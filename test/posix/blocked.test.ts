/** Calls that block: what ends the wait. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setImmediate as nextRound } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { POLLHUP, SHUT_RD, SHUT_RDWR, WOULD_BLOCK } from '../../servers/posix/api.ts'
import type { BlockedData, Report } from './blocked-thread.ts'
import { describeBackends, duration, Layer } from './layer.ts'

interface BlockedThread {
  /** The system's number for it. */
  readonly id: number
  /** The word that it sleeps on; atomics only. */
  readonly state: Int32Array | undefined
  readonly report: Promise<Report>
}

/** Starts a thread that makes `call`, and resolves when it is asleep in it. */
async function block(
  layer: Layer,
  call: BlockedData['call'],
  fd: number,
  timeout = -1,
): Promise<BlockedThread> {
  const kernel = layer.attach()
  const workerData: BlockedData = { backend: layer.backend, kernel, call, fd, timeout }
  const worker = new Worker(new URL('blocked-thread.mjs', import.meta.url), {
    workerData,
    transferList: kernel ? [kernel.port] : [],
  })
  const [task] = (await once(worker, 'message')) as [string | undefined]
  const report = once(worker, 'message').then(([message]) => message as Report)
  while (task && !isAsleep(task)) await nextRound()
  const state = kernel && new Int32Array(kernel.page, 0, 1)
  return { id: Number(task?.split('/').at(-1)), state, report }
}

/** The state in proc_pid_stat(5) stands behind the name in parentheses. */
function isAsleep(task: string): boolean {
  return /\) S /.test(readFileSync(`/proc/${task}/stat`, 'latin1'))
}

describeBackends('blocked:', (layer) => {
  test('accept ends with a connection', async () => {
    const listener = layer.listener('blocking')
    const { report } = await block(layer, 'accept', listener.fd)
    const client = layer.connect(listener.address)
    const { result } = await report
    expect(result).toMatchObject({ peer: layer.posix.getsockname(client) })
    layer.keep((result as { fd: number }).fd)
  })

  test('accept ends with EINVAL when another thread shuts the listener down', async () => {
    const listener = layer.listener('blocking')
    const { report } = await block(layer, 'accept', listener.fd)
    layer.system.shutdown(listener.fd, SHUT_RDWR)
    expect((await report).result).toBe('EINVAL')
  })

  test('poll ends with POLLHUP when another thread shuts the listener down', async () => {
    const listener = layer.listener()
    const { report } = await block(layer, 'poll', listener.fd)
    layer.system.shutdown(listener.fd, SHUT_RDWR)
    expect(Number((await report).result) & POLLHUP).toBe(POLLHUP)
  })

  test('recv ends with bytes, with a FIN, and when another thread shuts its side', async () => {
    const [client, server] = layer.pair('blocking')
    const bytes = await block(layer, 'recv', server)
    layer.sendAll(client, Buffer.from('abc'))
    expect((await bytes.report).result).toBe(3)
    const shut = await block(layer, 'recv', server)
    layer.system.shutdown(server, SHUT_RD)
    expect((await shut.report).result).toBe(0)
    const end = await block(layer, 'recv', client)
    layer.close(server)
    expect((await end.report).result).toBe(0)
  })

  test('send ends with EPIPE when another thread shuts the connection down', async () => {
    const [client] = layer.pair('blocking')
    const { report } = await block(layer, 'send', client)
    layer.system.shutdown(client, SHUT_RDWR)
    expect((await report).result).toBe('EPIPE')
  })

  test('two threads that wait for one listener get a connection each', async () => {
    const listener = layer.listener('blocking')
    const waiting = [
      await block(layer, 'accept', listener.fd),
      await block(layer, 'accept', listener.fd),
    ]
    const clients = [layer.connect(listener.address), layer.connect(listener.address)]
    const reports = await Promise.all(waiting.map(({ report }) => report))
    const accepted = reports.map(({ result }) => result as { fd: number; peer: { port: number } })
    const ports = (list: { port: number }[]) => list.map(({ port }) => port).toSorted()
    expect(ports(accepted.map(({ peer }) => peer))).toEqual(
      ports(clients.map((fd) => layer.posix.getsockname(fd))),
    )
    for (const { fd } of accepted) layer.keep(fd)
  })

  test('SO_RCVTIMEO limits recv and accept', () => {
    const listener = layer.listener('blocking')
    layer.posix.setsockopt(listener.fd, 'SO_RCVTIMEO', 0.05)
    const accepting = duration(() => {
      expect(layer.posix.accept(listener.fd, 'blocking')).toBeNull()
    })
    expect(accepting).toBeGreaterThanOrEqual(49)
    const [, server] = layer.pair('blocking')
    layer.posix.setsockopt(server, 'SO_RCVTIMEO', 0.05)
    const receiving = duration(() => {
      expect(layer.posix.recv(server, new Uint8Array(8))).toBe(WOULD_BLOCK)
    })
    expect(receiving).toBeGreaterThanOrEqual(49)
  })

  test.skipIf(layer.backend === 'atomics')(
    'after a signal poll waits for the time that is left (atomics: it has no signals)',
    async () => {
      const [, server] = layer.pair()
      const { default: koffi } = await import('koffi')
      const tgkill = koffi.load(null).func('int tgkill(int pid, int tid, int signal)')
      const SIGUSR2 = 12
      let signals = 0
      const onSignal = () => {
        signals += 1
      }
      process.on('SIGUSR2', onSignal)
      const { id, report } = await block(layer, 'poll', server, 300)
      // A wait that began anew with every signal would never end.
      const timer = setInterval(() => tgkill(process.pid, id, SIGUSR2), 20)
      const { result, waited } = await report
      clearInterval(timer)
      process.off('SIGUSR2', onSignal)
      expect(signals).toBeGreaterThan(0)
      expect(result).toBe(0)
      expect(waited).toBeGreaterThanOrEqual(300)
    },
  )
})

test('a wake-up without an answer does not end a call', async () => {
  const layer = new Layer('atomics')
  await layer.open()
  const listener = layer.listener('blocking')
  const { state, report } = await block(layer, 'accept', listener.fd)
  while (Atomics.notify(state!, 0) === 0) await nextRound()
  const client = layer.connect(listener.address)
  expect((await report).result).toMatchObject({ peer: layer.posix.getsockname(client) })
  await layer.stop()
})

test('a stopped kernel ends the calls of blocked threads, and later calls', async () => {
  const layer = new Layer('atomics')
  await layer.open()
  const { fd } = layer.listener('blocking')
  const { report } = await block(layer, 'accept', fd)
  await layer.stop()
  expect((await report).result).toMatch(/accept: the kernel thread has been stopped/)
  expect(() => layer.posix.close(fd)).toThrow(/close: the kernel thread has been stopped/)
})

/**
 * The reactors under test, and a pair of protocols in one of them that record what is done to them.
 * A server and its client share a reactor, since one that blocks leaves no thread for anybody else.
 */
import { afterAll, afterEach, beforeEach, expect, vi } from 'vitest'
import { installReactor } from '../../servers/06-reactor/install.ts'
import type { Connector, ListeningPort, Reactor } from '../../servers/06-reactor/interfaces.ts'
import { log } from '../../servers/06-reactor/log.ts'
import { ClientFactory, type Factory, Protocol } from '../../servers/06-reactor/protocol.ts'
import type { Posix } from '../../servers/posix/api.ts'
import { AtomicsKernel } from '../../servers/posix/atomics/posix.ts'
import { openPosix } from '../../servers/posix/open.ts'
import type { ReactorName } from '../../servers/server.ts'

/** Opens a new reactor, by way of a changed socket layer if asked to. */
export type Open = (change?: (posix: Posix) => Posix) => Promise<Reactor>

interface Kind {
  readonly reactor: ReactorName
  readonly io: 'libc' | 'atomics' | 'node'
}

export const KINDS: readonly Kind[] = [
  { reactor: 'poll', io: 'libc' },
  { reactor: 'epoll', io: 'libc' },
  { reactor: 'node', io: 'node' },
  { reactor: 'poll', io: 'atomics' },
]

export const IS_LINUX = process.platform === 'linux'

/** What went wrong inside a callback, where the framework catches it. */
const failures: unknown[] = []

/** How to open reactors of this kind, in this test file. */
export function opener({ reactor, io }: Kind): Open {
  beforeEach(() => {
    vi.spyOn(log, 'err').mockImplementation((error) => failures.push(error))
  })
  afterEach(() => {
    vi.restoreAllMocks()
    expect(failures.splice(0)).toEqual([])
  })
  if (io === 'node') return () => installReactor(reactor)
  let kernel: AtomicsKernel | undefined
  afterAll(() => kernel?.stop())
  return async (change = (posix) => posix) => {
    if (io === 'atomics') kernel ??= AtomicsKernel.start()
    return installReactor(reactor, change(await openPosix(io, kernel?.attach())))
  }
}

/** How long what must happen may take, in seconds. A test that passes never waits so long. */
const PATIENCE = 10

/**
 * Runs to `stop`, and fails if nobody calls it: a test's own timeout can't end a thread that
 * blocks.
 */
export async function run(reactor: Reactor): Promise<void> {
  let late = false
  const watchdog = reactor.callLater(PATIENCE, () => {
    late = true
    reactor.stop()
  })
  await reactor.run()
  if (watchdog.active()) watchdog.cancel()
  expect(late, `not stopped within ${PATIENCE} s`).toBe(false)
}

/** Runs for a moment to its end, so that nothing stays open. */
export async function finish(reactor: Reactor): Promise<void> {
  reactor.callWhenRunning(() => reactor.stop())
  await run(reactor)
}

export interface Hooks {
  made?: (self: Recorder) => void
  data?: (self: Recorder, chunk: Uint8Array) => void
  /** Given, the protocol knows of half-closed connections. */
  ended?: (self: Recorder) => void
  finSent?: (self: Recorder) => void
  lost?: (self: Recorder, reason: Error) => void
}

/** Records what is called, and that nothing is called inside something else. */
export class Recorder extends Protocol {
  readonly events: string[] = []
  readonly #chunks: Buffer[] = []
  readonly #hooks: Hooks
  #inside = ''
  reason: Error | undefined

  constructor(hooks: Hooks = {}) {
    super()
    this.#hooks = hooks
    if (hooks.ended) this.readConnectionLost = () => this.#record('ended', hooks.ended)
    if (hooks.finSent) this.writeConnectionLost = () => this.#record('FIN sent', hooks.finSent)
  }

  get received(): Buffer {
    return Buffer.concat(this.#chunks)
  }

  override connectionMade(): void {
    this.#record('made', this.#hooks.made)
  }

  override dataReceived(chunk: Uint8Array): void {
    this.#chunks.push(Buffer.from(chunk))
    this.#record('data', (self) => this.#hooks.data?.(self, chunk))
  }

  override connectionLost(reason: Error): void {
    this.reason = reason
    this.#record('lost', (self) => this.#hooks.lost?.(self, reason))
  }

  /** Marks `f` as something inside which no callback may come. */
  within(name: string, f: () => void): void {
    const outer = this.#inside
    this.#inside = name
    try {
      f()
    } catch (error) {
      if (error instanceof Error && error.name === 'AssertionError') failures.push(error)
      throw error
    } finally {
      this.#inside = outer
    }
  }

  #record(event: string, hook?: (self: Recorder) => void): void {
    if (this.#inside) this.events.push(`${event} inside ${this.#inside}`)
    else if (event !== 'data' || this.events.at(-1) !== 'data') this.events.push(event)
    this.within(event, () => hook?.(this))
  }
}

/** Builds the protocols that it was given, in turn. */
export class Listed extends ClientFactory {
  readonly #protocols: Protocol[]
  readonly calls: string[] = []
  failure: Error | undefined

  constructor(...protocols: Protocol[]) {
    super()
    this.#protocols = protocols
  }

  override buildProtocol(): Protocol | null {
    return this.#protocols.shift() ?? null
  }

  override startFactory(): void {
    this.calls.push('start')
  }

  override stopFactory(): void {
    this.calls.push('stop')
  }

  override startedConnecting(): void {
    this.calls.push('connecting')
  }

  override clientConnectionFailed(_connector: Connector, reason: Error): void {
    this.calls.push('failed')
    this.failure = reason
  }

  override clientConnectionLost(_connector: Connector): void {
    this.calls.push('lost')
  }
}

export async function listen(
  reactor: Reactor,
  factory: Factory,
  { port = 0, backlog = 1024 } = {},
): Promise<ListeningPort> {
  return reactor.listenTCP(port, factory, backlog, '127.0.0.1')
}

/** Connects both and runs until both connections are lost. */
export async function converse(
  reactor: Reactor,
  server: Hooks,
  client: Hooks,
): Promise<{ server: Recorder; client: Recorder }> {
  let open = 2
  const counted = (hooks: Hooks) =>
    new Recorder({
      ...hooks,
      lost: (self, reason) => {
        hooks.lost?.(self, reason)
        open -= 1
        if (open === 0) reactor.stop()
      },
    })
  const both = { server: counted(server), client: counted(client) }
  const port = await listen(reactor, new Listed(both.server))
  reactor.connectTCP('127.0.0.1', port.getHost().port, new Listed(both.client))
  await run(reactor)
  return both
}

/** Hooks that end the connection when the peer has. */
export const LISTENER: Hooks = { ended: (self) => self.transport.loseConnection() }

/** Bytes without a short period. */
export function noise(length: number): Buffer {
  return Buffer.from(
    Uint32Array.from({ length: Math.ceil(length / 4) }, (_, i) => i * 2654435761).buffer,
    0,
    length,
  )
}

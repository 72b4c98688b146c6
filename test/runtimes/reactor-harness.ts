/**
 * The reactors under test, and protocols that record their calls. A server and its client share a
 * reactor: while it blocks, the thread can run no second one.
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

/** Opens a new reactor, on a changed socket layer if `change` is given. */
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

/** Errors in callbacks, which the framework catches and logs. */
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

/** A reactor that is not stopped within this time, in seconds, fails its test. */
const PATIENCE = 10

/**
 * Runs until `stop` is called, and fails if it isn't: the timeout of a test can't end a thread that
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

/** Runs the reactor and stops it at once, so that nothing stays open. */
export async function finish(reactor: Reactor): Promise<void> {
  reactor.callWhenRunning(() => reactor.stop())
  await run(reactor)
}

export interface Hooks {
  made?: (self: Recorder) => void
  data?: (self: Recorder, chunk: Uint8Array) => void
  /** With it the protocol handles half-closed connections. */
  ended?: (self: Recorder) => void
  finSent?: (self: Recorder) => void
  lost?: (self: Recorder, reason: Error) => void
}

/** Records its calls, and marks a call that comes inside another one. */
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

  /** Calls `f`, inside which no callback may come. */
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

/** Builds the given protocols, in turn. */
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

/** Hooks that close the connection at the peer's FIN. */
export const LISTENER: Hooks = { ended: (self) => self.transport.loseConnection() }

/** Bytes that do not repeat soon, so that lost or moved ones are found. */
export function noise(length: number): Buffer {
  return Buffer.from(
    Uint32Array.from({ length: Math.ceil(length / 4) }, (_, i) => i * 2654435761).buffer,
    0,
    length,
  )
}

/**
 * Many clients at the same time, and each of them is slow: a message, its reply, a pause. A server
 * that serves all at the same time needs as long as one client takes; a server that serves one
 * after the other needs the sum of the times of all.
 */
import { setMaxListeners } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { errorCode } from '../../servers/support/error-code.ts'
import { RUN_OUT } from '../command.ts'
import { EchoClient, WrongReply } from '../echo-client.ts'
import { LatencyHistogram } from '../latency.ts'
import type { BurstResult, BurstSettings } from './result.ts'

export interface BurstOutcome {
  readonly result: BurstResult
  /**
   * The error that decides how the command ends: of a client that got a wrong reply; if there is
   * none, of one for which this machine was too small; if there is none, of the first that failed.
   */
  readonly error: unknown
}

/** Runs all clients to their end, or until the time is over. */
export async function runBurst(settings: BurstSettings): Promise<BurstOutcome> {
  const time = new AbortController()
  setMaxListeners(0, time.signal)
  const start = performance.now()
  const shared = { settings, signal: time.signal, start, latency: new LatencyHistogram() }
  const timer = setTimeout(() => time.abort(), settings.timeout * 1000)
  const clients = Array.from({ length: settings.clients }, () => new BurstClient(shared))
  await Promise.all(clients.map((client) => client.run()))
  clearTimeout(timer)
  return summarize(shared, clients)
}

/** What all clients of a burst have in common. */
interface Shared {
  readonly settings: BurstSettings
  /** Aborts when the time is over. */
  readonly signal: AbortSignal
  readonly start: number
  readonly latency: LatencyHistogram
}

class BurstClient {
  state: 'waiting' | 'in progress' | 'complete' | 'failed' = 'waiting'
  replies = 0
  /** Seconds from the start. */
  firstReply = Number.POSITIVE_INFINITY
  finished = Number.POSITIVE_INFINITY
  error: unknown
  readonly #shared: Shared

  constructor(shared: Shared) {
    this.#shared = shared
  }

  async run(): Promise<void> {
    try {
      await this.#converse()
      this.finished = this.#elapsed()
      this.state = 'complete'
    } catch (error) {
      if (this.#shared.signal.aborted) return
      this.state = 'failed'
      this.error = error
    }
  }

  async #converse(): Promise<void> {
    const { settings, signal, latency } = this.#shared
    using client = await EchoClient.connect({ ...settings, timeout: 0, signal })
    for (let n = 0; n < settings.messages; n++) {
      const sent = performance.now()
      await client.ask(Buffer.from(`Hello World!:${n}\n`))
      latency.record(performance.now() - sent)
      this.#replied()
      await sleep(settings.pause * 1000, undefined, { signal })
    }
  }

  #replied(): void {
    if (this.replies === 0) this.firstReply = this.#elapsed()
    this.state = 'in progress'
    this.replies += 1
  }

  #elapsed(): number {
    return (performance.now() - this.#shared.start) / 1000
  }
}

function summarize({ settings, start, latency }: Shared, clients: BurstClient[]): BurstOutcome {
  const count = (state: BurstClient['state']) => clients.filter((c) => c.state === state).length
  const failed = clients.filter((client) => client.state === 'failed')
  const finished = clients.map((client) => client.finished).filter(Number.isFinite)
  const firstReplies = clients.map((client) => client.firstReply).filter(Number.isFinite)
  const result: BurstResult = {
    asked: settings,
    complete: finished.length,
    failed: failed.length,
    inProgress: count('in progress'),
    waiting: count('waiting'),
    messages: clients.reduce((sum, client) => sum + client.replies, 0),
    seconds: (performance.now() - start) / 1000,
    slowestFirstReply: firstReplies.length > 0 ? Math.max(...firstReplies) : null,
    waitedForOthers: settings.pause > 0 ? waitedForOthers(clients) : 0,
    estimate:
      finished.length > 0 ? (Math.max(...finished) / finished.length) * clients.length : null,
    latency: latency.summary(),
    errors: countKinds(failed),
    firstFailure: failed[0] ? describe(failed[0].error) : null,
  }
  return { result, error: decisive(failed.map(({ error }) => error)) }
}

function decisive(errors: unknown[]): unknown {
  const wrongReply = errors.find((error) => error instanceof WrongReply)
  return wrongReply ?? errors.find((error) => RUN_OUT.includes(kindOf(error))) ?? errors[0]
}

/**
 * Counts the clients whose first reply came after another client had finished, or never. The number
 * says nothing without pauses: then a client may finish before the next one is even connected.
 */
function waitedForOthers(clients: BurstClient[]): number {
  if (!clients.some((client) => client.replies > 0)) return 0
  const firstFinish = Math.min(...clients.map((client) => client.finished))
  const unfailed = clients.filter((client) => client.state !== 'failed')
  return unfailed.filter((client) => client.firstReply >= firstFinish).length
}

function countKinds(failed: BurstClient[]): Record<string, number> {
  const kinds: Record<string, number> = {}
  for (const { error } of failed) kinds[kindOf(error)] = (kinds[kindOf(error)] ?? 0) + 1
  return kinds
}

function kindOf(error: unknown): string {
  if (error instanceof WrongReply) return 'wrong reply'
  return errorCode(error) ?? String(error)
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

import { setTimeout as sleep } from 'node:timers/promises'
import type { Protocol } from '../due-reply.ts'
import type { Exit } from '../launcher.ts'
import { cpuSeconds, descriptorCount, residentBytes, waitedSeconds } from '../process-stats.ts'
import { plural } from '../terminal.ts'
import { Peer } from './peer.ts'
import type { OwnServer, Server, Settings, Subject } from './subject.ts'
import { Broken, CannotTell, type Step } from './verdict.ts'

const FIRST_STEPS = 20
const MOST_STEPS = 100

/** One run of one case: its clients and its servers, and all that was done. */
export class Trial implements AsyncDisposable {
  readonly #steps: Step[] = []
  #leftOut = 0
  readonly #subject: Subject
  readonly #began = performance.now()
  readonly #peers: Peer[] = []
  readonly #servers: OwnServer[] = []

  constructor(subject: Subject) {
    this.#subject = subject
  }

  get protocol(): Protocol {
    return this.#subject.protocol
  }

  /** Whether the server serves several clients at a time. */
  get isConcurrent(): boolean {
    return this.#subject.isConcurrent
  }

  get shared(): Server {
    return this.#subject.shared
  }

  /** Seconds since the case began. */
  get elapsed(): number {
    return (performance.now() - this.#began) / 1000
  }

  note(what: string): void {
    this.#steps.push({ at: this.elapsed, what })
    if (this.#steps.length <= MOST_STEPS) return
    this.#steps.splice(FIRST_STEPS, 1)
    this.#leftOut += 1
  }

  /** What was done, in order. Of very many steps those in the middle are left out. */
  get steps(): readonly Step[] {
    if (this.#leftOut === 0) return this.#steps
    const first = this.#steps.slice(0, FIRST_STEPS)
    const { at } = first.at(-1)!
    const gap = { at, what: `… ${plural(this.#leftOut, 'step')} are left out …` }
    return [...first, gap, ...this.#steps.slice(FIRST_STEPS)]
  }

  /** Starts a server for this case; it is killed at its end. */
  async start(settings: Settings = {}): Promise<OwnServer> {
    const server = await this.#subject.start(settings)
    this.#servers.push(server)
    this.note(`a server of its own is started${describeSettings(settings)}`)
    return server
  }

  /** A new client, of the shared server or of another. */
  async connect(server: Server = this.shared): Promise<Peer> {
    const name = `client ${this.#peers.length + 1}`
    const peer = await Peer.connect(name, server.address, this.#subject, (step) => this.note(step))
    this.#peers.push(peer)
    return peer
  }

  /** Many clients; they are one step. */
  async connectMany(count: number, server: Server = this.shared): Promise<Peer[]> {
    const from = this.#peers.length
    this.note(`clients ${from + 1} to ${from + count} connect`)
    const one = async (i: number) => {
      const name = `client ${from + i + 1}`
      const peer = await Peer.connect(name, server.address, this.#subject, () => {})
      this.#peers.push(peer)
      return peer
    }
    return Promise.all(Array.from({ length: count }, (_, i) => one(i)))
  }

  signal(server: OwnServer, name: NodeJS.Signals): void {
    this.note(`the server gets ${name}`)
    server.signal(name)
  }

  /** How the server ends. Throws Broken if it does not. */
  async exitOf(server: OwnServer): Promise<Exit> {
    const { patience } = this.#subject
    const late = sleep(patience, undefined, { ref: false })
    const exit = await Promise.race([server.exited, late])
    if (exit) return exit
    throw new Broken('the end of the server', `it still runs after ${patience / 1000} s`)
  }

  /** Waits until a new client is answered; the first ones may meet a server that is not ready yet. */
  async served(server: Server): Promise<void> {
    const end = performance.now() + this.#subject.patience
    for (;;) {
      try {
        const late = await this.connect(server)
        return await late.say('late')
      } catch (error) {
        if (!(error instanceof Broken) || performance.now() > end) throw error
      }
    }
  }

  /** Throws Broken unless it is so. */
  check(isSo: boolean, expected: string, got: string): void {
    if (!isSo) throw new Broken(expected, got)
  }

  /** Throws Broken if it does not become so in time. */
  async eventually(isSo: () => Promise<boolean>, expected: string, got: string): Promise<void> {
    const end = performance.now() + this.#subject.patience
    while (!(await isSo())) {
      if (performance.now() > end) throw new Broken(expected, got)
      await sleep(50)
    }
  }

  memory(server: Server): number {
    return measured(residentBytes, server)
  }

  descriptors(server: Server): number {
    return measured(descriptorCount, server)
  }

  /** Resolves once the server has come to rest: it wants hardly any CPU time, or has ended. */
  async settled({ pid = 0 }: Server): Promise<void> {
    const end = performance.now() + this.#subject.patience
    for (let used = -1, waited = -1; performance.now() < end; ) {
      const [before, waitedBefore] = [used, waited]
      used = cpuSeconds(pid) ?? used
      // One that gets no CPU on a busy machine uses none either.
      waited = waitedSeconds(pid) ?? waited
      if (used - before < 0.005 && waited - waitedBefore < 0.02) return
      await sleep(200)
    }
  }

  /** The CPU time in seconds that a server wants in half a second; on a busy machine it gets less. */
  async cpuOfSilence(server: Server): Promise<number> {
    const wanted = () => measured(cpuSeconds, server) + measured(waitedSeconds, server)
    const from = wanted()
    await sleep(500)
    return wanted() - from
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const peer of this.#peers) peer[Symbol.dispose]()
    await Promise.all(this.#servers.map((server) => server[Symbol.asyncDispose]()))
  }
}

function measured(figure: (pid: number) => number | undefined, { pid }: Server): number {
  const value = pid === undefined ? undefined : figure(pid)
  if (value !== undefined) return value
  if (pid !== undefined && !isAlive(pid)) throw new Broken('a server that goes on', 'its end')
  throw new CannotTell('this needs a process to look at, on Linux: --command')
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

function describeSettings(settings: Settings): string {
  const texts: Record<keyof Settings, (value: number | boolean) => string> = {
    maxConnections: (n) => `at most ${n} connections`,
    idleTimeout: (s) => `an idle timeout of ${s} s`,
    grace: (s) => `${s} s of grace`,
    descriptors: (n) => `at most ${n} descriptors`,
    computes: () => 'a handler that computes',
    port: (port) => `port ${port}`,
  }
  const set = Object.entries(settings) as [keyof Settings, number | boolean][]
  return set.length === 0 ? '' : `: ${set.map(([key, value]) => texts[key](value)).join(', ')}`
}

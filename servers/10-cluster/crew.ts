import cluster from 'node:cluster'
import { NODE_FLAGS } from '../boot/build.mjs'
import type { Address } from '../posix/api.ts'
import type { ServeOptions, Supervisor } from '../server.ts'
import { EXIT } from '../support/exit-codes.ts'
import { writeLine } from '../support/report.ts'
import { StartError } from '../support/start-errors.ts'
import { Backoff } from './backoff.ts'
import { Member } from './member.ts'
import { pack, type ToPrimary } from './messages.ts'

/**
 * The workers of a cluster: it starts them, replaces those that die, and tells them when to stop.
 * `ended` resolves when the last one has ended after that.
 *
 *     state      a worker that dies   goes on when
 *     starting   makes `start` fail   all listen                          → serving
 *     serving    is replaced          closing time: all are told to shut  → shutting
 *     shutting   is not missed        all are shut, and told to stop      → closing
 *     closing    is not missed        all have ended: the end
 */
export class Crew {
  readonly ended: Promise<void>
  readonly #supervisor: Supervisor
  readonly #members = new Set<Member>()
  readonly #backoff = new Backoff()
  #options: ServeOptions
  /** Where the first worker listens, and where all others must listen too. */
  #address: Address | undefined
  #state: 'starting' | 'serving' | 'shutting' | 'closing' = 'starting'
  #end = () => {}

  /** @param program what a worker runs: the path of a file */
  constructor(options: ServeOptions, supervisor: Supervisor, program: string) {
    this.#options = options
    this.#supervisor = supervisor
    cluster.setupPrimary({ exec: program, execArgv: NODE_FLAGS })
    this.ended = new Promise((resolve) => {
      this.#end = resolve
    })
    // After --grace, or a second signal: a worker that computes would not notice that the primary
    // has ended. If the primary is killed, the kernel does the same: see end-with.ts.
    process.once('exit', () => {
      for (const member of this.#members) member.kill()
    })
  }

  /** Starts all workers; resolves when they listen, with where that is. Throws a StartError. */
  async start(): Promise<Address> {
    const address = await this.#hire()
    this.#address = address
    const others = Array.from({ length: this.#options.workers - 1 }, () => this.#hire())
    await Promise.all(others)
    // One that has listened may have died while others started.
    if (this.#members.size < this.#options.workers) {
      throw failure('a worker ended before all of them listened')
    }
    this.#state = 'serving'
    return address
  }

  // #region stop
  /**
   * Closing time. node:cluster listens for as long as one worker does. So all workers stop listening
   * first, and only then begin to close. Each takes its own time for that.
   */
  stop(): void {
    this.#state = 'shutting'
    for (const member of this.#members) {
      // A worker that is still starting would listen again.
      if (!member.isListening) member.kill()
      else member.shut()
    }
    if (this.#members.size === 0) this.#end()
  }

  #closeOnceShut(): void {
    const members = [...this.#members]
    if (this.#state !== 'shutting' || members.some(({ isShut }) => !isShut)) return
    this.#state = 'closing'
    for (const member of members) member.tell({ type: 'stop' })
  }
  // #endregion stop

  // #region hire
  /** Starts a worker; resolves when it listens. */
  #hire(): Promise<Address> {
    const worker = cluster.fork()
    const member = new Member(worker, this.#supervisor)
    this.#members.add(member)
    return new Promise((resolve, reject) => {
      worker.on('message', (message: ToPrimary) => {
        member.hear(message)
        if (message.type === 'started') this.#order(member)
        else if (message.type === 'listening') resolve(this.#settle(message.address, member))
        else if (message.type === 'failed') reject(new StartError(message))
        else if (message.type === 'shut') this.#closeOnceShut()
      })
      worker.on('exit', (code, signal) => {
        const how = signal ?? `exit ${code}`
        reject(failure(`a worker ended at its start: ${how}`))
        this.#lose(member, how)
      })
    })
  }

  #order(member: Member): void {
    const { log } = this.#supervisor.share()
    member.tell({ type: 'serve', options: pack(this.#options), log, primary: process.pid })
  }
  // #endregion hire

  /**
   * Workers that ask for any free port are given the same one, as long as one of them lives. A
   * worker that comes after that is given another port. It has to end, and its replacement asks for
   * the right one.
   */
  #settle(address: Address, member: Member): Address {
    if (this.#address && address.port !== this.#address.port) {
      this.#options = { ...this.#options, address: this.#address }
      member.kill()
    }
    return address
  }

  // #region lose
  /** A worker has ended. Its connections are lost, and no others. */
  #lose(member: Member, how: string): void {
    this.#members.delete(member)
    member.leave()
    if (this.#state === 'serving') this.#replaceLater(member, how)
    if (this.#state === 'shutting') this.#closeOnceShut()
    if (this.#state === 'closing' && this.#members.size === 0) this.#end()
  }

  #replaceLater({ pid, bornAt }: Member, how: string): void {
    const delay = this.#backoff.delay(performance.now() - bornAt)
    writeLine(`worker ${pid} has died (${how}); a new one comes in ${delay} ms`)
    setTimeout(() => this.#replace(), delay)
  }
  // #endregion lose

  #replace(): void {
    if (this.#state !== 'serving') return
    // The reason of a failure is said when the worker ends; then the next one comes.
    this.#hire().catch(() => {})
  }
}

function failure(text: string): StartError {
  return new StartError({ text, exitCode: EXIT.failed })
}

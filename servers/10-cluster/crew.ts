import cluster, { type Worker } from 'node:cluster'
import { fileURLToPath } from 'node:url'
import type { Address } from '../posix/api.ts'
import { writeLine } from '../report.ts'
import type { ServeOptions, Supervisor } from '../server.ts'
import { StartError } from '../start-errors.ts'
import { Backoff } from './backoff.ts'
import { Member } from './member.ts'
import type { ToPrimary } from './messages.ts'

/**
 * The workers of a cluster: it starts them, replaces those that die, and tells them when to stop.
 * `ended` resolves when the last one has gone after that.
 */
export class Crew {
  readonly ended: Promise<void>
  readonly #program: string
  readonly #supervisor: Supervisor
  readonly #members = new Set<Member>()
  readonly #backoff = new Backoff()
  #options: ServeOptions
  /** Where the first worker listens, and all others shall. */
  #address: Address | undefined
  #isStopping = false
  #isClosing = false
  #end = () => {}

  /** @param program what a worker runs, as one piece of JavaScript */
  constructor(program: string, options: ServeOptions, supervisor: Supervisor) {
    this.#program = program
    this.#options = options
    this.#supervisor = supervisor
    const exec = fileURLToPath(new URL('worker.cjs', import.meta.url))
    // `advanced`, since JSON knows no Infinity.
    cluster.setupPrimary({ exec, execArgv: [], serialization: 'advanced' })
    this.ended = new Promise((resolve) => {
      this.#end = resolve
    })
  }

  /** Starts all workers; resolves when they listen, with where that is. Throws a StartError. */
  async start(): Promise<Address> {
    const address = await this.#hire()
    this.#address = address
    const others = Array.from({ length: this.#options.workers - 1 }, () => this.#hire())
    await Promise.all(others)
    return address
  }

  // #region stop
  /**
   * Closing time. node:cluster listens for as long as one worker does: so all shut the door first,
   * and only then begin to close. Each takes its own time for that.
   */
  stop(): void {
    this.#isStopping = true
    for (const member of this.#members) {
      // One that only starts would open the door again.
      if (!member.isListening) member.kill()
      else member.tell({ type: 'shut' })
    }
    if (this.#members.size === 0) this.#end()
  }

  #closeOnceShut(): void {
    const members = [...this.#members]
    if (this.#isClosing || members.some(({ isShut }) => !isShut)) return
    this.#isClosing = true
    for (const member of members) member.tell({ type: 'stop' })
  }
  // #endregion stop

  // #region hire
  /** Starts a worker; resolves when it listens. */
  #hire(): Promise<Address> {
    const worker = cluster.fork()
    const member = new Member(worker, this.#supervisor)
    this.#members.add(member)
    worker.send(this.#program, () => {})
    member.tell({ type: 'serve', options: this.#options, log: this.#supervisor.share().log })
    return new Promise((resolve, reject) => {
      worker.on('message', (message: ToPrimary) => {
        member.hear(message)
        if (message.type === 'listening') resolve(this.#settle(message.address, worker))
        else if (message.type === 'failed') reject(new StartError(message))
        else if (message.type === 'shut') this.#closeOnceShut()
      })
      worker.on('exit', (code, signal) => {
        reject(
          new StartError({ text: `a worker ended at its start: ${signal ?? code}`, exitCode: 1 }),
        )
        this.#lose(member, signal ?? `exit ${code}`)
      })
    })
  }
  // #endregion hire

  /**
   * Workers that ask for any free port are given the same one, as long as one of them lives. Who
   * comes after that is given another, has to go, and asks for the right one the next time.
   */
  #settle(address: Address, worker: Worker): Address {
    if (this.#address && address.port !== this.#address.port) {
      this.#options = { ...this.#options, address: this.#address }
      worker.process.kill('SIGKILL')
    }
    return address
  }

  // #region lose
  /** A worker has ended. Its connections are lost, and no others. */
  #lose(member: Member, how: string): void {
    this.#members.delete(member)
    member.leave()
    if (this.#isStopping) {
      this.#closeOnceShut()
      if (this.#members.size === 0) this.#end()
      return
    }
    const delay = this.#backoff.delay(performance.now() - member.bornAt)
    writeLine(`worker ${member.pid} has died (${how}); a new one comes in ${delay} ms`)
    setTimeout(() => this.#replace(), delay)
  }
  // #endregion lose

  #replace(): void {
    if (this.#isStopping) return
    // What it fails with is said as it ends; then comes the next one.
    this.#hire().catch(() => {})
  }
}

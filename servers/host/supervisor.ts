/**
 * The main thread of every server. It never blocks, since the handler of a signal runs only on a
 * thread that returns to Node's event loop. It starts the model (in a Worker, if the model blocks),
 * says that the server is ready, and leads it to its end:
 *
 *     starting → serving → closing: SIGINT, SIGTERM; for `grace` seconds at most → exit 0
 *                          a second signal                                       → exit 130
 */

import type { Model } from '../models.ts'
import { breakSockets } from '../node/faults.ts'
import { type Address, formatAddress } from '../posix/api.ts'
import type { ServeOptions, Stop, Supervisor, TraceSettings } from '../server.ts'
import { reasonOf } from '../support/error-code.ts'
import { EXIT } from '../support/exit-codes.ts'
import { LocalPlaces, type Places } from '../support/places.ts'
import { CELL, type LogSettings, Report, writeLine } from '../support/report.ts'
import { explainStart } from '../support/start-errors.ts'
import { traceSockets } from '../trace/node.ts'
import { endTrace, record } from '../trace/trace.ts'
import { ModelThread } from './model-thread.ts'
import { traceModel } from './trace-models.ts'

export interface Settings extends LogSettings {
  /** Seconds that closing may take. */
  readonly grace: number
}

/** Runs a model to its end and returns the exit code. */
export async function supervise(
  model: Model,
  options: ServeOptions,
  settings: Settings,
): Promise<number> {
  const cells = new Int32Array(new SharedArrayBuffer(4 * Object.keys(CELL).length))
  const supervisor = new MainSupervisor(cells, model, options, settings)
  try {
    await (options.io === 'node' ? supervisor.runHere() : supervisor.runInThread())
    return EXIT.done
  } catch (error) {
    const { text, exitCode } = explainStart(error, options)
    writeLine(`error: ${text}`)
    return exitCode
  } finally {
    supervisor.endTrace()
  }
}

class MainSupervisor extends Report implements Supervisor {
  readonly #cells: Int32Array
  readonly #model: Model
  readonly #options: ServeOptions
  readonly #settings: Settings
  readonly places: Places
  #stop = () => {}
  #exit: (code: number) => void = process.exit
  #flush = () => {}
  #isTraceEnded = false

  constructor(cells: Int32Array, model: Model, options: ServeOptions, settings: Settings) {
    super(cells, settings)
    this.#cells = cells
    this.#model = model
    this.#options = options
    this.#settings = settings
    this.places = new LocalPlaces(options.maxConnections)
  }

  /** A model that waits on Node's event loop runs on this thread, and needs no socket layer. */
  async runHere(): Promise<void> {
    const { faults, trace } = this.#options
    if (faults) breakSockets(faults)
    if (trace) await this.#traceHere(trace)
    const { serve } = await this.#model.load()
    const serveOnNode = serve as (options: ServeOptions, supervisor: Supervisor) => Promise<void>
    await serveOnNode(this.#options, this)
  }

  /** A model that blocks runs in a thread of its own. */
  async runInThread(): Promise<void> {
    const thread = await ModelThread.open(this.#options, this.#cells)
    this.#exit = thread.exit
    await thread.run(this.#model.id, this.#options, this.#settings, (address) =>
      this.listening(address, { stop: () => thread.wake() }),
    )
  }

  async #traceHere(settings: TraceSettings): Promise<void> {
    const recording = record(settings, 'event loop')
    await traceModel(this.#model.id, this.#options, recording)
    traceSockets(recording)
    // The last events, also if a second signal ends the process.
    this.#flush = () => recording.recorder.close()
  }

  listening(address: Address, closing: { listener: number } | Stop): void {
    if (!('stop' in closing)) throw new TypeError('a model on the main thread has a stop')
    this.#stop = closing.stop
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => this.#onSignal())
    const { address: host, port } = address
    const ready = this.#settings.json
      ? JSON.stringify({ event: 'listening', address: host, port, model: this.#model.id })
      : `listening ${formatAddress(address)}`
    process.stdout.write(`${ready}\n`)
  }

  /** The file is complete, and it is said what is in it. */
  endTrace(): void {
    const { trace } = this.#options
    if (!trace || this.#isTraceEnded) return
    this.#isTraceEnded = true
    this.#flush()
    try {
      const { events, leftOut } = endTrace(trace.file)
      const missing = leftOut > 0 ? `, ${leftOut} left out: see --trace-events` : ''
      writeLine(`trace: ${trace.file}: ${events} events${missing}`)
    } catch (error) {
      writeLine(`trace: ${trace.file} is not complete: ${reasonOf(error)}`)
    }
  }

  #end(code: number): void {
    this.endTrace()
    this.#exit(code)
  }

  #onSignal(): void {
    if (this.closing) this.#end(EXIT.interrupted)
    const { grace } = this.#settings
    const open = Atomics.load(this.#cells, CELL.open)
    // In this order: a client that sees the FIN which `closing` brings must not get in again.
    this.#stop()
    Atomics.store(this.#cells, CELL.closing, 1)
    if (open > 0) writeLine(`closing: open connections: ${open}; a second signal exits at once`)
    setTimeout(() => {
      const left = Atomics.load(this.#cells, CELL.open)
      writeLine(`closing: after ${grace} s, connections cut: ${left}`)
      this.#end(EXIT.done)
    }, grace * 1000).unref()
  }
}

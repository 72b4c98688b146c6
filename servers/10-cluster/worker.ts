/**
 * A worker: the async-await server in a process of its own. Its connections come from the primary,
 * which has taken a place for each, or says that there is none yet.
 */
import cluster from 'node:cluster'
import { serve } from '../09-async-await/echo.ts'
import { breakSockets } from '../node/faults.ts'
import type { Address } from '../posix/api.ts'
import type { Stop, Supervisor } from '../server.ts'
import type { Places } from '../support/places.ts'
import { CELL, Report } from '../support/report.ts'
import { explainStart } from '../support/start-errors.ts'
import { traceSockets } from '../trace/node.ts'
import { record } from '../trace/trace.ts'
import { endWith } from './end-with.ts'
import { type ToPrimary, type ToWorker, unpack } from './messages.ts'

// #region places
/** The places of the whole server. The primary keeps them, and grants them in turn. */
class RemotePlaces implements Places {
  readonly #waiting = new Set<() => void>()
  /** How many of the clients that are handed over next have no place yet. */
  #without = 0
  #free = 0
  /** The primary has been told in this turn. */
  #isTold = false

  /** The next client has no place yet. */
  wait(): void {
    this.#without += 1
  }

  take(turn: () => void): void {
    if (this.#without > 0) {
      this.#without -= 1
      this.#waiting.add(turn)
    } else {
      turn()
    }
  }

  withdraw(turn: () => void): void {
    this.#waiting.delete(turn)
    tell({ type: 'withdraw' })
  }

  /**
   * The primary is told at once, so that it counts a client no longer when others hear that it has
   * left. More that leave in the same turn of the loop share a second message.
   */
  giveBack(): void {
    this.#free += 1
    if (this.#isTold) return
    this.#isTold = true
    this.#return()
    setImmediate(() => {
      this.#isTold = false
      if (this.#free > 0) this.#return()
    })
  }

  #return(): void {
    tell({ type: 'give back', count: this.#free })
    this.#free = 0
  }

  /** A place has come. The client that waited for it may have left meanwhile. */
  granted(): void {
    const [turn] = this.#waiting
    if (turn) {
      this.#waiting.delete(turn)
      turn()
    } else {
      this.giveBack()
    }
  }
}
// #endregion places

/** The supervisor for the model in this worker: it passes on what concerns the whole server. */
class WorkerSupervisor extends Report implements Supervisor {
  readonly places = new RemotePlaces()
  #closing: Stop = { stop: () => {} }

  listening(address: Address, closing: { listener: number } | Stop): void {
    if ('stop' in closing) this.#closing = closing
    tell({ type: 'listening', address })
  }

  shut(): void {
    this.#closing.shut?.()
    tell({ type: 'shut' })
  }

  stop(): void {
    this.#closing.stop()
  }
}

let supervisor: WorkerSupervisor | undefined

process.on('message', (message: ToWorker) => {
  if (message.type === 'serve') start(message)
  else if (message.type === 'wait') supervisor?.places.wait()
  else if (message.type === 'place') supervisor?.places.granted()
  else if (message.type === 'shut') supervisor?.shut()
  else supervisor?.stop()
})
tell({ type: 'started' })

// Ctrl-C sends SIGINT to all processes of a terminal's job, and the primary decides what it means.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {})

async function start({
  options: packed,
  log,
  primary,
}: Extract<ToWorker, { type: 'serve' }>): Promise<void> {
  const options = unpack(packed)
  const cells = new Int32Array(Object.keys(CELL).length)
  supervisor = new WorkerSupervisor(cells, log)
  await endWith(primary)
  if (options.faults) breakSockets(options.faults)
  if (options.trace)
    traceSockets(record(options.trace, 'event loop', `worker ${cluster.worker!.id}`))
  try {
    await serve(options, supervisor, undefined as never)
    process.exit(0)
  } catch (error) {
    const reason = explainStart(error, options)
    process.send!({ type: 'failed', ...reason } satisfies ToPrimary, () => process.exit(1))
  }
}

function tell(message: ToPrimary): void {
  process.send!(message)
}

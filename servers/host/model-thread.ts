/**
 * Starts a model in a thread of its own, whose other side is worker.ts, and can wake it although it
 * is blocked.
 */
import { Worker } from 'node:worker_threads'
import { built, NODE_FLAGS } from '../boot/build.mjs'
import { type Address, type Posix, SHUT_RDWR } from '../posix/api.ts'
import type { AtomicsKernel } from '../posix/atomics/posix.ts'
import { openPosix } from '../posix/open.ts'
import type { ServeOptions } from '../server.ts'
import type { LogSettings } from '../support/report.ts'
import { StartError } from '../support/start-errors.ts'
import type { WorkerData, WorkerMessage } from './worker.ts'

/**
 * The most that V8 takes for objects that were just made, in MiB. What a loop allocates for a
 * message is garbage once the reply is sent, so little is enough. Left alone, this part of the heap
 * grows when many clients come, up to 48 MiB, and stays so: 400 to 900 bytes for each of 10,000.
 */
const YOUNG = 3

export class ModelThread {
  readonly #cells: Int32Array
  readonly #system: Pick<Posix, 'shutdown'>
  readonly #kernel: AtomicsKernel | undefined
  /** Ends the process whatever its threads do. */
  readonly exit: (code: number) => void
  #listener = -1

  private constructor(
    cells: Int32Array,
    system: Pick<Posix, 'shutdown'>,
    exit: (code: number) => void,
    kernel?: AtomicsKernel,
  ) {
    this.#cells = cells
    this.#system = system
    this.exit = exit
    this.#kernel = kernel
  }

  /** Opens one socket layer for two threads: the model's, and this one, which wakes it. */
  static async open(options: ServeOptions, cells: Int32Array): Promise<ModelThread> {
    if (options.io === 'atomics') {
      const { AtomicsKernel } = await import('../posix/atomics/posix.ts')
      const kernel = AtomicsKernel.start()
      return new ModelThread(cells, kernel, process.exit, kernel)
    }
    const posix = await openPosix('libc')
    // process.exit would wait for a thread that is blocked in a system call, perhaps for ever.
    const { exitNow } = await import('../posix/libc.ts')
    return new ModelThread(cells, posix, exitNow)
  }

  /** Runs the model; resolves when it has ended, rejects if it failed. */
  async run(
    model: string,
    options: ServeOptions,
    log: LogSettings,
    listening: (address: Address) => void,
  ): Promise<void> {
    const kernel = this.#kernel?.attach()
    const workerData: WorkerData = { model, options, cells: this.#cells, log, kernel }
    const worker = new Worker(built('servers/host/worker.ts'), {
      workerData,
      transferList: kernel ? [kernel.port] : [],
      execArgv: NODE_FLAGS,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG },
    })
    try {
      await new Promise<void>((resolve, reject) => {
        worker.on('message', (message: WorkerMessage) => {
          if (message.type === 'failed') return reject(new StartError(message))
          this.#listener = message.listener
          listening(message.address)
        })
        worker.on('error', reject)
        worker.on('exit', () => resolve())
      })
    } finally {
      await this.#kernel?.stop()
    }
  }

  /**
   * Wakes the model at closing time: `accept` fails with EINVAL, `poll` says POLLHUP. A descriptor
   * belongs to the whole process, so any thread can do this.
   */
  wake(): void {
    this.#system.shutdown(this.#listener, SHUT_RDWR)
  }
}

/**
 * How does a greenlet run another program, and wait for its output and its end, while other
 * greenlets go on? Modelled on gevent.subprocess, which is Python's module of that name.
 *
 * Where it differs: Node reports a moment later that a program could not be started. So the first
 * wait throws this error, and not `new Popen`. Two outputs can't share one pipe. Input for a program
 * that can't be sent any more is an error, as in Python's module; gevent drops it.
 */
import { type ChildProcess, spawn as spawnProcess } from 'node:child_process'
import { constants } from 'node:os'
import { AsyncResult } from './event.ts'
import { FileObject } from './file.ts'
import { type Greenlet, spawn } from './greenlet.ts'
import type { Green } from './hub.ts'
import { type Patience, type Timeout, within } from './timeout.ts'

/** For a stream of a program: a pipe from or to it. */
export const PIPE = 'pipe'
/** For a stream of a program: no input, and output is thrown away. */
export const DEVNULL = 'ignore'

/** A stream of a program. Undefined: the program shares the stream of this one. */
export type Stream = typeof PIPE | typeof DEVNULL | undefined

export interface PopenOptions {
  readonly stdin?: Stream
  readonly stdout?: Stream
  readonly stderr?: Stream
  /** The working directory; without it, our own. */
  readonly cwd?: string
  /** The environment; without it, our own. */
  readonly env?: NodeJS.ProcessEnv
}

/** The program has run longer than it may. It still runs. */
export class TimeoutExpired extends Error {
  override readonly name = 'TimeoutExpired'
}

/** The program has ended with another code than 0. */
export class CalledProcessError extends Error {
  override readonly name = 'CalledProcessError'
  readonly completed: CompletedProcess

  constructor(completed: CompletedProcess) {
    super(`${completed.args.join(' ')} ended with ${completed.returncode}`)
    this.completed = completed
  }
}

/** What is left of a program that has ended. An output is undefined if it was no pipe. */
export interface CompletedProcess {
  readonly args: readonly string[]
  readonly returncode: number
  readonly stdout: Buffer | undefined
  readonly stderr: Buffer | undefined
}

/** A program that runs. Where PIPE was asked for, `stdin`, `stdout` and `stderr` are files. */
export class Popen {
  readonly args: readonly string[]
  readonly stdin: FileObject | undefined
  readonly stdout: FileObject | undefined
  readonly stderr: FileObject | undefined
  readonly #child: ChildProcess
  readonly #exit = new AsyncResult<number>()
  #talks: Greenlet<Buffer | undefined>[] | undefined

  /** @param args the program and its arguments, which are not passed through a shell */
  constructor(args: readonly [string, ...string[]], options: PopenOptions = {}) {
    const [program, ...rest] = args
    const { stdin = 'inherit', stdout = 'inherit', stderr = 'inherit', ...where } = options
    this.args = args
    this.#child = spawnProcess(program, rest, { ...where, stdio: [stdin, stdout, stderr] })
    this.#child.once('exit', (code, signal) =>
      this.#exit.set(code ?? -constants.signals[signal as NodeJS.Signals]),
    )
    this.#child.on('error', (error) => {
      // Node also reports here that a signal could not be sent. That is not the end of the program.
      if (this.pid === undefined) this.#exit.setException(error)
    })
    const { stdin: input, stdout: output, stderr: errors } = this.#child
    this.stdin = input ? FileObject.writer(input) : undefined
    this.stdout = output ? FileObject.reader(output) : undefined
    this.stderr = errors ? FileObject.reader(errors) : undefined
  }

  /** Undefined if the program could not be started. */
  get pid(): number | undefined {
    return this.#child.pid
  }

  /**
   * The exit code, or minus the number of the signal that killed the program; null while it runs.
   */
  get returncode(): number | null {
    return this.#exit.value ?? null
  }

  /** The same as a method, for a loop that asks again and again. */
  poll(): number | null {
    return this.returncode
  }

  /**
   * Waits for the end of the program and returns `returncode`. Throws TimeoutExpired, or the error
   * that it could not be started with.
   */
  *wait(timeout?: Patience): Green<number> {
    return yield* within(
      timeout,
      () => this.#exit.get(),
      (late) => this.#expired(late),
    )
  }

  /**
   * Sends `input` and then the end of the stream, reads both outputs to their ends, and waits for
   * the end of the program. Throws TimeoutExpired; call it again after that, without `input`, and
   * nothing is lost.
   */
  *communicate(
    input?: Uint8Array | string,
    timeout?: Patience,
  ): Green<[stdout: Buffer | undefined, stderr: Buffer | undefined]> {
    if (input?.length) this.#checkInput()
    // All three at a time: a program that waits for one pipe makes no progress on the others.
    this.#talks ??= [
      spawn(() => this.stdout?.read()),
      spawn(() => this.stderr?.read()),
      spawn(() => this.#send(input)),
    ]
    const [stdout, stderr, sent] = this.#talks
    function* toTheEnd(this: Popen): Green<[Buffer | undefined, Buffer | undefined]> {
      yield* sent!.get()
      const output = [yield* stdout!.get(), yield* stderr!.get()]
      yield* this.#exit.get()
      return output as [Buffer | undefined, Buffer | undefined]
    }
    return yield* within(timeout, toTheEnd.bind(this), (late) => this.#expired(late))
  }

  sendSignal(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** Asks the program to end: SIGTERM. */
  terminate(): void {
    this.sendSignal('SIGTERM')
  }

  /** Ends the program: SIGKILL. */
  kill(): void {
    this.sendSignal('SIGKILL')
  }

  /** Input that can't be sent any more is an error, as in Python; gevent drops it. */
  #checkInput(): void {
    if (this.#talks) throw new Error('only the first communicate can take input')
    if (this.stdin?.closed) throw new TypeError('input can’t be sent: the file is closed')
  }

  *#send(input: Uint8Array | string = ''): Green<undefined> {
    if (!this.stdin || this.stdin.closed) return
    try {
      this.stdin.write(input)
      yield* this.stdin.close()
    } catch (error) {
      // The program has ended, or closed its input: it needs no more of it.
      if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error
    }
  }

  #expired({ seconds }: Timeout): never {
    throw new TimeoutExpired(`${this.args.join(' ')} still runs after ${seconds} seconds`)
  }
}

export interface RunOptions extends PopenOptions {
  readonly input?: Uint8Array | string
  readonly timeout?: Patience
  /** Whether to throw a CalledProcessError if the program ends with another code than 0. */
  readonly check?: boolean
}

/**
 * Runs a program to its end. If the wait ends before that, by `timeout` (then this throws
 * TimeoutExpired) or by a kill of the greenlet, the program is killed.
 */
export function* run(
  args: readonly [string, ...string[]],
  options: RunOptions = {},
): Green<CompletedProcess> {
  const { input, timeout, check = false, ...streams } = options
  const child = new Popen(args, { ...(input !== undefined && { stdin: PIPE }), ...streams })
  try {
    const [stdout, stderr] = yield* child.communicate(input, timeout)
    const completed = { args, returncode: child.returncode!, stdout, stderr }
    if (check && completed.returncode !== 0) throw new CalledProcessError(completed)
    return completed
  } finally {
    child.kill()
  }
}

/** Runs a program and returns its output. Throws a CalledProcessError unless it ends with 0. */
export function* checkOutput(
  args: readonly [string, ...string[]],
  options: RunOptions = {},
): Green<Buffer> {
  const { stdout } = yield* run(args, { ...options, stdout: PIPE, check: true })
  return stdout!
}

/**
 * What is measured: a row of the table per model and way to wait, and the yardsticks beside them.
 */
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { launch, launchProgram, type RunningServer } from '../clients/launcher.ts'
import { describeWait, type Model, type Wait, waitFlags } from '../servers/models.ts'
import type { BenchProtocol } from './runner.ts'

const FILES = new URL('peers/', import.meta.url)

export interface Row {
  /** The model's id, or what the yardstick is. */
  readonly name: string
  /** `libc poll`, `atomics`, `node`. */
  readonly wait: string
  readonly io: Wait['io']
  readonly start: (protocol: BenchProtocol) => Promise<RunningServer>
  /** Why it can't take part with so many connections, all told; undefined if it can. */
  readonly cannot: (connections: number, protocol: BenchProtocol) => string | undefined
}

/** The rows of a model: one for each way to wait that this machine has. */
export async function modelRows(model: Model, platform = process.platform): Promise<Row[]> {
  const refusal = platform === 'linux' ? await model.refusal?.() : undefined
  return model.waits
    .filter(({ io }) => io !== 'libc' || platform === 'linux')
    .map((wait) => ({
      name: model.id,
      wait: describeWait(wait),
      io: wait.io,
      start: (protocol) => launch(model.id, [...waitFlags(wait), '--protocol', protocol]),
      cannot: (connections) => {
        const { count, reason } = model.places ?? { count: Number.POSITIVE_INFINITY }
        return refusal ?? (connections > count ? reason : undefined)
      },
    }))
}

/** Echoes bytes, so that it speaks `raw` and `line` alone. */
function onlyBytes(_connections: number, protocol: BenchProtocol): string | undefined {
  const canSpeak = protocol === 'raw' || protocol === 'line'
  return canSpeak ? undefined : `It echoes bytes, and does not speak ${protocol}.`
}

export const NODE_HTTP = 'plain node:http'

/** The plainest HTTP server that Node has. */
export const NODE_HTTP_ROW: Row = {
  name: NODE_HTTP,
  wait: 'node',
  io: 'node',
  start: () => launchProgram([process.execPath, fileURLToPath(new URL('node-http.mjs', FILES))]),
  cannot: (_, protocol) => (protocol === 'http' ? undefined : 'It speaks HTTP alone.'),
}

/** A plain epoll loop in C, compiled now, and the plainest node:net server. */
export class Yardsticks implements AsyncDisposable {
  readonly rows: Row[]
  readonly #folder: string

  private constructor(folder: string, rows: Row[]) {
    this.#folder = folder
    this.rows = rows
  }

  /** Throws if there is no C compiler: `cc`, from Debian's package gcc. */
  static async build(): Promise<Yardsticks> {
    const folder = await mkdtemp(join(tmpdir(), 'echo-bench-'))
    const program = join(folder, 'epoll-loop')
    const source = fileURLToPath(new URL('epoll-loop.c', FILES))
    await promisify(execFile)('cc', ['-O2', '-o', program, source])
    const node = [process.execPath, fileURLToPath(new URL('node-net.mjs', FILES))]
    return new Yardsticks(folder, [
      {
        name: C_EPOLL,
        wait: 'epoll',
        io: 'libc',
        start: () => launchProgram([program]),
        cannot: onlyBytes,
      },
      {
        name: NODE_NET,
        wait: 'node',
        io: 'node',
        start: () => launchProgram(node),
        cannot: onlyBytes,
      },
    ])
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true })
  }
}

export const C_EPOLL = 'C epoll loop'
export const NODE_NET = 'plain node:net'

/** Measures one cell of the table: a fresh server process, a fresh load generator, one result. */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { RunningServer } from '../clients/launcher.ts'
import type { LoadResult } from '../clients/load-result.ts'
import { PROTOCOLS } from '../servers/protocol/protocols.ts'
import type { Row } from './rows.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** What a cell may speak: HTTP is loaded by autocannon, the echo protocols by our own generator. */
export const BENCH_PROTOCOLS = [...PROTOCOLS, 'http'] as const
export type BenchProtocol = (typeof BENCH_PROTOCOLS)[number]

export interface Parameters {
  readonly connections: readonly number[]
  /** Silent connections that every cell opens beside those that talk. */
  readonly idle: number
  readonly protocol: BenchProtocol
  /** Bytes of a message, its newline included. */
  readonly size: number
  /** Seconds of the measured window, and of the load before it. */
  readonly duration: number
  readonly warmup: number
  readonly rounds: number
  /** Decides the order in which cells are measured. */
  readonly seed: number
}

/** What one round of one cell has shown: figures, or why there are none. */
export type Outcome =
  | { readonly kind: 'measured'; readonly result: LoadResult }
  | { readonly kind: 'failed'; readonly reason: string; readonly result?: LoadResult }
  | { readonly kind: 'left out'; readonly reason: string }

/** @param signal ends the cell early; it throws then */
export async function measure(
  row: Row,
  connections: number,
  parameters: Parameters,
  signal: AbortSignal,
): Promise<Outcome> {
  const reason = row.cannot(connections + parameters.idle, parameters.protocol)
  if (reason) return { kind: 'left out', reason }
  try {
    await using server = await row.start(parameters.protocol)
    return await load(server, connections, parameters, signal)
  } catch (error) {
    signal.throwIfAborted()
    return { kind: 'failed', reason: error instanceof Error ? error.message : String(error) }
  }
}

async function load(
  server: RunningServer,
  connections: number,
  parameters: Parameters,
  signal: AbortSignal,
): Promise<Outcome> {
  const { code, stdout, stderr } = await runLoad(command(server, connections, parameters), signal)
  const result: LoadResult | undefined = stdout ? JSON.parse(stdout) : undefined
  if (code === 0 && result) return { kind: 'measured', result }
  const said = stderr.trim().split('\n').at(-1) || `the load generator exited with ${code}`
  return { kind: 'failed', reason: said, ...(result && { result }) }
}

/** What loads the server: the program and its arguments. */
function command(
  { address: { address, port }, pid }: RunningServer,
  connections: number,
  parameters: Parameters,
): string[] {
  const { protocol, duration, warmup } = parameters
  if (protocol === 'http') {
    return [
      'bench/http-load.ts',
      address,
      ...[port, connections, duration, warmup, pid].map(String),
    ]
  }
  const flags = {
    '--host': address,
    '--port': port,
    '--protocol': protocol,
    '--connections': connections,
    '--idle': parameters.idle,
    '--size': parameters.size,
    '--duration': duration,
    '--warmup': warmup,
    '--pid': pid,
  }
  const args = Object.entries(flags).flatMap(([flag, value]) => [flag, String(value)])
  return ['clients/main.ts', 'load', '--json', ...args]
}

async function runLoad(
  args: readonly string[],
  signal: AbortSignal,
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, ['--import', 'tsx', ...args], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    signal,
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text
  })
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  })
  return { code, stdout, stderr }
}

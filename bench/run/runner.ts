/** Measures a server under one load: a new load generator, and one result. */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { OwnServer } from '../../clients/check/subject.ts'
import { pinnedTo } from '../../clients/launcher.ts'
import { hasFailed, type LoadResult } from '../../clients/load/result.ts'
import { commandOf } from '../../servers/boot/build.mjs'
import { ROOT } from '../../servers/boot/root.mjs'
import type { Outcome, Parameters } from '../document/document.ts'
import type { Load } from '../workloads.ts'
import type { Row } from './rows.ts'

/** Starts the server of a row, on the cores that servers are held to. */
export function startServer(row: Row, load: Load, { pinned }: Parameters): Promise<OwnServer> {
  const cores = row.isParallel ? pinned?.parallelServers : pinned && [pinned.server]
  return row.start(load, cores ?? undefined)
}

/** @param signal ends the measurement early: then `measure` throws */
export async function measure(
  server: OwnServer,
  load: Load,
  parameters: Parameters,
  signal: AbortSignal,
): Promise<Outcome> {
  const { pinned } = parameters
  const command = commandFor(server, load, parameters)
  const outcome = await runGenerator(
    pinnedTo(pinned ? [pinned.client] : undefined, command),
    signal,
  )
  const reason = await whyItEnded(server)
  return reason ? { ...outcome, kind: 'failed', reason } : outcome
}

/** Why the server has ended; undefined if it still runs. */
async function whyItEnded({ exited }: OwnServer): Promise<string | undefined> {
  const end = await Promise.race([exited, undefined])
  if (!end) return undefined
  return `the server ended in the middle: ${end.signal ?? `exit ${end.code}`} ${end.stderr}`.trim()
}

/** The program that loads the server, and its arguments. */
function commandFor(server: OwnServer, load: Load, parameters: Parameters): readonly string[] {
  const { address, port } = server.address
  const { warmup, systemCalls } = parameters
  const duration = load.seconds ?? parameters.duration
  if (load.protocol === 'http') {
    const figures = [port, load.connections, duration, warmup, server.pid]
    return [...commandOf('bench/run/http-load.ts'), address, ...figures.map(String)]
  }
  const { connections, idle, deaf, burn, size, depth, pause, rate } = load
  const protocol = load.protocol === 'burn' ? 'line' : load.protocol
  const figures = { port, protocol, connections, idle, deaf, burn, size, depth, pause, rate }
  const flags = { host: address, ...figures, duration, warmup, pid: server.pid }
  const args = Object.entries(flags).flatMap(([flag, value]) => [`--${flag}`, String(value)])
  const churn = load.churn ? ['--churn'] : []
  const count = systemCalls ? ['--count-system-calls'] : []
  return [...commandOf('clients/main.ts'), 'load', '--json', ...args, ...churn, ...count]
}

async function runGenerator(command: readonly string[], signal: AbortSignal): Promise<Outcome> {
  const { end, stdout, stderr } = await run(command, signal)
  const result: LoadResult | undefined = stdout ? JSON.parse(stdout) : undefined
  if (end === 0 && result) return { kind: 'measured', result }
  // An open loop that hasn't achieved its rate exits with 1, too: its figures are true, and say so.
  if (end === 1 && result?.asked && !hasFailed(result)) return { kind: 'measured', result }
  const killed = typeof end === 'string' ? `the load generator was killed: ${end}` : undefined
  const last = stderr.trim().split('\n').at(-1) || `the load generator exited with ${end}`
  const said = killed ?? last.replace(/^error: /, '')
  return { kind: 'failed', reason: said, ...(result && { result }) }
}

async function run(
  [program = '', ...args]: readonly string[],
  signal: AbortSignal,
): Promise<{ end: number | string | null; stdout: string; stderr: string }> {
  const child = spawn(program, args, {
    cwd: fileURLToPath(ROOT),
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
  const end = await new Promise<number | string | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, killer) => resolve(code ?? killer))
  })
  return { end, stdout, stderr }
}

/** Runs a command of the benchmark as its user would, for the tests of what it prints. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { commandOf } from '../../servers/boot/build.mjs'

export interface Run {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

interface RunOptions {
  readonly env?: NodeJS.ProcessEnv
  /** Is called with all of stderr so far, and may kill the process. */
  readonly watch?: (stderr: string, kill: (signal: NodeJS.Signals) => void) => void
  /** A file that its stdout goes to, in place of this process. */
  readonly stdoutTo?: string
}

/** @param file the program, such as `bench/report.ts` */
export async function runProgram(
  file: string,
  args: readonly string[],
  { env = process.env, watch = () => {}, stdoutTo }: RunOptions = {},
): Promise<Run> {
  const redirected = stdoutTo ? ['sh', '-c', `exec "$0" "$@" > '${stdoutTo}'`] : []
  const [program = '', ...all] = [...redirected, ...commandOf(file), ...args]
  const child = spawn(program, all, { env })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text
    watch(stderr, (signal) => child.kill(signal))
  })
  const [code] = await once(child, 'close')
  return { code, stdout, stderr }
}

/** The same behind a pipe whose reader is gone: `| head`, when it has seen enough. */
export async function runUnread(
  file: string,
  args: readonly string[],
): Promise<Omit<Run, 'stdout'>> {
  const [node = '', ...program] = commandOf(file)
  const child = spawn(node, [...program, ...args])
  child.stdout.destroy()
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text
  })
  const [code] = await once(child, 'close')
  return { code, stderr }
}

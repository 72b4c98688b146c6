/** Starts an application with the command of its user, and ends it. */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { type Exit, launchProgram, type RunningServer, watchExit } from '../../clients/launcher.ts'
import { commandOf } from '../../servers/boot/build.mjs'
import { ROOT } from '../../servers/boot/root.mjs'

const COMMAND = commandOf('servers/applications/main.ts')

/** A server on a free port, ready for clients. `await using` ends it at the end of the block. */
export function launchApp(name: string, flags: readonly string[] = []): Promise<RunningServer> {
  return launchProgram([...COMMAND, name, '--port', '0', ...flags])
}

/** The URL of a path on a server. */
export function urlOf({ address }: RunningServer, path = '/'): string {
  return new URL(path, `http://${address.address}:${address.port}`).href
}

/** Runs `app` with these words to its end, and says what it wrote. */
export async function runApp(...words: readonly string[]): Promise<Exit & { stdout: string }> {
  const [program = '', ...args] = [...COMMAND, ...words]
  const child = spawn(program, args, {
    cwd: fileURLToPath(ROOT),
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 20_000,
    killSignal: 'SIGKILL',
  })
  const lines: string[] = []
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line))
  const exit = await watchExit(child)
  return { ...exit, stdout: lines.join('\n') }
}

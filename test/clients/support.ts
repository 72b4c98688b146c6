/**
 * What the tests of the clients need: servers that are right or wrong in one way, and the commands
 * as processes.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import type { Protocol } from '../../clients/due-reply.ts'
import { commandOf } from '../../servers/boot/build.mjs'
import { ROOT } from '../../servers/boot/root.mjs'

export class TestServer implements AsyncDisposable {
  readonly port: number
  readonly #close: () => Promise<unknown>

  constructor(port: number, close: () => Promise<unknown>) {
    this.port = port
    this.#close = close
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close()
  }
}

export async function startServer(
  serve: (socket: Socket) => void,
  host = '127.0.0.1',
): Promise<TestServer> {
  const sockets = new Set<Socket>()
  const server = createServer({ noDelay: true, allowHalfOpen: true }, (socket) => {
    sockets.add(socket.on('close', () => sockets.delete(socket)).on('error', () => {}))
    serve(socket)
  })
  server.listen(0, host)
  await once(server, 'listening')
  return new TestServer((server.address() as AddressInfo).port, async () => {
    const closed = once(server, 'close')
    server.close()
    for (const socket of sockets) socket.destroy()
    await closed
  })
}

/** A port at which nobody listens. */
export async function refusedPort(): Promise<number> {
  const server = await startServer(() => {})
  await server[Symbol.asyncDispose]()
  return server.port
}

/**
 * What a test server does with the right reply; `n` counts its replies on all connections from 1.
 */
export type Answer = (socket: Socket, reply: string, n: number) => void

const rightly: Answer = (socket, reply) => socket.write(reply, 'latin1')

/** A handler that works out the right replies and answers with them, or does something else. */
export function echo(protocol: Protocol, answer: Answer = rightly): (socket: Socket) => void {
  let n = 0
  return (socket) => {
    let previous = ''
    let partial = ''
    const reply = (text: string) => answer(socket, text, ++n)
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      if (protocol === 'raw') return reply(chunk)
      const lines = `${partial}${chunk}`.split('\n')
      partial = lines.pop()!
      for (const line of lines) {
        reply(protocol === 'previous' ? `${previous}${line}\n` : `${line}\n`)
        previous = `${line}\n`
      }
    })
    socket.on('end', () => socket.end())
  }
}

export interface Finished {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A client command as a process that runs. */
export class Running {
  readonly child: ChildProcessWithoutNullStreams
  stdout = ''
  stderr = ''

  /** @param descriptors the most that the process may have: `ulimit -n`, not on Windows */
  constructor(args: readonly string[], descriptors?: number) {
    const limit = descriptors ? ['sh', '-c', `ulimit -n ${descriptors}; exec "$0" "$@"`] : []
    const [program = '', ...all] = [...limit, ...commandOf('clients/main.ts'), ...args]
    this.child = spawn(program, all, { cwd: fileURLToPath(ROOT), stdio: 'pipe' })
    this.child.stdout.setEncoding('utf8').on('data', (text) => {
      this.stdout += text
    })
    this.child.stderr.setEncoding('utf8').on('data', (text) => {
      this.stderr += text
    })
    this.child.stdin.on('error', () => {})
  }

  /** Resolves once `text` has come on stderr or stdout. Rejects if the process ends before. */
  async says(text: string): Promise<void> {
    const ended = once(this.child, 'close')
    while (!this.stderr.includes(text) && !this.stdout.includes(text)) {
      const more = [once(this.child.stderr, 'data'), once(this.child.stdout, 'data')]
      const first = await Promise.race([...more, ended.then(() => 'ended')])
      if (first === 'ended') throw new Error(`it ended without “${text}”: ${this.stderr}`)
    }
  }

  /** The exit code, once it has ended. */
  async end(): Promise<number | null> {
    const { child } = this
    if (child.exitCode === null && child.signalCode === null) await once(child, 'close')
    return child.exitCode
  }
}

/** Runs a client command to its end. */
export async function runClient(
  args: readonly (string | number)[],
  input = '',
  descriptors?: number,
): Promise<Finished> {
  const running = new Running(args.map(String), descriptors)
  running.child.stdin.end(input)
  await once(running.child, 'close')
  return { code: running.child.exitCode, stdout: running.stdout, stderr: running.stderr }
}

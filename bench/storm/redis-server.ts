/** A Redis of one's own: on a free port, in a folder of its own, and gone afterwards. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { createInterface } from 'node:readline'

/** Each write is in the file, and the file on the disk, before it is acknowledged. */
const SAFE = ['--appendonly', 'yes', '--appendfsync', 'always', '--save', '']

/** Another program may take the port between the question for one and the start. */
const ATTEMPTS = 5

/** Whether this machine has the program. */
export function hasRedis(): boolean {
  const folders = (process.env.PATH ?? '').split(delimiter)
  return folders.some((folder) => existsSync(join(folder, 'redis-server')))
}

export class RedisServer {
  readonly #folder: string
  #port = 0
  #child: ChildProcess | undefined

  /** A program that is interrupted must leave nothing behind. */
  readonly #atExit = () => {
    this.#child?.kill('SIGKILL')
    rmSync(this.#folder, { recursive: true, force: true })
  }

  private constructor(folder: string) {
    this.#folder = folder
    process.on('exit', this.#atExit)
  }

  /** Resolves when it can be used. */
  static async start(): Promise<RedisServer> {
    const redis = new RedisServer(await mkdtemp(join(tmpdir(), 'echo-redis-')))
    for (let left = ATTEMPTS; left > 0; left--) {
      redis.#port = await freePort()
      if (await redis.resume()) return redis
    }
    await redis.stop()
    throw new Error(`redis-server did not start in ${ATTEMPTS} attempts`)
  }

  get url(): string {
    return `redis://127.0.0.1:${this.#port}`
  }

  get pid(): number {
    return this.#child!.pid!
  }

  /** Ends it as a power cut would, but for what the kernel has still to write to the disk. */
  async kill(): Promise<void> {
    const child = this.#child
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }

  /** Starts it again with what it had. False if it has ended before it could be used. */
  async resume(): Promise<boolean> {
    const place = ['--port', String(this.#port), '--bind', '127.0.0.1', '--dir', this.#folder]
    const child = spawn('redis-server', [...place, ...SAFE], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    this.#child = child
    for await (const line of createInterface(child.stdout!)) {
      if (!line.includes('Ready to accept connections')) continue
      child.stdout!.resume()
      return true
    }
    return false
  }

  /** Ends it, and removes its folder. */
  async stop(): Promise<void> {
    await this.kill()
    process.off('exit', this.#atExit)
    this.#atExit()
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

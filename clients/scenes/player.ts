/** Plays a scene against a server that records a trace, and notes what each client does and hears. */
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Model, type Wait, waitFlags } from '../../servers/models.ts'
import type { Address } from '../../servers/posix/api.ts'
import { now, type TraceEvent } from '../../servers/trace/events.ts'
import { launch, type RunningServer } from '../launcher.ts'
import { PATIENCE, type Scene, type Step } from './scenes.ts'

export type ClientEventName =
  | 'connects'
  | 'says'
  | 'hears'
  | 'sends FIN'
  | 'hears FIN'
  | 'leaves'
  | 'is cut off'

export interface ClientEvent {
  readonly name: ClientEventName
  /** Microseconds, on the clock of the trace. */
  readonly at: number
  /** Bytes said or heard. */
  readonly bytes: number
}

/** What one client has noticed. */
export interface PlayedClient {
  readonly name: string
  /** By which the trace knows it. */
  readonly port: number
  readonly events: readonly ClientEvent[]
}

/** What a scene was, seen from both sides. */
export interface Played {
  readonly clients: readonly PlayedClient[]
  readonly trace: readonly TraceEvent[]
}

/** Rejects with a LaunchError if the server does not start. */
export async function play(scene: Scene, model: Model, wait: Wait): Promise<Played> {
  const folder = await mkdtemp(join(tmpdir(), 'echo-scene-'))
  const trace = join(folder, 'trace.json')
  try {
    const flags = ['--protocol', scene.protocol, '--trace', trace, ...scene.flags]
    await using server = await launch(model.id, [...waitFlags(wait), ...flags])
    const cast = new Map(scene.clients.map((name) => [name, new Actor(name, server.address)]))
    for (const step of scene.steps) await take(step, cast, server)
    // A second signal would cut its closing short.
    const isStopped = scene.steps.some(({ does }) => does === 'stop the server')
    const { code, stderr } = await (isStopped ? server.exited : server.stop())
    if (code !== 0) throw new Error(`${model.id} has failed in the scene ${scene.id}: ${stderr}`)
    const clients = [...cast.values()].map(({ name, port, events }) => ({ name, port, events }))
    return { clients, trace: JSON.parse(await readFile(trace, 'utf8')) }
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function take(step: Step, cast: Map<string, Actor>, server: RunningServer): Promise<void> {
  if (step.does === 'pause') return sleep(step.milliseconds)
  if (step.does === 'stop the server') return server.signal('SIGTERM')
  const actor = cast.get(step.who)!
  if (step.does === 'connects') await actor.connect()
  else if (step.does === 'says') actor.say(Buffer.from(step.text))
  else if (step.does === 'floods') actor.flood(step.bytes)
  else if (step.does === 'sends FIN') actor.end()
  else if (step.does === 'leaves') await actor.leave()
  else if (step.does === 'hears') await actor.hear(step.fin ?? false, step.patience ?? PATIENCE)
}

/** One client. What comes is noted when it comes, whether the scene waits for it or not. */
class Actor {
  readonly name: string
  readonly events: ClientEvent[] = []
  port = 0
  readonly #server: Address
  #socket!: Socket
  /** Bytes said whose reply has not come. */
  #owed = 0
  #isEnded = false
  #wake = () => {}

  constructor(name: string, server: Address) {
    this.name = name
    this.#server = server
  }

  async connect(): Promise<void> {
    const { address: host, port } = this.#server
    this.#note('connects')
    this.#socket = connect({ host, port, allowHalfOpen: true, noDelay: true })
    await once(this.#socket, 'connect')
    this.port = this.#socket.localPort!
    this.#socket.on('data', (chunk) => this.#heard(chunk.length))
    this.#socket.on('end', () => this.#over('hears FIN'))
    this.#socket.on('error', () => this.#over('is cut off'))
  }

  say(bytes: Uint8Array): void {
    this.#owed += bytes.length
    this.#note('says', bytes.length)
    this.#socket.write(bytes)
  }

  flood(bytes: number): void {
    this.#socket.pause()
    this.say(Buffer.alloc(bytes, 'flood\n'))
  }

  end(): void {
    this.#note('sends FIN')
    this.#socket.end()
  }

  async leave(): Promise<void> {
    this.#note('leaves')
    if (this.#socket.closed) return
    this.#socket.destroy()
    await once(this.#socket, 'close')
  }

  /** Waits for all that it is owed, or for the FIN; for `patience` milliseconds at most. */
  async hear(fin: boolean, patience: number): Promise<void> {
    this.#socket.resume()
    const isOver = () => this.#isEnded || (!fin && this.#owed <= 0)
    const deadline = performance.now() + patience
    while (!isOver() && performance.now() < deadline) {
      const news = new Promise<void>((resolve) => {
        this.#wake = resolve
      })
      const abort = new AbortController()
      const late = sleep(deadline - performance.now(), undefined, { signal: abort.signal })
      await Promise.race([news, late.catch(() => {})])
      abort.abort()
    }
  }

  #heard(bytes: number): void {
    this.#owed -= bytes
    this.#note('hears', bytes)
  }

  #over(name: 'hears FIN' | 'is cut off'): void {
    this.#isEnded = true
    this.#note(name)
  }

  #note(name: ClientEventName, bytes = 0): void {
    this.events.push({ name, at: now(), bytes })
    this.#wake()
  }
}

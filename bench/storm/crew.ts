/** The servers of a chat, as processes of their own, and what a storm does to them. */
import { setTimeout as sleep } from 'node:timers/promises'
import { launchProgram, type RunningServer } from '../../clients/launcher.ts'
import { cpuSeconds } from '../../clients/process-stats.ts'
import { commandOf } from '../../servers/boot/build.mjs'
import type { Random } from './random.ts'

/** Milliseconds until the next server is killed, and for which it is away. */
const CALM = [1000, 4000] as const
const AWAY = [200, 1500] as const

/** One in so many is asked to end, as by an operator; the others are killed. */
const POLITE = 4

export class Crew {
  readonly #bus: string
  readonly #servers: RunningServer[] = []
  readonly addresses: string[] = []
  /** How many servers have been killed, or asked to end. */
  kills = 0
  /** CPU time of the servers that have ended, in seconds. */
  #spent = 0

  private constructor(bus: string) {
    this.#bus = bus
  }

  /** @param bus the value of `--bus` */
  static async start(count: number, bus: string): Promise<Crew> {
    const crew = new Crew(bus)
    for (let i = 0; i < count; i++) {
      const server = await crew.#launch(0)
      crew.#servers.push(server)
      crew.addresses.push(`127.0.0.1:${server.address.port}`)
    }
    return crew
  }

  /** CPU time of all servers, in seconds. */
  get cpu(): number {
    return this.#servers.reduce((total, { pid }) => total + (cpuSeconds(pid) ?? 0), this.#spent)
  }

  /** Ends one server after the other, and starts it again on its port, until the storm is over. */
  async storm(random: Random, over: AbortSignal): Promise<void> {
    while (!over.aborted) {
      await pause(random.between(...CALM), over)
      if (over.aborted) return
      await this.#replace(random, over)
    }
  }

  async #replace(random: Random, over: AbortSignal): Promise<void> {
    const index = Math.floor(random.next() * this.#servers.length)
    const server = this.#servers[index]!
    this.#spent += cpuSeconds(server.pid) ?? 0
    this.kills++
    const isPolite = random.next() < 1 / POLITE
    await (isPolite ? server.stop() : server.kill())
    await pause(random.between(...AWAY), over)
    this.#servers[index] = await this.#launch(server.address.port)
  }

  async stop(): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.kill()))
  }

  #launch(port: number): Promise<RunningServer> {
    const flags = ['--port', String(port), '--bus', this.#bus, '--grace', '1']
    return launchProgram([...commandOf('servers/applications/main.ts'), 'chat', ...flags])
  }
}

/** Waits, or until the storm is over. */
async function pause(milliseconds: number, over: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal: over }).catch(() => {})
}

/** Clients of a server whose workers say who they are: each reply begins with words, one of them a pid. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { OwnServer, Server } from '../../../../clients/check/subject.ts'
import type { Trial } from '../../../../clients/check/trial.ts'
import { Broken } from '../../../../clients/check/verdict.ts'
import { processTree } from '../../../../clients/process-stats.ts'
import { ClientSession } from '../../../../clients/session.ts'

/** Milliseconds. */
const PATIENCE = 3000
/** A worker is a process, which takes its time to start on a busy machine. */
const START = 5000
const TICK = 25

export class Talker implements Disposable {
  readonly #session: ClientSession
  readonly #name: string
  readonly #trial: Trial

  constructor(session: ClientSession, name: string, trial: Trial) {
    this.#session = session
    this.#name = name
    this.#trial = trial
  }

  /** Sends lines, all in one packet. */
  async send(...lines: string[]): Promise<void> {
    const text = JSON.stringify(lines.join(' '))
    const many = lines.length === 1 ? `a line of ${text.length} bytes` : `${lines.length} lines`
    this.#trial.note(`${this.#name} sends ${text.length < 30 ? text : many}`)
    await within(this.#session.send(`${lines.join('\n')}\n`), 'the line to be taken')
  }

  /** The next reply, in words. */
  async hear(): Promise<string[]> {
    let line = ''
    for (let byte = ''; byte !== '\n'; line += byte) {
      const got = await within(this.#session.receive(1), 'a reply')
      byte = got.toString('latin1')
    }
    this.#trial.note(`${this.#name} hears ${JSON.stringify(line.trimEnd())}`)
    return line.trimEnd().split(' ')
  }

  async say(text: string): Promise<string[]> {
    await this.send(text)
    return this.hear()
  }

  /** Exactly so many bytes of a reply. */
  receive(count: number): Promise<Buffer> {
    return within(this.#session.receive(count), 'a reply')
  }

  /** Expects the FIN next, and answers it. */
  async meetsTheEnd(): Promise<void> {
    const bytes = await within(this.#session.receiveAll(), 'the FIN')
    if (bytes.length > 0) throw new Broken('the FIN', `${bytes.length} bytes before it`)
    this.#trial.note(`${this.#name} gets the FIN`)
    this.#session.end()
  }

  end(): void {
    this.#trial.note(`${this.#name} sends its FIN`)
    this.#session.end()
  }

  [Symbol.dispose](): void {
    this.#session[Symbol.dispose]()
  }
}

/** The clients of one case. */
export class Talkers implements Disposable {
  readonly #trial: Trial
  readonly #server: Server
  readonly #all: Talker[] = []

  constructor(trial: Trial, server: Server) {
    this.#trial = trial
    this.#server = server
  }

  async connect(): Promise<Talker> {
    const late = AbortSignal.timeout(PATIENCE)
    const session = await within(ClientSession.connect(this.#server.address, late), 'a connection')
    const talker = new Talker(session, `client ${this.#all.length + 1}`, this.#trial)
    this.#all.push(talker)
    return talker
  }

  /**
   * Connects until clients of two different workers have been answered.
   *
   * @param workerOf asks a new client's worker for its pid
   */
  async ofTwoWorkers(
    workerOf: (talker: Talker) => Promise<string> = pidOf,
  ): Promise<[Talker, Talker]> {
    const end = performance.now() + START
    const known = new Map<string, Talker>()
    while (known.size < 2) {
      const talker = await this.connect()
      const worker = await workerOf(talker)
      // A further client of a known worker leaves again: nobody would look after it.
      if (known.has(worker)) talker[Symbol.dispose]()
      else known.set(worker, talker)
      const got = `replies from ${worker} alone`
      this.#trial.check(performance.now() < end, 'replies from two workers', got)
      // The second one may not listen yet.
      if (known.size < 2) await sleep(TICK)
    }
    return [...known.values()] as [Talker, Talker]
  }

  [Symbol.dispose](): void {
    for (const talker of this.#all) talker[Symbol.dispose]()
  }
}

/** Of a server that replies with the pid, and the line. */
async function pidOf(talker: Talker): Promise<string> {
  const [worker = '', ...words] = await talker.say('hello')
  const isRight = /^\d+$/.test(worker) && words.join(' ') === 'hello'
  if (!isRight) throw new Broken('PID hello', [worker, ...words].join(' '))
  return worker
}

/** The workers that run at this moment. */
export function workersOf({ pid }: OwnServer): number[] {
  return processTree(pid).slice(1)
}

/** Whether nobody listens there. */
export async function refuses({ address }: Server): Promise<boolean> {
  const socket = connect({ host: address.address, port: address.port })
  try {
    await once(socket, 'connect')
    return false
  } catch {
    return true
  } finally {
    socket.destroy()
  }
}

async function within<Value>(work: Promise<Value>, expected: string): Promise<Value> {
  const late = new AbortController()
  const stalled = sleep(PATIENCE, undefined, { signal: late.signal }).then(() => {
    throw new Broken(expected, `nothing for ${PATIENCE / 1000} s`)
  })
  stalled.catch(() => {})
  work.catch(() => {})
  try {
    return await Promise.race([work, stalled])
  } catch (error) {
    if (error instanceof Broken) throw error
    throw new Broken(expected, error instanceof Error ? error.message : String(error))
  } finally {
    late.abort()
  }
}

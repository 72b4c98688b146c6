/**
 * `serve --trace`: one file for all threads and processes of a server. The first thread makes it and
 * ends it; each thread that serves clients appends what it has recorded.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dressSessions } from '../protocol/conversation.ts'
import type { TraceSettings } from '../server.ts'
import { Report } from '../support/report.ts'
import { around } from './around.ts'
import { placeOf } from './call-site.ts'
import { Clients } from './clients.ts'
import { now, type TraceEvent } from './events.ts'
import { traceLoop } from './node.ts'
import { Calls } from './posix.ts'
import { ownLane, Recorder, STACK } from './recorder.ts'

/** What has been written, and what has not. */
export interface TraceSummary {
  readonly events: number
  readonly leftOut: number
}

/**
 * Makes the file, in place of one that is there. Throws Node's error if it can't be written.
 *
 * @param about what the trace shows, such as the model's name
 */
export function beginTrace(file: string, about: Record<string, unknown>): void {
  const event: TraceEvent = { name: 'trace', ph: 'i', s: 't', ts: now(), ...ownLane(), args: about }
  writeFileSync(file, `[\n${JSON.stringify(event)},\n`)
}

/**
 * Completes the file. Until then it lacks its `]`, which most of its readers don't mind. A thread that
 * still runs can't spoil it: what that appends goes to the file which this one has taken the place of.
 */
export function endTrace(file: string): TraceSummary {
  const text = readFileSync(file, 'utf8')
  // A disk that was full has cut the last line.
  const whole = text.slice(0, text.lastIndexOf('\n') + 1)
  const event: TraceEvent = { name: 'end', ph: 'i', s: 't', ts: now(), ...ownLane() }
  const events = withPlaces(JSON.parse(`${whole}${JSON.stringify(event)}\n]`))
  const lines = events.map((each) => JSON.stringify(each))
  writeFileSync(`${file}.part`, `[\n${lines.join(',\n')}\n]\n`)
  renameSync(`${file}.part`, file)
  const missing = events.map(({ args }) => Number(args?.leftOut ?? 0))
  return { events: events.length, leftOut: missing.reduce((sum, count) => sum + count, 0) }
}

/** The events with the lines of the source that they come from, instead of the numbers of stacks. */
function withPlaces(events: readonly TraceEvent[]): TraceEvent[] {
  const keyOf = ({ pid, tid }: TraceEvent, id: unknown) => `${pid}/${tid}/${id}`
  const stacks = events.filter(({ name, ph }) => name === STACK && ph === 'M')
  const places = new Map(
    stacks.map((event) => [keyOf(event, event.args?.id), placeOf(String(event.args?.name))]),
  )
  return events
    .filter((event) => !stacks.includes(event))
    .map((event) => {
      if (event.args?.at === undefined) return event
      return { ...event, args: { ...event.args, at: places.get(keyOf(event, event.args.at)) } }
    })
}

/** What one thread records: its own lane, the lanes of its clients, and its calls. */
export interface Recording {
  readonly recorder: Recorder
  readonly clients: Clients
  readonly calls: Calls
}

/**
 * From now on, what this thread does is recorded: its sessions, its report of clients, and its waits
 * for other threads and in its event loop. Its calls are recorded by `withTrace`, its sockets of
 * Node's by `traceSockets`.
 *
 * @param thread the name of its lane @param process the name of its process
 */
export function record(settings: TraceSettings, thread: string, process = 'server'): Recording {
  const recorder = new Recorder(settings)
  const clients = new Clients(recorder)
  recorder.name(recorder.lane, thread, process)
  dressSessions((session) => clients.dress(session))
  around(Report.prototype, 'connected', (connected, [peer]) => {
    clients.connected(peer)
    connected(peer)
  })
  around(Report.prototype, 'disconnected', (disconnected, [peer, error]) => {
    clients.disconnected(peer)
    disconnected(peer, error)
  })
  traceAtomics(recorder)
  traceLoop(recorder)
  globalThis.process.once('exit', () => recorder.close())
  return { recorder, clients, calls: new Calls(recorder, clients) }
}

/** A thread that waits for another one: `Atomics.wait` is what the semaphores here are made of. */
function traceAtomics(recorder: Recorder): void {
  const atomics = Atomics as unknown as { wait(...args: unknown[]): string }
  around(atomics, 'wait', (wait, args) => {
    recorder.begin('Atomics.wait', 'wait')
    recorder.flush()
    const result = wait(...args)
    recorder.end({ result })
    return result
  })
}

/** Where one thread of a server keeps what happens in it, until it has time to write it down. */
import { openSync, writeSync } from 'node:fs'
import { threadId } from 'node:worker_threads'
import type { TraceSettings } from '../server.ts'
import { reasonOf } from '../support/error-code.ts'
import { writeLine } from '../support/report.ts'
import { noteStack } from './call-site.ts'
import { type Category, type Details, type Lane, now, type TraceEvent } from './events.ts'

/** The lane of the thread that calls this. Linux, too, gives a process's first thread its number. */
export function ownLane(): Lane {
  return { pid: process.pid, tid: process.pid + threadId }
}

/** The name of the events that say what a number of a stack stands for. */
export const STACK = 'stack'

/**
 * Events are written in whole lines, and only before the thread waits: then nobody waits for the
 * writing, and a thread that never returns from its wait has left nothing unwritten.
 */
export class Recorder {
  readonly lane = ownLane()
  readonly #file: number
  readonly #limit: number
  readonly #lines: string[] = []
  /** The stacks that were met, each with its number. */
  readonly #stacks = new Map<string, number>()
  /** How many spans are open on each lane that has any. */
  readonly #open = new Map<string, { lane: Lane; depth: number }>()
  #count = 0
  #leftOut = 0
  #isLost = false
  #isClosed = false

  constructor({ file, events }: TraceSettings) {
    this.#file = openSync(file, 'a')
    this.#limit = events
  }

  /** Names a lane, and the process that it is in. */
  name(lane: Lane, thread: string, process?: string): void {
    const named = (name: string, value: string) =>
      this.#keep({ name, ph: 'M', ts: 0, ...lane, args: { name: value } })
    if (process !== undefined) named('process_name', process)
    named('thread_name', thread)
  }

  /** The number of the stack that has led here, for the details of an event. */
  stack(): number {
    const frames = noteStack()
    const known = this.#stacks.get(frames)
    if (known !== undefined) return known
    const id = this.#stacks.size
    this.#stacks.set(frames, id)
    this.#keep({ name: STACK, ph: 'M', ts: 0, ...this.lane, args: { name: frames, id } })
    return id
  }

  /** A span begins. It ends with the next `end` on this lane. */
  begin(name: string, cat: Category, args?: Details, lane: Lane = this.lane, ts = now()): void {
    if (!this.#hasRoom()) return
    const entry = this.#open.get(keyOf(lane)) ?? { lane, depth: 0 }
    entry.depth += 1
    this.#open.set(keyOf(lane), entry)
    this.#keep({ name, cat, ph: 'B', ts, ...lane, ...(args && { args }) })
  }

  end(args?: Details, lane: Lane = this.lane, ts = now()): void {
    const entry = this.#open.get(keyOf(lane))
    // Its beginning was left out.
    if (!entry) return
    entry.depth -= 1
    if (entry.depth === 0) this.#open.delete(keyOf(lane))
    this.#keep({ name: '', ph: 'E', ts, ...lane, ...(args && { args }) })
  }

  /** A span that is over. */
  span(name: string, cat: Category, from: number, args?: Details, to = now()): void {
    if (!this.#hasRoom()) return
    const times = { ts: from, dur: to - from }
    this.#keep({ name, cat, ph: 'X', ...times, ...this.lane, ...(args && { args }) })
  }

  instant(name: string, cat: Category, args?: Details, lane: Lane = this.lane): void {
    if (!this.#hasRoom()) return
    this.#keep({ name, cat, ph: 'i', s: 't', ts: now(), ...lane, ...(args && { args }) })
  }

  /** Writes what has been recorded. A trace that can't be written must not stop the server. */
  flush(): void {
    if (this.#lines.length === 0) return
    const text = this.#lines.join('')
    this.#lines.length = 0
    if (this.#isLost || this.#isClosed) return
    try {
      writeSync(this.#file, text)
    } catch (error) {
      this.#isLost = true
      writeLine(`trace: no more can be written: ${reasonOf(error)}`)
    }
  }

  /** The thread ends: so do the spans that are open, and it is said how many events are left out. */
  close(): void {
    if (this.#isClosed) return
    this.#endAll()
    if (this.#leftOut > 0) this.#keep(leftOut(this.lane, this.#leftOut))
    this.flush()
    this.#isClosed = true
  }

  /** With the limit reached, no span goes on: its end will not be seen. */
  #hasRoom(): boolean {
    this.#count += 1
    if (this.#count <= this.#limit) return true
    if (this.#leftOut === 0) this.#endAll()
    this.#leftOut += 1
    return false
  }

  #endAll(): void {
    for (const { lane, depth } of [...this.#open.values()]) {
      for (let i = 0; i < depth; i++) this.end(undefined, lane)
    }
  }

  #keep(event: TraceEvent): void {
    this.#lines.push(`${JSON.stringify(event)},\n`)
    // A thread that never waits must not fill its memory.
    if (this.#lines.length >= 1000) this.flush()
  }
}

function keyOf({ pid, tid }: Lane): string {
  return `${pid}/${tid}`
}

/** How many events are missing, at the place in the trace from which on they are. */
function leftOut(lane: Lane, count: number): TraceEvent {
  return { name: 'left out', ph: 'i', s: 't', ts: now(), ...lane, args: { leftOut: count } }
}

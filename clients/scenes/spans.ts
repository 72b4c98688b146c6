/** From the events of a trace to spans: pairs of `B` and `E` are brought together. */
import type { Details, Lane, TraceEvent } from '../../servers/trace/events.ts'

/** One span of a trace, or an instant, in microseconds. */
export interface TraceSpan {
  readonly name: string
  readonly cat: TraceEvent['cat']
  readonly from: number
  readonly to: number
  readonly args: Details
}

/** The spans and instants of a lane, in the order of their beginnings. */
export function spansOf(trace: readonly TraceEvent[], { pid, tid }: Lane): TraceSpan[] {
  const open: TraceEvent[] = []
  const found: TraceSpan[] = []
  for (const event of trace) {
    if (event.pid !== pid || event.tid !== tid) continue
    const { ph, ts, dur = 0, name, cat, args = {} } = event
    if (ph === 'B') open.push(event)
    if (ph === 'X' || ph === 'i') found.push({ name, cat, from: ts, to: ts + dur, args })
    const begun = ph === 'E' ? open.pop() : undefined
    if (begun) {
      const both = { ...begun.args, ...args }
      found.push({ name: begun.name, cat: begun.cat, from: begun.ts, to: ts, args: both })
    }
  }
  const last = trace.at(-1)?.ts ?? 0
  for (const { name, cat, ts, args = {} } of open) {
    found.push({ name, cat, from: ts, to: last, args })
  }
  return found.sort((a, b) => a.from - b.from)
}

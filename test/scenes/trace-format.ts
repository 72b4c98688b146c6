/** What is wrong with a trace, by the Trace Event Format: a sentence for each fault. */
import type { TraceEvent } from '../../servers/trace/events.ts'

const PHASES = ['B', 'E', 'X', 'i', 'M']

export function faultsOf(trace: unknown): string[] {
  if (!Array.isArray(trace)) return ['it is no array']
  const events = trace as TraceEvent[]
  return [...events.flatMap(faultsOfEvent), ...faultsOfSpans(events), ...unnamed(events)]
}

function faultsOfEvent(event: TraceEvent, i: number): string[] {
  const { name, ph, ts, pid, tid, dur, s, args } = event
  const fault = (text: string) => `event ${i}, ${JSON.stringify(event)}: ${text}`
  return [
    ...(typeof name === 'string' ? [] : [fault('no name')]),
    ...(PHASES.includes(ph) ? [] : [fault('an unknown phase')]),
    ...([ts, pid, tid].every(Number.isFinite) ? [] : [fault('a time or a lane is no number')]),
    ...(ph !== 'X' || Number(dur) >= 0 ? [] : [fault('a complete event without a duration')]),
    ...(ph !== 'i' || s === 't' ? [] : [fault('an instant without a scope')]),
    ...(ph !== 'M' || typeof args?.name === 'string' ? [] : [fault('a name that is missing')]),
  ]
}

/** On each lane every span that begins must end, and none before it has begun. */
function faultsOfSpans(events: readonly TraceEvent[]): string[] {
  const open = new Map<string, TraceEvent[]>()
  const faults: string[] = []
  for (const event of events) {
    const lane = `${event.pid}/${event.tid}`
    const stack = open.get(lane) ?? []
    open.set(lane, stack)
    if (event.ph === 'B') stack.push(event)
    if (event.ph !== 'E') continue
    const begun = stack.pop()
    if (!begun) faults.push(`${lane}: an end without a beginning`)
    else if (begun.ts > event.ts) faults.push(`${lane}: ${begun.name} ends before it begins`)
  }
  for (const [lane, [left]] of open) if (left) faults.push(`${lane}: ${left.name} does not end`)
  return faults
}

/** A lane without a name is a number to its reader. */
function unnamed(events: readonly TraceEvent[]): string[] {
  const lanes = (wanted: (event: TraceEvent) => boolean) =>
    new Set(events.filter(wanted).map(({ pid, tid }) => `${pid}/${tid}`))
  const named = lanes(({ ph, name }) => ph === 'M' && name === 'thread_name')
  const used = lanes(({ cat }) => cat !== undefined)
  return [...used].filter((lane) => !named.has(lane)).map((lane) => `${lane} has no name`)
}

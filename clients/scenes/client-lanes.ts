/** What a client was doing: its own events, and what the server knew of its connection meanwhile. */
import { CLIENTS, type TraceEvent } from '../../servers/trace/events.ts'
import type { ClientEvent, PlayedClient } from './player.ts'
import { spansOf, type TraceSpan } from './spans.ts'
import { type Clock, milliseconds, type Span, type TimelineLane } from './timeline.ts'

/** A wait within a service that is shorter, in milliseconds, is not shown. */
const SHORT = 1

export function clientLane(
  client: PlayedClient,
  trace: readonly TraceEvent[],
  clock: Clock,
): TimelineLane {
  const known = spansOf(trace, { pid: CLIENTS, tid: client.port })
  const gone = client.events.find(({ name }) => name === 'leaves' || name === 'is cut off')
  const came = client.events[0]
  if (!came) return { name: client.name, kind: 'client', spans: [] }
  const end = gone?.at ?? clock.end
  const changes = [
    ...client.events.map(({ at }) => at),
    ...known.flatMap(({ from, to }) => [from, to]),
  ]
  const times = [...new Set(changes), end]
    .filter((at) => at >= came.at && at <= end)
    .sort((a, b) => a - b)
  const spans = times.slice(1).map((to, i): Span => {
    const from = times[i]!
    const shown = { from: milliseconds(from, clock), to: milliseconds(to, clock) }
    return { ...stateAt(client, known, from), ...shown }
  })
  return { name: client.name, kind: 'client', spans: merged(spans) }
}

/** Spans of one state become one. A reply of many pieces counts as one service. */
function merged(spans: readonly Span[]): Span[] {
  const found: Span[] = []
  for (const span of spans.filter(({ from, to }) => to > from)) {
    const [service, pause] = found.slice(-2)
    if (found.at(-1)?.text === span.text) join(found, 1, span)
    else if (service?.text === span.text && isPause(pause)) join(found, 2, span)
    else found.push(span)
  }
  return found
}

/** The last `count` spans, and `next`, become one, of the state of `next`. */
function join(spans: Span[], count: number, next: Span): void {
  const [first] = spans.splice(-count)
  spans.push({ ...next, from: first!.from })
}

function isPause(span: Span | undefined): boolean {
  return span?.state === 'waits' && span.to - span.from < SHORT
}

/** From `at` on, until the next change. What the server knows of the client goes first. */
function stateAt(
  { name, events }: PlayedClient,
  known: readonly TraceSpan[],
  at: number,
): Pick<Span, 'state' | 'text'> {
  const past = events.filter((event) => event.at <= at)
  const owes = sum(past, 'says') > sum(past, 'hears')
  const server = known.find((span) => span.from <= at && at < span.to)?.name
  const isClosed = known.length > 0 && at >= known.at(-1)!.to
  const hasEnded = past.some((event) => event.name === 'sends FIN')
  if (isClosed && !owes)
    return { state: 'thinks', text: `the server has closed ${name}'s connection` }
  if (server === undefined && !isClosed)
    return { state: 'waits', text: `${name} is not accepted yet` }
  if (server === 'no place')
    return { state: 'waits', text: `${name} is accepted, but has no place` }
  if (server === 'owed bytes' && owes)
    return { state: 'owed', text: `${name} does not take its replies` }
  if (server === 'served' && owes) return { state: 'served', text: `${name} is served` }
  if (owes) return { state: 'waits', text: `${name} waits for its reply` }
  if (hasEnded) return { state: 'thinks', text: `${name} has sent its FIN and listens` }
  return { state: 'thinks', text: `${name} thinks` }
}

function sum(events: readonly ClientEvent[], wanted: 'says' | 'hears'): number {
  const ofKind = events.filter(({ name }) => name === wanted)
  return ofKind.reduce((total, { bytes }) => total + bytes, 0)
}

/** What each thread of the server was doing: it slept in a call, or it ran, and then for whom. */
import { CLIENTS, type Lane, type TraceEvent } from '../../servers/trace/events.ts'
import type { Played } from './player.ts'
import { spansOf, type TraceSpan } from './spans.ts'
import { type Clock, milliseconds, placeOf, type Span, type TimelineLane } from './timeline.ts'

/** A wait that is shorter, in microseconds, and within the service of one client, is not shown. */
const SHORT = 1000
/** The same for a wait for just this client, in its own recv or send. */
const SHORT_OWN = 5000
/** From this time on, in microseconds, a handler is said to compute. */
const LONG = 1000

export function serverLanes({ clients, trace }: Played, clock: Clock): TimelineLane[] {
  const names = new Map(clients.map(({ port, name }) => [port, name]))
  const present = clients.map(({ port }) => spansOf(trace, { pid: CLIENTS, tid: port }))
  const isEmpty = ({ from, to }: TraceSpan) =>
    !present.flat().some((span) => span.from < to && from < span.to)
  return lanesOf(trace)
    .map(({ lane, name }) => {
      const pieces = stretches(spansOf(trace, lane)).map((it) => describe(it, { names, isEmpty }))
      const spans = merged(pieces.flat()).map((span) => shown(span, clock))
      return { name, kind: 'server' as const, spans: spans.filter(({ from, to }) => to > from) }
    })
    .filter(({ spans }) => spans.length > 0)
}

/** The lanes that the trace names, but those of the clients. */
function lanesOf(trace: readonly TraceEvent[]): { lane: Lane; name: string }[] {
  const names = trace.filter(({ ph, pid }) => ph === 'M' && pid !== CLIENTS)
  const process = (pid: number) =>
    names.find((event) => event.name === 'process_name' && event.pid === pid)?.args?.name
  return names
    .filter(({ name }) => name === 'thread_name')
    .map(({ pid, tid, args }) => {
      const isPlain = process(pid) === 'server'
      return {
        lane: { pid, tid },
        name: isPlain ? `${args?.name}` : `${process(pid)}: ${args?.name}`,
      }
    })
}

/** A wait, or all that a thread did between two waits. */
interface Stretch {
  readonly wait?: TraceSpan
  /** The wait before it. */
  readonly after?: TraceSpan
  readonly events: readonly TraceSpan[]
  readonly from: number
  readonly to: number
}

function stretches(spans: readonly TraceSpan[]): Stretch[] {
  const waits = spans.filter(({ cat }) => cat === 'wait')
  const outer = waits.filter(
    (wait) => !waits.some((other) => other !== wait && covers(other, wait)),
  )
  const work = spans.filter(({ cat }) => cat !== 'wait' && cat !== 'green thread')
  /** What was done from one time to another: nothing, if no time has passed. */
  const between = (from: number, to: number, after?: TraceSpan): Stretch[] => {
    const events = work.filter((it) => it.from >= from && it.from < to)
    return to > from ? [{ ...(after && { after }), events, from, to }] : []
  }
  const [first] = spans
  if (!first) return []
  const after = outer.flatMap((wait, i): Stretch[] => {
    const next = outer[i + 1]?.from ?? spans.at(-1)!.to
    return [{ wait, events: [], from: wait.from, to: wait.to }, ...between(wait.to, next, wait)]
  })
  return [...between(first.from, outer[0]?.from ?? spans.at(-1)!.to), ...after]
}

function covers(outer: TraceSpan, inner: TraceSpan): boolean {
  return outer.from <= inner.from && inner.to <= outer.to
}

/** A span that is still in microseconds. `count`: how many times it stands for. */
type Draft = Omit<Span, 'at'> & {
  readonly at: unknown
  readonly times: number
  /** The client whose recv or send a thread sleeps in. */
  readonly waitsFor?: string | undefined
}

/** What of the scene a thread's work is understood with. */
interface Cast {
  /** By their ports. */
  readonly names: ReadonlyMap<number, string>
  readonly isEmpty: (span: TraceSpan) => boolean
}

function describe(stretch: Stretch, cast: Cast): Draft[] {
  if (stretch.wait) return [waiting(stretch.wait, cast)]
  const groups = groupsOf(stretch, cast)
  return groups.map(({ who, events, from }, i) => ({
    state: 'runs' as const,
    from,
    to: groups[i + 1]?.from ?? stretch.to,
    text: who ? work(who, events) : 'runs',
    ...(who && { who }),
    at: events.find(({ args }) => args.at !== undefined)?.args.at,
    times: 1,
  }))
}

/** The events of a stretch by client. Those of none go with the client before them. */
function groupsOf({ after, events, from }: Stretch, cast: Cast) {
  const found: { who: string | undefined; events: TraceSpan[]; from: number }[] = []
  // A recv or a send has just come back, and what the thread does next is about the same client.
  found.push({ who: after && clientOf(after, cast), events: [], from })
  for (const event of events) {
    const who = clientOf(event, cast)
    const last = found.at(-1)!
    if (who === undefined || last.who === who) last.events.push(event)
    else if (last.events.length === 0)
      found.splice(-1, 1, { who, events: [event], from: last.from })
    else found.push({ who, events: [event], from: event.from })
  }
  return found
}

/** An accept is about no client yet, whatever it brings. */
function clientOf({ name, cat, args }: TraceSpan, { names }: Cast): string | undefined {
  return name === 'accept' && cat === 'wait' ? undefined : names.get(Number(args.client))
}

function waiting(wait: TraceSpan, cast: Cast): Draft {
  const client = clientOf(wait, cast)
  const call = wait.name === 'event loop' ? "Node's event loop (epoll_wait)" : wait.name
  const isIdle = wait.name === 'Atomics.wait' || (client === undefined && cast.isEmpty(wait))
  const text = `sleeps in ${call}${client ? `, for ${client}` : ''}`
  const { from, to } = wait
  const state = isIdle ? 'idle' : 'waits'
  return { state, from, to, text, at: wait.args.at, times: 1, waitsFor: client }
}

/** `serves A: recv 6, handler, send 6`. */
function work(who: string, events: readonly TraceSpan[]): string {
  const handler = events.find(({ cat, from, to }) => cat === 'handler' && to - from >= LONG)
  if (handler) return `computes for ${who}, ${Math.round((handler.to - handler.from) / 1000)} ms`
  const names = [...new Set(events.map(({ name }) => name))]
  const verb = names.includes('accept') ? 'accepts' : 'serves'
  return names.length === 0 ? `goes on with ${who}` : `${verb} ${who}: ${names.join(', ')}`
}

/** Service of one client that is only cut by short waits is one span; so is a wait cut by nothing. */
function merged(spans: readonly Draft[]): Draft[] {
  const found: Draft[] = []
  for (const span of spans) {
    found.push(span)
    for (;;) {
      const [a, b, c] = found.slice(-3)
      if (!(a && b && c && isOne(a, b, c))) break
      const times = a.times + c.times
      found.splice(-3, 3, { ...a, to: c.to, times })
    }
  }
  return found
}

function isOne(a: Draft, b: Draft, c: Draft): boolean {
  const length = b.to - b.from
  if (a.state === 'runs' && c.state === 'runs') {
    const isOwn = b.waitsFor === a.who
    return a.who !== undefined && a.who === c.who && length < (isOwn ? SHORT_OWN : SHORT)
  }
  return length < SHORT && b.who === undefined && a.state === c.state && a.text === c.text
}

function shown({ times, at, waitsFor: _, ...span }: Draft, clock: Clock): Span {
  const place = placeOf(at)
  const text = times > 1 && span.who ? `${span.text} (${times} times)` : span.text
  const [from, to] = [milliseconds(span.from, clock), milliseconds(span.to, clock)]
  return { ...span, from, to, text, ...(place && { at: place }) }
}

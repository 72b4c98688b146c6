/** The timeline of a student's own server, from what its process has recorded. */
import { readFileSync } from 'node:fs'
import { serverLanes } from '../../../clients/scenes/server-lanes.ts'
import { spansOf } from '../../../clients/scenes/spans.ts'
import {
  type Clock,
  milliseconds,
  type Span,
  type State,
  type Timeline,
  type TimelineLane,
} from '../../../clients/scenes/timeline.ts'
import { CLIENTS, type ClientState, type TraceEvent } from '../../../servers/trace/events.ts'

/** The most clients that a picture has room for: the last ones, which are those of the failure. */
const MOST = 8

const STATES: Readonly<Record<ClientState, State>> = {
  'no place': 'waits',
  thinking: 'thinks',
  ready: 'waits',
  served: 'served',
  'owed bytes': 'owed',
}

/** Undefined if the server has met no client. */
export function timelineOfTrace(file: string, exercise: string): Timeline | undefined {
  const trace = ofLastServer(eventsOf(readFileSync(file, 'utf8')))
  const met = trace.filter(({ pid, ph }) => pid === CLIENTS && ph !== 'M')
  const ports = [...new Set(met.map(({ tid }) => tid))]
  const clients = ports.slice(-MOST).map((port, i) => ({ port, name: String.fromCharCode(65 + i) }))
  const known = clients.map(({ port }) => spansOf(trace, { pid: CLIENTS, tid: port }))
  const [first] = known.flat().sort((a, b) => a.from - b.from)
  if (!first) return undefined
  const clock = { start: first.from - 300, end: trace.at(-1)!.ts }
  const played = { clients: clients.map((client) => ({ ...client, events: [] })), trace }
  const lanes = [
    ...serverLanes(played, clock),
    ...clients.map(({ name }, i) => laneOf(name, known[i]!, clock)),
  ]
  return { scene: exercise, model: exercise, wait: 'your server', lanes }
}

/** The process was killed: its trace has no end. */
function eventsOf(text: string): TraceEvent[] {
  const lines = text.slice(0, text.lastIndexOf('\n')).split('\n')
  return lines
    .filter((line) => line.endsWith(','))
    .map((line) => JSON.parse(line.slice(0, -1)) as TraceEvent)
    .filter(({ ts, ph }) => ts > 0 || ph === 'M')
}

/** A server is started for each kind of faults: the last one has failed. */
function ofLastServer(trace: readonly TraceEvent[]): TraceEvent[] {
  const last = trace.findLast(({ pid }) => pid !== CLIENTS)?.pid
  const own = trace.filter(({ pid }) => pid === last)
  const start = Math.min(...own.filter(({ ph }) => ph !== 'M').map(({ ts }) => ts))
  return trace.filter(({ pid, ts, ph }) => {
    return pid === last || (pid === CLIENTS && (ph === 'M' || ts >= start))
  })
}

function laneOf(name: string, known: ReturnType<typeof spansOf>, clock: Clock): TimelineLane {
  const spans = known.map((span): Span => {
    const state = STATES[span.name as ClientState]
    const [from, to] = [milliseconds(span.from, clock), milliseconds(span.to, clock)]
    return { state, from, to, text: `${name}: ${span.name}` }
  })
  return { name, kind: 'client', spans: spans.filter(({ from, to }) => to > from) }
}

/**
 * The report as CSV (RFC 4180), for spreadsheets and data frames: a line per cell, numbers with a
 * decimal point, units in the names of the columns, an empty field where there is no figure.
 */
import type { BenchDocument, Cell } from '../document/document.ts'
import { type Figures, figures, resultOf, spread } from '../figures/figures.ts'
import type { Load } from '../workloads.ts'

type Field = string | number | boolean | null | undefined

/** The name of each column; `window_s` is the length of the window of this cell. */
const LOAD_COLUMNS: Readonly<Record<keyof Load, string>> = {
  protocol: 'protocol',
  connections: 'connections',
  idle: 'idle_connections',
  deaf: 'deaf_connections',
  burn: 'burn_ms',
  size: 'size_bytes',
  depth: 'depth',
  pause: 'pause_s',
  rate: 'rate_per_s',
  churn: 'churn',
  maxLine: 'max_line_bytes',
  seconds: 'window_s',
}

const FIGURE_COLUMNS: Readonly<Record<keyof Figures, string>> = {
  messagesPerSecond: 'messages_per_s',
  p50: 'p50_us',
  p90: 'p90_us',
  p99: 'p99_us',
  p999: 'p999_us',
  max: 'max_us',
  p90SinceSent: 'p90_since_sent_us',
  p99SinceSent: 'p99_since_sent_us',
  cpuPerMessage: 'cpu_per_message_us',
  clientPerMessage: 'client_cpu_per_message_us',
  systemCallsPerMessage: 'system_calls_per_message',
  residentBefore: 'resident_before_bytes',
  resident: 'resident_bytes',
  residentPerIdle: 'resident_per_idle_bytes',
  threads: 'threads',
  descriptors: 'descriptors',
  fairness: 'fairness',
  errors: 'errors',
  crowded: 'crowded',
}

const INTERVAL_COLUMNS = [
  'messages_per_s_low',
  'messages_per_s_high',
  'messages_per_s_coverage',
  'cpu_per_message_us_low',
  'cpu_per_message_us_high',
  'cpu_per_message_us_coverage',
]

const COLUMNS = [
  ...['model', 'wait', 'workload'],
  ...Object.values(LOAD_COLUMNS),
  'rounds',
  ...Object.values(FIGURE_COLUMNS),
  ...INTERVAL_COLUMNS,
  ...['state', 'reason'],
]

export function renderCsv({ cells, parameters }: BenchDocument): string {
  const lines = cells.map((cell) => fieldsOf(cell, parameters.duration))
  return [COLUMNS, ...lines].map((fields) => `${fields.map(quoted).join(',')}\r\n`).join('')
}

/** The fields of a line, in the order of COLUMNS. */
function fieldsOf(cell: Cell, duration: number): Field[] {
  const { model, wait, workload, rounds } = cell
  const load: Load = { ...cell.load, seconds: cell.load.seconds ?? duration }
  const measured = figures(cell)
  const intervals = [spread(cell, 'messagesPerSecond'), spread(cell, 'cpuPerMessage')]
  return [
    ...[model, wait, workload],
    ...keysOf(LOAD_COLUMNS).map((key) => load[key]),
    rounds.filter(resultOf).length,
    ...keysOf(FIGURE_COLUMNS).map((key) => measured?.[key]),
    ...intervals.flatMap((interval) => [interval?.low, interval?.high, interval?.coverage]),
    ...stateOf(cell),
  ]
}

function keysOf<Key extends string>(columns: Readonly<Record<Key, string>>): Key[] {
  return Object.keys(columns) as Key[]
}

/** `failed` if one round has failed, whatever the others did; and the reasons of all rounds. */
function stateOf({ rounds }: Cell): [state: string, reason: string] {
  if (rounds.length === 0) return ['left out', 'the run was interrupted before it']
  const has = (kind: string) => rounds.some((outcome) => outcome.kind === kind)
  const reasons = rounds.flatMap((outcome) => (outcome.kind === 'measured' ? [] : [outcome.reason]))
  const state = ['failed', 'measured'].find(has) ?? 'left out'
  return [state, [...new Set(reasons)].join('; ')]
}

function quoted(field: Field): string {
  if (field == null) return ''
  if (typeof field !== 'string') return String(field)
  const text = harmless(field)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/**
 * A spreadsheet runs a text that begins like a formula, quoted or not: so an apostrophe is put
 * before such a text (OWASP, "CSV Injection"). A text that begins with an apostrophe also gets one:
 * dropping the first one always gives the text back. Numbers stay as they are: -1 is no formula.
 */
function harmless(text: string): string {
  return /^[=+\-@\t\r\n']/.test(text) ? `'${text}` : text
}

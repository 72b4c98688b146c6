/** Checks that a value from a file is a document: it has every field that the reports rely on. */

/** Returns undefined if `value` is as it should be, else what is wrong with it, in one line. */
export type Check = (value: unknown, name: string) => string | undefined

const isType =
  (type: 'string' | 'number' | 'boolean'): Check =>
  (value, name) =>
    typeof value === type ? undefined : `${name} is no ${type}`

const isList =
  (check: Check): Check =>
  (value, name) => {
    if (!Array.isArray(value)) return `${name} is no list`
    return firstFault(value.map((item, i) => check(item, `${name}[${i}]`)))
  }

/** The value is an object with at least these keys. */
const has =
  (checks: Readonly<Record<string, Check>>): Check =>
  (value, name) => {
    if (typeof value !== 'object' || value === null) return `${name} is no object`
    const fields = new Map<string, unknown>(Object.entries(value))
    const faults = Object.entries(checks).map(([key, check]) =>
      check(fields.get(key), name === '' ? key : `${name}.${key}`),
    )
    return firstFault(faults)
  }

const orNull =
  (check: Check): Check =>
  (value, name) =>
    value === null ? undefined : check(value, name)

const text = isType('string')
const number = isType('number')
const truth = isType('boolean')

const LOAD = has({
  protocol: text,
  connections: number,
  idle: number,
  deaf: number,
  burn: number,
  size: number,
  depth: number,
  pause: number,
  rate: number,
  churn: truth,
  maxLine: number,
})

/** The result of a round. `asked` is not checked, since it is missing in a result of autocannon. */
const RESULT = has({
  connected: number,
  seconds: number,
  messages: number,
  messagesPerSecond: number,
  latency: orNull(has({})),
  client: has({}),
  server: orNull(has({})),
  errors: has({}),
})

const OUTCOME: Check = (value, name) =>
  has({ kind: text })(value, name) ?? ofKind((value as { kind: string }).kind)(value, name)

function ofKind(kind: string): Check {
  if (kind === 'measured') return has({ result: RESULT })
  if (kind === 'failed' || kind === 'left out') return has({ reason: text })
  return (_, name) => `${name}.kind is unknown`
}

const DOCUMENT = has({
  date: text,
  machine: has({ system: text, cpu: text, cores: number, memory: number }),
  versions: has({}),
  parameters: has({
    duration: number,
    warmup: number,
    rounds: number,
    seed: number,
    pinned: orNull(has({ server: number, client: number, parallelServers: isList(number) })),
    sharedServers: truth,
    systemCalls: truth,
  }),
  interrupted: truth,
  workloads: isList(has({ id: text, shows: text, loads: isList(LOAD) })),
  cells: isList(
    has({ model: text, wait: text, workload: text, load: LOAD, rounds: isList(OUTCOME) }),
  ),
})

/** `cells[3].rounds[0].reason is no string`; undefined if `value` is a document. */
export function faultIn(value: unknown): string | undefined {
  return DOCUMENT(value, '')
}

function firstFault(faults: readonly (string | undefined)[]): string | undefined {
  return faults.find((fault) => fault !== undefined)
}

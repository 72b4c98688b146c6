import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { renderCsv } from '../../bench/report/csv.ts'
import { cellOf, documentOf, measured } from './documents.ts'

/** RFC 4180, character by character: a table of texts. Throws where the text breaks the rules. */
function parseCsv(text: string): string[][] {
  const lines: string[][] = []
  let line: string[] = []
  let at = 0
  while (at < text.length) {
    const [field, end] = text[at] === '"' ? quotedField(text, at) : plainField(text, at)
    line.push(field)
    if (text.startsWith('\r\n', end)) {
      lines.push(line)
      line = []
      at = end + 2
    } else if (text[end] === ',') at = end + 1
    else throw new Error(`neither comma nor line break at ${end}`)
  }
  return lines
}

function plainField(text: string, start: number): [field: string, end: number] {
  const end = text.slice(start).search(/[,\r\n"]/) + start
  return [text.slice(start, end), end]
}

function quotedField(text: string, start: number): [field: string, end: number] {
  const [match] = /^"(?:[^"]|"")*"/.exec(text.slice(start)) ?? ['']
  return [match.slice(1, -1).replaceAll('""', '"'), start + match.length]
}

/** The lines as objects by the names of the columns. */
function read(csv: string): Record<string, string>[] {
  const [head = [], ...lines] = parseCsv(csv)
  return lines.map((line) => {
    expect(line).toHaveLength(head.length)
    return Object.fromEntries(head.map((name, i) => [name, line[i]!]))
  })
}

/** What an apostrophe was put before has it taken off. */
function unharmed(field: string): string {
  return field.replace(/^'/, '')
}

const ROUNDS = [4, 5, 6, 5, 5, 5].map((cpuPerMessage) => measured({ cpuPerMessage }))

test('a line per cell: the load, the figures, the intervals, each under its name', () => {
  const load = { idle: 9900, pause: 0.1, seconds: 2, churn: true }
  const [line, ...others] = read(renderCsv(documentOf([cellOf('poll-loop', ROUNDS, load)])))
  expect(others).toEqual([])
  expect(line).toMatchObject({
    ...{ model: 'poll-loop', wait: 'libc poll', workload: 'custom' },
    ...{ protocol: 'raw', connections: '100', idle_connections: '9900', deaf_connections: '0' },
    ...{ burn_ms: '0', size_bytes: '64', depth: '1', pause_s: '0.1', rate_per_s: '0' },
    ...{ churn: 'true', max_line_bytes: '16384', window_s: '2', rounds: '6' },
    ...{ messages_per_s: '1000', p50_us: '40', p90_us: '60', p99_us: '90', p999_us: '95' },
    ...{ max_us: '99', p90_since_sent_us: '', p99_since_sent_us: '', cpu_per_message_us: '5' },
    ...{ client_cpu_per_message_us: '5', system_calls_per_message: '2.01' },
    ...{ resident_before_bytes: '0', resident_bytes: '1048576', threads: '12' },
    ...{ resident_per_idle_bytes: '1048576', descriptors: '20', fairness: '1', errors: '0' },
    ...{
      messages_per_s_low: '1000',
      messages_per_s_high: '1000',
      messages_per_s_coverage: '0.96875',
      state: 'measured',
      reason: '',
    },
  })
  expect(Number(line?.cpu_per_message_us_low)).toBeLessThan(5)
  expect(Number(line?.cpu_per_message_us_high)).toBeGreaterThan(5)
})

test('the window of a load is that of the run, unless it has its own', () => {
  const cells = [cellOf('a', ROUNDS), cellOf('a', ROUNDS, { seconds: 7 })]
  expect(read(renderCsv(documentOf(cells))).map((line) => line.window_s)).toEqual(['1', '7'])
})

describe('the state of a cell', () => {
  const failed = (reason: string) => ({ kind: 'failed' as const, reason })
  test.each([
    [[measured({})], { state: 'measured', reason: '', rounds: '1' }],
    [
      [measured({}), failed('a'), failed('a'), failed('b')],
      { state: 'failed', reason: 'a; b', rounds: '1', messages_per_s: '1000' },
    ],
    [
      [{ kind: 'left out' as const, reason: 'no place' }],
      { state: 'left out', reason: 'no place', rounds: '0', messages_per_s: '', errors: '' },
    ],
    [[], { state: 'left out', reason: 'the run was interrupted before it', rounds: '0' }],
  ])('%#', (rounds, expected) => {
    const [line] = read(renderCsv(documentOf([cellOf('a', rounds)])))
    expect(line).toMatchObject(expected)
  })
})

test('any name and any reason can be had back', () => {
  const text = fc.oneof(
    fc.string(),
    fc.string({ unit: fc.constantFrom('"', ',', '\r', '\n', "'", '=', '-', 'x', ' ') }),
  )
  fc.assert(
    fc.property(text, text, (model, reason) => {
      const csv = renderCsv(documentOf([cellOf(model, [{ kind: 'failed', reason }])]))
      const [line] = read(csv)
      expect(unharmed(line!.model!)).toBe(model)
      expect(unharmed(line!.reason!)).toBe(reason)
    }),
  )
})

describe('no text is a formula', () => {
  test.each(['=cmd|x', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1'])('%j', (reason) => {
    const [line] = read(renderCsv(documentOf([cellOf(reason, [{ kind: 'failed', reason }])])))
    expect(line).toMatchObject({ model: `'${reason}`, reason: `'${reason}` })
  })

  test('and a figure below 0 is none: it stays a number', () => {
    const { result } = measured({}) as Extract<(typeof ROUNDS)[number], { kind: 'measured' }>
    const server = { ...result.server!, residentPerIdle: -400 }
    const [line] = read(renderCsv(documentOf([cellOf('a', [measured({ result: { server } })])])))
    expect(line?.resident_per_idle_bytes).toBe('-400')
  })
})

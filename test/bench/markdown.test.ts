import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { markdownResults, renderMarkdown } from '../../bench/report/markdown.ts'
import { PLAIN } from '../../bench/workloads.ts'
import { cellOf, documentOf, measured } from './documents.ts'

const ROUNDS = [5, 5.1, 4.9].map((cpuPerMessage) => measured({ cpuPerMessage }))

/** The lines of the first table. */
function firstTable(markdown: string): string[] {
  return /(?:^\|.*\n)+/m.exec(markdown)?.[0].trimEnd().split('\n') ?? []
}

/** The fields of a line: cut at each `|` that has no backslash before it. */
function fieldsOf(line: string): string[] {
  const fields = line.match(/(?:[^|\\]|\\.)+(?=\|)/g) ?? []
  return fields.map((field) => field.trim().replace(/\\(.)/g, '$1'))
}

test('a page: its head, a table that is aligned in the file, the meanings of its columns', () => {
  const page = renderMarkdown(documentOf([cellOf('poll-loop', ROUNDS)]))
  expect(page).toContain(
    `# Benchmark results

- Machine: Some CPU, 2 cores, 4.0 GiB of memory, linux 6.1.0 x64
- Versions: node 20.0.0, v8 11.3, libuv 1.46
- Measured: windows of 1 s after 0.3 s of warm-up, 3 rounds, seed 1; server on core 0, load generator on core 1, servers that can use several on core 0
- Date: 2026-01-02 03:04 UTC

## custom

**100 connections: raw, 64 bytes, 1 s, medians of 3 rounds**

| model     | waits on  | messages/s | CPU µs/msg | interval | p50 µs | p99 µs | max µs | memory MiB | errors |
| --------- | --------- | ---------: | ---------: | -------: | -----: | -----: | -----: | ---------: | -----: |
| poll-loop | libc poll |      1 000 |       5.00 |        – |     40 |     90 |     99 |        1.0 |      0 |

The load generator used 5.00 µs of CPU per message: one core of it reaches 200 000 messages/s.
`,
  )
  expect(page).toMatch(/^## Columns\n\n(- .+\n)+$/m)
  expect(page).toContain('\n- p50 µs: half of the replies')
  expect(page.match(/^- waits on: /gm)).toHaveLength(1)
})

test('the lines of a table are as long as each other, also with what has to be escaped', () => {
  const cells = ['a|b', '*', 'plain'].map((model) => cellOf(model, ROUNDS))
  const lines = firstTable(renderMarkdown(documentOf(cells)))
  expect(lines).toHaveLength(5)
  expect(new Set(lines.map((line) => line.length)).size).toBe(1)
})

test('a heading for each workload, with its sentence once, and for pairs and costs', () => {
  const loads = [1, 100].map((connections) => ({ ...PLAIN, connections }))
  const cells = ['many', 'ping'].flatMap((workload) =>
    loads.flatMap((load) =>
      ['Python select', 'poll-loop'].map((model) => ({ ...cellOf(model, ROUNDS, load), workload })),
    ),
  )
  const plain = documentOf(cells, {
    workloads: [
      { id: 'many', shows: 'What readiness is for.', loads },
      { id: 'ping', shows: 'The price of one wake-up.', loads },
    ],
  })
  const document = { ...plain, parameters: { ...plain.parameters, systemCalls: true } }
  const results = markdownResults(document, 3)
  expect(results.match(/^#.*$/gm)).toEqual([
    ...['### many', '### ping', '### Models and originals', '### Costs'],
  ])
  expect(results.match(/What readiness is for\./g)).toHaveLength(1)
  const many = results.slice(results.indexOf('### many'), results.indexOf('### ping'))
  expect(many).toMatch(/^### many\n\nWhat readiness is for\.\n\n\*\*1 connection: raw/)
  expect(many.match(/^\*\*1.*\*\*$/gm)).toHaveLength(2)
  expect(results).toMatch(/^### Costs\n\n\*\*What each costs, with /m)
  expect(results.endsWith('\n')).toBe(false)
})

test('at the end it is said what was not measured, at the start that the run was interrupted', () => {
  const cells = [
    cellOf('threads', [{ kind: 'left out', reason: 'It has 512 places.' }]),
    cellOf('asyncore', [{ kind: 'failed', reason: 'the run is void' }]),
  ]
  const page = renderMarkdown(documentOf(cells, { interrupted: true }))
  expect(page).toContain('\n**The run was interrupted: it holds what was measured until then.**\n')
  expect(page).toContain(`## Remarks

- left out: threads: It has 512 places.
- failed: asyncore, libc poll, 100 connections: raw, 64 bytes: the run is void
`)
})

describe('a text of others shows as it is', () => {
  test.each([
    ['a|b', 'a\\|b'],
    ['a `b` *c* [d]', 'a \\`b\\` \\*c\\* \\[d]'],
    ['<b>bold</b> & &amp;', '\\<b>bold\\</b> & \\&amp;'],
    ['a < b, 5 ≈ 6', 'a < b, 5 ≈ 6'],
    ['max_line, __proto__', 'max_line, \\_\\_proto\\_\\_'],
    ['C:\\new\nline', 'C:\\\\new line'],
  ])('%j as %j', (reason, shown) => {
    const page = renderMarkdown(documentOf([cellOf('a', [{ kind: 'failed', reason }])]))
    expect(page).toContain(`\n- failed: a, libc poll, 100 connections: raw, 64 bytes: ${shown}\n`)
  })

  test('any name is one field of its table', () => {
    const name = fc.string({
      unit: fc.constantFrom('|', '\\', '`', '*', '_', 'x', ' '),
      minLength: 1,
    })
    fc.assert(
      fc.property(name, (model) => {
        const lines = firstTable(markdownResults(documentOf([cellOf(model, ROUNDS)]), 2))
        const fields = lines.map(fieldsOf)
        expect(new Set(fields.map((line) => line.length))).toEqual(new Set([10]))
        expect(fields[2]?.[0]).toBe(model.replace(/\s+/g, ' ').trim())
      }),
    )
  })
})

/** A check's result as text: for a terminal, as JUnit's XML, and as TAP. */
import { plural, wrapped } from '../terminal.ts'
import { describePromise, EXPLAINED } from './promises.ts'
import { type CaseResult, type CheckResult, casesOf, type PromiseResult } from './result.ts'
import type { Verdict } from './verdict.ts'

/** Steps of a broken case that are shown: the first ones and the last. */
const FIRST = 3
const LAST = 6

/** The table, and then the evidence for each promise that is broken. */
export function renderText(result: CheckResult): string {
  const { target, protocol, seconds, promises } = result
  const count = promises.reduce((sum, { cases }) => sum + cases.length, 0)
  const head = wrapped(target, '  ')
  const what = `${protocol}, ${plural(count, 'case')} in ${seconds.toFixed(1)} s`
  const rows = promises.map(promiseRow)
  const broken = casesOf(result, 'broken').map(({ promise, one }) => evidence(promise, one))
  return [
    ...head,
    what,
    '',
    ...rows,
    ...broken.map((text) => `\n${text}`),
    ...untold(result),
    '',
  ].join('\n')
}

function promiseRow({ promise, title, verdict, cases }: PromiseResult): string {
  const counts = new Map<string, number>()
  for (const { kind } of cases) counts.set(kind, (counts.get(kind) ?? 0) + 1)
  const tried = cases.length - (counts.get("can't tell") ?? 0)
  const found = `${counts.get('kept') ?? 0} of ${tried}`
  const open = counts.get("can't tell")
  const rest = open ? `  (${open} can't be told)` : ''
  return `  ${promise} ${title.padEnd(22)}  ${verdict.padEnd(10)}  ${found.padStart(8)}${rest}`
}

function evidence(promise: PromiseResult['promise'], one: CaseResult): string {
  if (one.kind !== 'broken') return ''
  const title = `Broken: ${describePromise(promise)}: ${one.name}`
  return `${brokenText(title, one)}\n  See ${EXPLAINED}.`
}

/** What was done, what was expected, and what came instead, in 80 columns. */
export function brokenText(title: string, { steps, expected, got, at }: BrokenCase): string {
  const shown =
    steps.length > FIRST + LAST + 1 ? shortened(steps.map(stepText)) : steps.map(stepText)
  return [
    ...wrapped(title, ''),
    ...shown,
    ...wrapped(`${time(at)}  expected ${expected}`, ' '.repeat(12)),
    ...wrapped(`${' '.repeat(12)}got ${got}`, ' '.repeat(12)),
  ].join('\n')
}

function stepText({ at, what }: { at: number; what: string }): string {
  return wrapped(`${time(at)}  ${what}`, ' '.repeat(12)).join('\n')
}

function shortened(steps: readonly string[]): string[] {
  const left = steps.length - FIRST - LAST
  return [...steps.slice(0, FIRST), `            … ${left} more steps …`, ...steps.slice(-LAST)]
}

function time(seconds: number): string {
  return `  ${seconds.toFixed(3).padStart(6)} s`
}

/** What could not be found out, once for each reason. */
function untold(result: CheckResult): string[] {
  const reasons = new Map<string, Set<number>>()
  for (const { promise, one } of casesOf(result, "can't tell")) {
    if (one.kind !== "can't tell") continue
    reasons.set(one.reason, (reasons.get(one.reason) ?? new Set()).add(promise))
  }
  if (reasons.size === 0) return []
  const lines = [...reasons].flatMap(([reason, promises]) =>
    wrapped(`  promise ${[...promises].join(', ')}: ${reason}`, '    '),
  )
  return ['', "Can't tell:", ...lines]
}

/** JUnit's XML, which CI servers show: a test suite for each promise. */
export function renderJunit({ promises, target, seconds }: CheckResult): string {
  const suites = promises.map(({ promise, title, cases }) => {
    const failures = cases.filter(({ kind }) => kind === 'broken').length
    const skipped = cases.filter(({ kind }) => kind === "can't tell").length
    const counts = `tests="${cases.length}" failures="${failures}" skipped="${skipped}"`
    const tests = cases.map((one) => junitCase(one)).join('')
    return `  <testsuite name="${escaped(`${promise} ${title}`)}" ${counts}>\n${tests}  </testsuite>\n`
  })
  const head = `<testsuites name="${escaped(target)}" time="${seconds.toFixed(3)}">`
  return `<?xml version="1.0" encoding="UTF-8"?>\n${head}\n${suites.join('')}</testsuites>\n`
}

function junitCase(one: CaseResult): string {
  const head = `    <testcase name="${escaped(one.name)}" time="${one.seconds.toFixed(3)}"`
  if (one.kind === 'kept') return `${head}/>\n`
  const body =
    one.kind === 'broken'
      ? `<failure message="${escaped(summary(one))}">${escaped(stepLines(one))}</failure>`
      : `<skipped message="${escaped(one.reason)}"/>`
  return `${head}>${body}</testcase>\n`
}

/** Version 14 of the Test Anything Protocol. */
export function renderTap({ promises }: CheckResult): string {
  const all = promises.flatMap(({ promise, cases }) => cases.map((one) => ({ promise, one })))
  const lines = all.flatMap(({ promise, one }, i) => {
    const name = `${i + 1} - promise ${promise}: ${one.name.replaceAll('#', '\\#')}`
    if (one.kind === 'kept') return [`ok ${name}`]
    if (one.kind === "can't tell") return [`ok ${name} # SKIP ${one.reason}`]
    const steps = stepLines(one).split('\n')
    return [`not ok ${name}`, ...[summary(one), ...steps].map((text) => `# ${text}`)]
  })
  return ['TAP version 14', `1..${all.length}`, ...lines, ''].join('\n')
}

type BrokenCase = Extract<Verdict, { kind: 'broken' }>

/** `expected 6 bytes, "hello\n", got the FIN after 0 bytes`. */
export function summary({ expected, got }: BrokenCase): string {
  return `expected ${expected}, got ${got}`
}

function stepLines({ steps }: BrokenCase): string {
  return steps.map(({ at, what }) => `${at.toFixed(3)} s  ${what}`).join('\n')
}

function escaped(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
  // Other control characters are not allowed in XML at all.
  return text.replace(/[&<>"]/g, (char) => entities[char]!).replace(/[^\P{Cc}\n]/gu, '?')
}

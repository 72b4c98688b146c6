/** Grades in the forms that schools use: CSV, JUnit, Exercism's results.json, classroom50. */
import type { CaseGrade, Grade } from './grades.ts'

/** What one submission has got for one exercise. */
export interface Mark {
  /** The name of its folder. */
  readonly student: string
  readonly grade: Grade
  readonly max: number
  /** All cases of the exercise, those that were not tried too. */
  readonly names: readonly { readonly name: string; readonly points: number }[]
}

const COLUMNS = ['student', 'exercise', 'verdict', 'points', 'max', 'failed at', 'message']

/** RFC 4180, a row for each submission and exercise. */
export function renderMarksCsv(marks: readonly Mark[]): string {
  const rows = marks.map(({ student, grade, max }) => {
    const failed = grade.cases.find(({ verdict }) => verdict.kind !== 'kept')
    const { exercise, verdict, points } = grade
    return [student, exercise, verdict, points, max, failed?.name ?? '', messageOf(grade)]
  })
  return [COLUMNS, ...rows].map((row) => `${row.map(field).join(',')}\r\n`).join('')
}

function field(value: string | number): string {
  const text = String(value)
  // A cell that begins so is a formula to a spreadsheet.
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/** What went wrong, in a line. */
function messageOf({ problem, cases }: Grade): string {
  const failed = cases.find(({ verdict }) => verdict.kind !== 'kept')
  return (problem ?? (failed ? textOf(failed) : '')).replace(/\s+/g, ' ').trim()
}

function textOf({ verdict }: CaseGrade): string {
  if (verdict.kind === 'broken') return `expected ${verdict.expected}, got ${verdict.got}`
  if (verdict.kind === 'timed out') return `timed out after ${verdict.after} s`
  return verdict.kind === 'kept' ? '' : verdict.reason
}

/** Exercism's results.json, version 3. */
export function exercismResult({ grade, names }: Mark): object {
  const tests = names.map(({ name }, i) => {
    const one = grade.cases.find((tried) => tried.name === name)
    const isPassed = one?.verdict.kind === 'kept'
    const message = one ? textOf(one) : 'not tried'
    return {
      name,
      status: isPassed ? 'pass' : 'fail',
      task_id: i + 1,
      ...(!isPassed && { message }),
    }
  })
  if (grade.problem !== undefined) {
    return { version: 3, status: 'error', message: grade.problem, tests: [] }
  }
  return { version: 3, status: grade.verdict === 'passed' ? 'pass' : 'fail', tests }
}

/** `classroom50/result/v1`: scores are whole numbers. */
export function classroomResult({ student, grade, names }: Mark): object {
  const tests = names.map(({ name, points }) => {
    const one = grade.cases.find((tried) => tried.name === name)
    const passed = one?.verdict.kind === 'kept'
    return { 'test-name': name, passed, score: passed ? points : 0, 'max-score': points }
  })
  return { schema: 'classroom50/result/v1', student, exercise: grade.exercise, tests }
}

/** JUnit's XML: a suite for each submission and exercise. */
export function renderMarksJunit(marks: readonly Mark[]): string {
  const suites = marks.map(({ student, grade, names }) => {
    const tests = names.map(({ name }) => junitCase(name, grade)).join('')
    const failures =
      names.length - grade.cases.filter(({ verdict }) => verdict.kind === 'kept').length
    const counts = `tests="${names.length}" failures="${failures}"`
    return `  <testsuite name="${escaped(`${student} ${grade.exercise}`)}" ${counts}>\n${tests}  </testsuite>\n`
  })
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${suites.join('')}</testsuites>\n`
}

function junitCase(name: string, grade: Grade): string {
  const one = grade.cases.find((tried) => tried.name === name)
  const head = `    <testcase name="${escaped(name)}"`
  if (one?.verdict.kind === 'kept') return `${head}/>\n`
  const message = one ? textOf(one) : (grade.problem ?? 'not tried')
  return `${head}><failure message="${escaped(message)}"/></testcase>\n`
}

function escaped(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
  // Other control characters are not allowed in XML at all.
  return text.replace(/[&<>"]/g, (char) => entities[char]!).replace(/[^\P{Cc}\n]/gu, '?')
}

/** `npm run grade`: submissions that are right, wrong, and out of bounds. */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { folderOf } from '../../docs/build/course/exercise.ts'
import type { Grade } from '../../docs/build/course/grades.ts'
import {
  classroomResult,
  exercismResult,
  type Mark,
  renderMarksCsv,
  renderMarksJunit,
} from '../../docs/build/course/marks.ts'
import { commandOf } from '../../servers/boot/build.mjs'
import { ROOT } from '../../servers/boot/root.mjs'

const ID = '07-partial-send'

/** By name: a part of the exercise that is copied, or the code of the server. */
const SUBMISSIONS: Readonly<Record<string, { part: string } | { code: string }>> = {
  deletes: { code: "import { rmSync } from 'node:fs'\nrmSync(process.argv[1]!)\nprocess.exit(3)" },
  empty: { code: '' },
  fakes: { code: 'console.log(\'{"verdict":"passed","cases":[],"points":10}\')' },
  forks: {
    code: `import { spawn } from 'node:child_process'
for (let i = 0; i < 30; i++) spawn('sleep', ['60'], { detached: true }).unref()
setInterval(() => {}, 1000)`,
  },
  leaks: { code: 'const held = []\nfor (;;) held.push(Buffer.alloc(2 ** 24, 1))' },
  loops: { code: 'for (;;);' },
  right: { part: 'solution' },
  starts: { part: 'starter' },
}

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'echo-grade-test-'))
  for (const [name, made] of Object.entries(SUBMISSIONS)) {
    const place = join(folder, name, 'my', ID)
    mkdirSync(place, { recursive: true })
    if ('part' in made) cpSync(fileURLToPath(folderOf(ID, made.part)), place, { recursive: true })
    else writeFileSync(join(place, 'server.ts'), made.code)
  }
  // A submission's own grader would let everything pass.
  const own = join(folder, 'starts', 'docs', 'course', 'exercises', ID)
  mkdirSync(own, { recursive: true })
  writeFileSync(join(own, 'grade.ts'), 'export const grading = { cases: [] }')
})

afterAll(() => rmSync(folder, { recursive: true }))

test.skipIf(process.platform !== 'linux')(
  'each has its row, and nothing is left running',
  () => {
    const [node = '', ...program] = commandOf('docs/build/grade.ts')
    const submissions = Object.keys(SUBMISSIONS).map((name) => join(folder, name))
    const limits = ['--memory', '400', '--processes', '20']
    const words = [...submissions, '--exercises', ID, '--out', join(folder, 'out'), ...limits]
    const { stdout, status } = spawnSync(node, [...program, ...words], {
      cwd: fileURLToPath(ROOT),
      encoding: 'utf8',
    })
    expect(status).toBe(0)
    const rows = stdout
      .trim()
      .split('\r\n')
      .slice(1)
      .map((line) => line.split(',').slice(0, 4).join(' '))
    expect(rows).toEqual([
      `deletes ${ID} failed 0`,
      `empty ${ID} failed 0`,
      `fakes ${ID} failed 0`,
      `forks ${ID} timed out 0`,
      `leaks ${ID} timed out 0`,
      `loops ${ID} timed out 0`,
      `right ${ID} passed 10`,
      expect.stringMatching(`^starts ${ID} failed [1-9]$`),
    ])
    const sleeping = spawnSync('pgrep', ['-fx', 'sleep 60'], { encoding: 'utf8' })
    expect(sleeping.stdout).toBe('')
    const result = JSON.parse(
      readFileSync(join(folder, 'out', 'right', ID, 'results.json'), 'utf8'),
    )
    expect(result).toMatchObject({ version: 3, status: 'pass' })
  },
  120_000,
)

describe('a mark', () => {
  const broken = { kind: 'broken', steps: [], expected: '"a", b', got: '<c>', at: 0 } as const
  const grade: Grade = {
    exercise: ID,
    verdict: 'failed',
    points: 2,
    cases: [
      { name: 'one', points: 2, verdict: { kind: 'kept' } },
      { name: '=two', points: 3, verdict: broken },
    ],
  }
  const names = [...grade.cases, { name: 'three', points: 1 }]
  const mark: Mark = { student: 'O, Neill', grade, max: 6, names }

  test('as CSV: quoted, and no formula', () => {
    expect(renderMarksCsv([mark]).split('\r\n')[1]).toBe(
      `"O, Neill",${ID},failed,2,6,'=two,"expected ""a"", b, got <c>"`,
    )
  })

  test('as XML: escaped', () => {
    expect(renderMarksJunit([mark])).toContain('message="expected &quot;a&quot;, b, got &lt;c&gt;"')
  })

  test("as Exercism's and classroom50's results", () => {
    expect(exercismResult(mark)).toMatchObject({
      status: 'fail',
      tests: [{ status: 'pass' }, { status: 'fail' }, { status: 'fail', message: 'not tried' }],
    })
    const { tests } = classroomResult(mark) as { tests: { score: number }[] }
    expect(tests.map(({ score }) => score)).toEqual([2, 0, 0])
  })
})

/** `npm run learn` without a terminal: what a student does, and his wrong turns. */
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { folderOf } from '../../docs/build/course/exercise.ts'
import { commandOf } from '../../servers/boot/build.mjs'
import { ROOT } from '../../servers/boot/root.mjs'

const ID = '07-partial-send'
let my: string

beforeAll(() => {
  my = mkdtempSync(join(tmpdir(), 'echo-learn-test-'))
})

afterAll(() => rmSync(my, { recursive: true }))

function learn(...words: string[]) {
  const [node = '', ...program] = commandOf('docs/build/learn.ts')
  const env = { ...process.env, ECHO_ARCHITECTURES_MY: my }
  const cwd = fileURLToPath(ROOT)
  return spawnSync(node, [...program, ...words], { cwd, env, encoding: 'utf8' })
}

const own = () => join(my, ID, 'server.ts')

const onLinux = test.skipIf(process.platform !== 'linux')

onLinux(
  'from the starter to the solution',
  () => {
    expect(learn('start', '07').stdout).toContain('## Tasks')
    const failed = learn('check', '7')
    expect(failed.status).toBe(1)
    expect(failed.stdout).toMatch(
      /failed, 1 of 10 points\n {2}✓ .*\n {2}✗ .*send takes three bytes/,
    )
    expect(failed.stdout).toContain('client 1 sends 34 bytes')
    expect(learn('hint', ID).stdout).toMatch(/^ {2}Task 1: .*\n[\s\S]*\(6 more: ask again\)\n$/)
    const tooEarly = learn('solution', '07')
    expect([tooEarly.status, tooEarly.stderr]).toEqual([1, `error: ${ID} has not passed yet\n`])
    const solution = fileURLToPath(new URL('server.ts', folderOf(ID, 'solution')))
    writeFileSync(own(), `// mine\n${readFileSync(solution, 'utf8')}`)
    const passed = learn('check', 'partial-send')
    expect([passed.status, passed.stdout]).toEqual([0, expect.stringContaining('passed, 10 of 10')])
    const shown = learn('solution', '07').stdout
    expect(shown).toContain('-// mine')
    expect(shown).toContain('objeck-lang#670')
    expect(learn('list').stdout).toContain(`✓ ${ID}`)
  },
  60_000,
)

onLinux.each([
  ['a mistake in the source', 'const = 1', /server\.ts:1: /],
  ['an end at once', 'process.exit(0)', /ended before it was ready: exit code 0/],
  ['a loop without an end', 'for (;;);', /timed out.*\n.*no connection for 3 s/],
  ['code that is commented out', '// server', /ended before it was ready/],
])(
  'a wrong turn: %s',
  (_, code, said) => {
    learn('start', '07')
    writeFileSync(own(), code)
    const { status, stdout } = learn('check', '07')
    expect(status).toBe(1)
    expect(stdout).toMatch(said)
  },
  60_000,
)

test('a file that was deleted is missed, and a reset keeps what is left', () => {
  learn('start', '07')
  cpSync(own(), join(my, ID, 'notes.txt'))
  rmSync(own())
  expect(learn('check', '07').stdout).toContain('there is no server.ts')
  expect(learn('reset', '07').stdout).toMatch(
    /your work is kept in my\/07-partial-send\.backup-1\n/,
  )
  expect(existsSync(join(my, `${ID}.backup-1`, 'notes.txt'))).toBe(true)
  expect(existsSync(own())).toBe(true)
}, 60_000)

test('wrong use', () => {
  expect(learn('check', 'nothing')).toMatchObject({ status: 2 })
  const { status, stdout } = learn()
  expect(status).toBe(0)
  expect(stdout).toMatch(/next: npm run learn -- start \S+\n$/)
})

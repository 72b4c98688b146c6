/** `npm run learn` without a terminal: what a student does, and his wrong turns. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
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

const hasScript = spawnSync('script', ['--version']).status === 0

test.skipIf(process.platform !== 'linux' || !hasScript)(
  'in a terminal: the failure, its timeline, a hint, a save that passes, the solution, the next one',
  async () => {
    learn('reset', '07')
    using terminal = new Terminal('07')
    await terminal.shows(/failed, 1 of 10 points[\s\S]*h hint/)
    await terminal.press('t', /your server[\s\S]*h hint/)
    await terminal.press('h', /Task \d: [\s\S]*h hint/)
    cpSync(fileURLToPath(folderOf(ID, 'solution')), join(my, ID), { recursive: true })
    await terminal.shows(/passed, 10 of 10[\s\S]*s solution/)
    await terminal.press('s', /one solution[\s\S]*objeck-lang#670/)
    await terminal.press('l', /✓ 07-partial-send/)
    await terminal.press('n', /my\/08-back-pressure/)
    terminal.type('q')
    expect(await terminal.exitCode).toBe(0)
  },
  120_000,
)

/** `script` gives the program a terminal, as an SSH server does. */
class Terminal implements Disposable {
  readonly #child
  readonly exitCode: Promise<number | null>
  /** What has been shown since the last pattern was seen. */
  #shown = ''

  constructor(exercise: string) {
    const words = [...commandOf('docs/build/learn.ts'), exercise].map((word) => `'${word}'`)
    this.#child = spawn('script', ['-qec', words.join(' '), '/dev/null'], {
      env: { ...process.env, ECHO_ARCHITECTURES_MY: my, TERM: 'xterm', NO_COLOR: '1' },
      cwd: fileURLToPath(ROOT),
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    this.#child.stdout.setEncoding('utf8').on('data', (text) => {
      this.#shown += text
    })
    this.exitCode = once(this.#child, 'exit').then(([code]) => code)
  }

  async shows(pattern: RegExp): Promise<void> {
    const ended = this.exitCode.then(() => {
      throw new Error(`it ended, and has shown ${this.#shown}`)
    })
    while (!pattern.test(this.#shown)) await Promise.race([once(this.#child.stdout, 'data'), ended])
    this.#shown = ''
  }

  type(key: string): void {
    this.#child.stdin.write(key)
  }

  async press(key: string, pattern: RegExp): Promise<void> {
    this.type(key)
    await this.shows(pattern)
  }

  [Symbol.dispose](): void {
    this.#child.kill('SIGKILL')
  }
}

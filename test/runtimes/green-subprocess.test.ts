/** Programs and signals that a green thread waits for. */
import { once } from 'node:events'
import { expect, test, vi } from 'vitest'
import {
  type Green,
  getcurrent,
  signal,
  sleep,
  spawn,
  subprocess,
} from '../../servers/07-green-threads/gevent.ts'
import { caught, green } from './green-harness.ts'
import { MiB } from './green-io-harness.ts'

const { CalledProcessError, checkOutput, DEVNULL, PIPE, Popen, run, TimeoutExpired } = subprocess
const CAT = ['cat'] as const
const SLEEP = ['sleep', '100'] as const
const BOTH = { stdin: PIPE, stdout: PIPE } as const

/** A shell script: it starts faster than another Node. */
function sh(script: string): readonly [string, ...string[]] {
  return ['sh', '-c', script]
}

green('a greenlet reads what a program writes, while other greenlets run', function* () {
  const child = new Popen(sh('sleep 0.05; echo Linux'), { stdout: PIPE })
  const reading = spawn(() => child.stdout!.read())
  let turns = 0
  while (!reading.ready()) {
    turns += 1
    yield* sleep(0.001)
  }
  expect(String(yield* reading.get())).toBe('Linux\n')
  expect(turns).toBeGreaterThan(5)
  expect(yield* child.wait()).toBe(0)
})

green('poll and returncode are null while the program runs', function* () {
  const child = new Popen(CAT, BOTH)
  expect([child.poll(), child.returncode]).toEqual([null, null])
  expect(child.pid).toBeGreaterThan(0)
  yield* child.stdin!.close()
  expect(yield* child.wait()).toBe(0)
  expect([child.poll(), child.returncode]).toEqual([0, 0])
  const seven = new Popen(sh('exit 7'))
  expect(yield* seven.wait()).toBe(7)
})

green('lines can be written to a program and read from it in turn', function* () {
  const child = new Popen(CAT, BOTH)
  for (const line of ['one\n', 'two\n']) {
    yield* child.stdin!.write(line)
    yield* child.stdin!.flush()
    expect((yield* child.stdout!.readline()).toString()).toBe(line)
  }
  yield* child.stdin!.close()
  expect((yield* child.stdout!.readline()).length).toBe(0)
  yield* child.wait()
})

green('communicate passes more than any pipe holds, in both directions at once', function* () {
  const child = new Popen(CAT, BOTH)
  const input = Buffer.alloc(4 * MiB, 'abc')
  const [stdout, stderr] = yield* child.communicate(input)
  expect(stdout!.equals(input)).toBe(true)
  expect(stderr).toBe(undefined)
  expect(child.returncode).toBe(0)
})

green('communicate returns both outputs; with DEVNULL they are undefined', function* () {
  const script = sh('echo out; echo err >&2')
  const child = new Popen(script, { stdout: PIPE, stderr: PIPE })
  expect((yield* child.communicate()).map(String)).toEqual(['out\n', 'err\n'])
  const silent = new Popen(script, { stdout: DEVNULL, stderr: DEVNULL })
  expect(yield* silent.communicate()).toEqual([undefined, undefined])
})

green('a program that closes its input is no error', function* () {
  const child = new Popen(sh('exec <&-; echo no'), BOTH)
  const [stdout] = yield* child.communicate(Buffer.alloc(4 * MiB))
  expect(String(stdout)).toBe('no\n')
})

green('communicate throws TimeoutExpired, and called again loses nothing', function* () {
  const child = new Popen(sh('echo early; read line; echo $line'), BOTH)
  const waiting = new Popen(CAT, BOTH)
  expect(yield* caught(() => waiting.wait(0.01))).toBeInstanceOf(TimeoutExpired)
  expect((yield* child.stdout!.readline()).toString()).toBe('early\n')
  const slow = new Popen(sh('echo early; sleep 0.1; echo late'), { stdout: PIPE })
  expect(yield* caught(() => slow.communicate('', 0.02))).toBeInstanceOf(TimeoutExpired)
  expect(slow.poll()).toBe(null)
  const [stdout] = yield* slow.communicate()
  expect(String(stdout)).toBe('early\nlate\n')
  expect(String((yield* child.communicate('late\n'))[0])).toBe('late\n')
  yield* waiting.communicate()
})

green('communicate refuses the input of a second call', function* () {
  const child = new Popen(CAT, BOTH)
  expect(yield* caught(() => child.communicate('first', 0))).toBeInstanceOf(TimeoutExpired)
  expect(String(yield* caught(() => child.communicate('second')))).toContain('input')
  expect(String((yield* child.communicate())[0])).toBe('first')
})

green('communicate after the close of stdin reads the output', function* () {
  const child = new Popen(CAT, BOTH)
  yield* child.stdin!.close()
  expect(String(yield* caught(() => child.communicate('late')))).toContain('closed')
  expect(String((yield* child.communicate())[0])).toBe('')
})

green('a write after the close of stdin is refused, and all before it arrives', function* () {
  const child = new Popen(CAT, BOTH)
  const owed = Buffer.alloc(4 * MiB, 'abc')
  const reading = spawn(() => child.stdout!.read())
  child.stdin!.write(owed)
  const closing = child.stdin!.close()
  expect(() => child.stdin!.write('late')).toThrow(TypeError)
  yield* closing
  expect(owed.equals((yield* reading.get()) as Buffer)).toBe(true)
  yield* child.wait()
})

green('after terminate and kill the returncode is the negative signal number', function* () {
  for (const [end, code] of [
    ['terminate', -15],
    ['kill', -9],
  ] as const) {
    const child = new Popen(CAT, BOTH)
    child[end]()
    expect(yield* child.wait()).toBe(code)
    child[end]()
  }
})

green('if a program can’t be started, the first wait throws the error', function* () {
  const missing = ['/no/such/program'] as const
  const child = new Popen(missing, BOTH)
  expect(yield* caught(() => child.wait())).toMatchObject({ code: 'ENOENT' })
  expect([child.pid, child.returncode]).toEqual([undefined, null])
  expect(yield* caught(() => run(missing, { input: 'x' }))).toMatchObject({ code: 'ENOENT' })
})

green('run returns the code and the outputs; with check it throws a failure', function* () {
  const completed = yield* run(sh('cat; exit 3'), { input: 'in', stdout: PIPE })
  expect(completed).toMatchObject({ returncode: 3, stdout: Buffer.from('in'), stderr: undefined })
  const failure = yield* caught(() => run(sh('exit 3'), { check: true }))
  expect(failure).toBeInstanceOf(CalledProcessError)
  expect(failure).toMatchObject({ completed: { returncode: 3 } })
})

green('checkOutput runs a program in a folder, with an environment', function* () {
  const script = sh('echo $GREETING from $(pwd)')
  const output = yield* checkOutput(script, {
    cwd: '/',
    env: { ...process.env, GREETING: 'hello' },
  })
  expect(output.toString()).toBe('hello from /\n')
  expect(yield* caught(() => checkOutput(sh('exit 1')))).toBeInstanceOf(CalledProcessError)
})

green('a run that a timeout or a kill ends leaves no program behind', function* () {
  const kill = vi.spyOn(Popen.prototype, 'kill')
  const late = { stdin: PIPE, stdout: PIPE, timeout: 0.01 } as const
  expect(yield* caught(() => run(SLEEP, late))).toBeInstanceOf(TimeoutExpired)
  const running = spawn(() => checkOutput(SLEEP))
  yield* sleep(0)
  yield* running.kill()
  const [first, second] = kill.mock.contexts as InstanceType<typeof Popen>[]
  kill.mockRestore()
  expect([yield* first!.wait(), yield* second!.wait()]).toEqual([-9, -9])
})

test('a signal runs its handler as a green thread, each time, until it is cancelled', async () => {
  const seen: string[] = []
  function* handler(name: string, number: number): Green<void> {
    yield* sleep(0)
    seen.push(`${name} ${number} in ${getcurrent() ? 'a greenlet' : 'the hub'}`)
  }
  const watching = signal('SIGUSR2', handler, 'USR', 2)
  for (let count = 1; count <= 2; count++) {
    const arrival = once(process, 'SIGUSR2')
    process.kill(process.pid, 'SIGUSR2')
    await arrival
    while (seen.length < count) await new Promise(setImmediate)
  }
  const other = signal('SIGUSR2', () => {})
  watching.cancel()
  const arrival = once(process, 'SIGUSR2')
  process.kill(process.pid, 'SIGUSR2')
  await arrival
  for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate)
  other.cancel()
  expect(seen).toEqual(['USR 2 in a greenlet', 'USR 2 in a greenlet'])
  expect(process.listenerCount('SIGUSR2')).toBe(0)
})

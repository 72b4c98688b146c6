/** A model of the user's own: `serve`, `check` and `bench` take the path of its file. */
import { mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { BenchDocument } from '../bench/document/document.ts'
import { launch } from '../clients/launcher.ts'
import { ClientSession } from '../clients/session.ts'
import { ROOT } from '../servers/boot/root.mjs'
import { runProgram } from './bench/command.ts'

const server = (folder: string) => fileURLToPath(new URL(`servers/${folder}/echo.ts`, ROOT))

let folder: string

/** Writes a file beside the model, and returns its path. */
async function write(name: string, text: string): Promise<string> {
  const file = join(folder, name)
  await writeFile(file, text)
  return file
}

const model = (folder: string, wait: string) =>
  `export { serve } from '${server(folder)}'\nexport const waits = [${wait}]\n`

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'echo-own-'))
})

afterAll(() => rm(folder, { recursive: true }))

test.each([
  ['03-poll-loop', "{ io: 'atomics', poller: 'poll' }"],
  ['08-callbacks', "{ io: 'node' }"],
])('is served, and keeps its promises: like %s', async (folder, wait) => {
  const file = await write(`${folder}.ts`, model(folder, wait))
  const run = await runProgram('clients/main.ts', ['check', file, '--only', '2', '--json'])
  expect(JSON.parse(run.stdout).promises).toMatchObject([{ promise: 2, verdict: 'kept' }])
  expect(run.code).toBe(0)
})

test('is built anew when a file beside it has changed', async () => {
  const handler = (say: string) => `export const say = '${say}'`
  const waits = "export const waits = [{ io: 'node' }]"
  const source = `import { once } from 'node:events'
    import { createServer } from 'node:net'
    import { say } from './say.ts'
    ${waits}
    export async function serve({ address: { address } }, supervisor) {
      const server = createServer((socket) => socket.end(say)).listen(0, address)
      await once(server, 'listening')
      const { port } = server.address()
      supervisor.listening({ family: 'IPv4', address, port }, { stop: () => server.close() })
      await once(server, 'close')
    }`
  const file = await write('says.ts', source)
  for (const [time, word] of ['one', 'two'].entries()) {
    const part = await write('say.ts', handler(word))
    await utimes(part, time, time)
    await using running = await launch(file)
    using client = await ClientSession.connect(running.address)
    expect((await client.receiveAll()).toString()).toBe(word)
  }
})

test('is a row of the benchmark, and so is the server of a command', async () => {
  const file = await write('row.ts', model('08-callbacks', "{ io: 'node' }"))
  const program = await write(
    'server.mjs',
    "import { createServer } from 'node:net'\n" +
      "createServer((socket) => socket.pipe(socket)).listen(process.argv[2], '127.0.0.1')\n",
  )
  const command = `${process.execPath} ${program} {port}`
  const json = join(folder, 'run.json')
  const load = ['--connections', '5', '--duration', '0.1', '--warmup', '0', '--rounds', '1']
  const args = ['--models', file, '--command', command, ...load, '--no-save', '--json', json]
  const { code, stderr } = await runProgram('bench/main.ts', args)
  expect(code, stderr).toBe(0)
  const { cells }: BenchDocument = JSON.parse(await readFile(json, 'utf8'))
  const rows = cells.map(({ model, rounds }) => [model, rounds[0]?.kind])
  expect(rows).toEqual([
    [file, 'measured'],
    [command.replace(' {port}', ''), 'measured'],
  ])
})

test.each([
  ['nothing.ts', 'export const x = 1', 'is no model: it exports no function `serve`; see CONTRIB'],
  ['no-waits.ts', 'export function serve() {}', 'is no model: it exports no `waits`, '],
  ['throws.ts', "throw new Error('not today')", 'is no model: not today; see CONTRIBUTING.md'],
])('what is no model is one line: %s', async (name, text, reason) => {
  const file = await write(name, text)
  const { code, stdout, stderr } = await runProgram('servers/main.ts', [file])
  expect(stderr).toMatch(/^error: [^\n]+\n$/)
  expect(stderr).toContain(`${file} ${reason}`)
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
})

test.each([
  ['servers/main.ts', ['./no/such.ts'], 'there is no file ./no/such.ts'],
  ['bench/main.ts', ['--models', './no/such.ts'], 'there is no file ./no/such.ts'],
  ['bench/main.ts', ['--command', 'true'], '--command true: it needs {port} in it'],
  ['servers/main.ts', ['callbacks', '--faults', 'eagain=0.5'], "on Node's sockets there are only"],
])('wrong use: %s %j', async (program, args, message) => {
  const { code, stderr } = await runProgram(program, args)
  expect(stderr).toContain(message)
  expect(code).toBe(2)
})

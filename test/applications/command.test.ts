/** The command `app` as its user sees it: what it prints, where, and with which code it exits. */
import { existsSync, readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { APPLICATIONS } from '../../servers/applications/applications.ts'
import { ROOT } from '../../servers/boot/root.mjs'
import { launchApp, runApp, urlOf } from './harness.ts'

const IDS = APPLICATIONS.map(({ id }) => id)

test('--list names every application, and as JSON too', async () => {
  const { code, stdout } = await runApp('--list')
  expect(code).toBe(0)
  expect(stdout.split('\n').map((line) => line.split(' ')[0])).toEqual(IDS)
  const json = await runApp('--list', '--json')
  expect(json.stdout.split('\n').map((line) => JSON.parse(line).id)).toEqual(IDS)
})

test('each application has its program and its page, and each page its application', () => {
  const program = (id: string) => new URL(`servers/applications/${id}/${id}.ts`, ROOT)
  expect(IDS.filter((id) => !existsSync(program(id)))).toEqual([])
  const pages = readdirSync(new URL('docs/applications', ROOT)).filter(
    (name) => name.endsWith('.md') && name !== 'README.md',
  )
  expect(pages.sort()).toEqual(IDS.map((id) => `${id}.md`).sort())
})

test.each([
  [['helo'], 'error: unknown application helo (did you mean hello?)'],
  [[], `error: which application? There are: ${IDS.join(', ')}`],
  [['hello', '--prt', '1'], "error: unknown option '--prt' (did you mean --port?)"],
  [['hello', '--host', ''], "error: option '--host <address>' argument '' is invalid."],
])('wrong use is one line and exit code 2: %j', async (words, message) => {
  const { code, stdout, stderr } = await runApp(...words)
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr.trim()).toContain(message)
  expect(stderr.trim().split('\n')).toHaveLength(1)
})

test('a port that is in use is one line and exit code 1', async () => {
  await using first = await launchApp('hello')
  const { code, stderr } = await runApp('hello', '--port', String(first.address.port))
  expect(code).toBe(1)
  expect(stderr).toMatch(/^error: 127\.0\.0\.1:\d+ is in use by another server;.*\n$/)
})

test('--json says where it listens in an object', async () => {
  await using server = await launchApp('hello', ['--json'])
  expect((await fetch(urlOf(server))).status).toBe(200)
})

test('SIGTERM lets a request that runs end, and takes no new client', async () => {
  await using server = await launchApp('streaming')
  const running = await fetch(urlOf(server))
  server.signal('SIGTERM')
  expect(await running.text()).toBe('<p>Hello\nWorld</p>\n')
  await expect(fetch(urlOf(server))).rejects.toThrow()
  expect(await server.exited).toMatchObject({ code: 0, signal: null })
})

test('after --grace, requests that still run are cut', async () => {
  await using server = await launchApp('streaming', ['--grace', '0.1'])
  const running = await fetch(urlOf(server))
  server.signal('SIGTERM')
  const { code, stderr } = await server.exited
  expect(code).toBe(0)
  expect(stderr).toContain('closing: after 0.1 s, connections cut: 1')
  await expect(running.text()).rejects.toThrow()
})

test('a second signal is exit code 130', async () => {
  await using server = await launchApp('streaming', ['--grace', '60'])
  const running = await fetch(urlOf(server))
  server.signal('SIGTERM')
  server.signal('SIGINT')
  expect(await server.exited).toMatchObject({ code: 130, signal: null })
  await expect(running.text()).rejects.toThrow()
})

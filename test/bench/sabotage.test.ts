/** What the benchmark says, and with which exit code, when something goes wrong under load. */
import { expect, test } from 'vitest'
import { runProgram } from './command.ts'

const SHORT = [
  '--connections',
  '5',
  '--duration',
  '0.5',
  '--warmup',
  '0.1',
  '--rounds',
  '2',
  '--no-save',
  '--wide',
]

function bench(sabotage: string, ...flags: readonly string[]) {
  const preload = new URL('sabotage.mjs', import.meta.url).href
  const env = { ...process.env, SABOTAGE: sabotage, NODE_OPTIONS: `--import ${preload}` }
  return runProgram('bench/main.ts', ['--models', 'callbacks', ...SHORT, ...flags], { env })
}

test('nothing', async () => {
  const { code, stdout } = await bench('')
  expect(code).toBe(0)
  expect(stdout).not.toMatch(/failed|lost/)
})

test('a rate beyond reach is measured, and the table says so', async () => {
  const { code, stdout } = await bench('', '--rate', '3000000')
  expect(code).toBe(0)
  expect(stdout).not.toContain('failed')
  expect(stdout).toMatch(/warning: less than 99 % of the asked messages .*: callbacks node/)
})

test.each([
  ['a wrong byte in 100,000', /failed: callbacks, node, 5 connections.*the run is void: wrong/],
  ['the server is killed', /failed: callbacks, .*: the server ended in the middle: SIGKILL/],
  ['the client is killed', /failed: callbacks, .*: the load generator was killed: SIGKILL/],
])('%s: it is said, and the run has failed', async (sabotage, message) => {
  const { code, stdout } = await bench(sabotage)
  expect(code).toBe(1)
  expect(stdout).toMatch(message)
})

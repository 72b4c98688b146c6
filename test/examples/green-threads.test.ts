/** The examples of green-threads write what the `.out` files next to them say. */
import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, test, vi } from 'vitest'

const FOLDER = new URL('../../docs/examples/green-threads/', import.meta.url)
const ROOT = fileURLToPath(new URL('../..', import.meta.url))

// Each example is a process.
vi.setConfig({ maxConcurrency: 3 })

/** The names of the files with this ending, without it. */
function named(ending: string): string[] {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith(ending))
  return files.map((file) => file.slice(0, -ending.length)).sort()
}

/** What an example writes to stdout. Rejects if it fails or hangs. */
async function output(topic: string): Promise<string> {
  const path = fileURLToPath(new URL(`${topic}.ts`, FOLDER))
  const options = { cwd: ROOT, timeout: 20_000, killSignal: 'SIGKILL' } as const
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', path], options)
  return stdout
}

describe('docs/examples/green-threads', { concurrent: true }, () => {
  test('each example has its output, and each output its example', () => {
    expect(named('.ts')).not.toEqual([])
    expect(named('.out')).toEqual(named('.ts'))
  })

  test.each(named('.ts'))('%s', async (topic) => {
    const expected = readFileSync(new URL(`${topic}.out`, FOLDER), 'utf8')
    expect(await output(topic)).toBe(expected)
  })
})

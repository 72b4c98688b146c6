/** The site of the pages, as it is built. */
import { spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildSite } from '../../docs/build/site.ts'
import { commandOf } from '../../servers/boot/build.mjs'
import { ROOT } from '../../servers/boot/root.mjs'
import { type Files, readSite } from './built-site.ts'
import { browserTests } from './site-browser.ts'
import { pageTests } from './site-pages.ts'
import { searchTests } from './site-search.ts'

let folder: string
let files: Files

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'echo-site-test-'))
  await buildSite(join(folder, 'site'), false)
  files = await readSite(join(folder, 'site'))
}, 90_000)

afterAll(async () => {
  await rm(folder, { recursive: true })
})

test('the command replaces no folder but one with a site', async () => {
  const own = join(folder, 'own')
  await mkdir(own)
  await writeFile(join(own, 'letter.txt'), 'mine')
  const command = commandOf('docs/build/main.ts')
  const { status, stderr } = spawnSync(
    command[0]!,
    [...command.slice(1), '--no-api', '--out', own],
    {
      cwd: fileURLToPath(ROOT),
      encoding: 'utf8',
    },
  )
  expect({ status, stderr }).toEqual({
    status: 2,
    stderr: expect.stringMatching(/^error: --out .* other files in it/),
  })
  expect(await readFile(join(own, 'letter.txt'), 'utf8')).toBe('mine')
})

describe('pages', () => pageTests(() => files))
describe('search', () => searchTests(() => files))
describe('in Chromium', () => browserTests(() => join(folder, 'site')))

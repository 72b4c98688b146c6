/** The list of models: its own order, and that it fits the folders and the docs. */
import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { chooseWait, findModel, MODELS, type Wait, waitFlags } from '../servers/models.ts'

const servers = new URL('../servers/', import.meta.url)
const pages = new URL('../docs/models/', import.meta.url)

const PLATFORMS = ['linux', 'darwin', 'win32'] as const
const PROMISES = [
  'concurrency',
  'half-close',
  'back-pressure',
  'isolation',
  'max-connections',
  'idle-timeout',
  'descriptors',
  'stop',
]

/** The flags as the command line reads them: `--io libc` is `{ io: 'libc' }`. */
function asked(flags: readonly string[]): Partial<Wait> {
  const pairs = Array.from({ length: flags.length / 2 }, (_, i) => [
    flags[2 * i]!.slice(2),
    flags[2 * i + 1],
  ])
  return Object.fromEntries(pairs)
}

test('ids and folders are unique, and the folders are in the order of the list', () => {
  const ids = MODELS.map(({ id }) => id)
  const folders = MODELS.map(({ folder }) => folder)
  expect(new Set(ids).size).toBe(ids.length)
  expect(folders).toEqual([...new Set(folders)].sort())
})

describe.each(MODELS)('$id', (model) => {
  test('its folder is its number and its name, and holds echo.ts', () => {
    expect(model.folder).toMatch(new RegExp(`^\\d\\d-${model.id}$`))
    expect(existsSync(new URL(`${model.folder}/echo.ts`, servers))).toBe(true)
  })

  test('loads, and has a serve', async () => {
    const { serve } = await model.load()
    expect(serve).toBeTypeOf('function')
  })

  test('is found by its id', () => {
    expect(findModel(model.id)).toBe(model)
    expect(findModel(model.folder)).toBe(model)
  })

  test('says what it is in one line', () => {
    expect(model.summary).toMatch(/^[^\n.]{10,80}$/)
  })

  test('every exception names a promise and gives a reason', () => {
    for (const [promise, reason] of Object.entries(model.exceptions)) {
      expect(PROMISES).toContain(promise)
      expect(reason).toMatch(/^[A-Z].{20,}\.$/)
    }
  })

  test('every way to wait is chosen by its flags, on every platform', () => {
    for (const platform of PLATFORMS) {
      for (const wait of model.waits) {
        expect(chooseWait(model, asked(waitFlags(wait)), platform)).toBe(wait)
      }
    }
  })

  test('on Linux the first is the default; elsewhere the first without libc', () => {
    expect(chooseWait(model, {}, 'linux')).toBe(model.waits[0])
    for (const platform of ['darwin', 'win32'] as const) {
      // Where there is none, the first one says that it is for Linux.
      const portable = model.waits.find(({ io }) => io !== 'libc')
      expect(chooseWait(model, {}, platform)).toBe(portable ?? model.waits[0])
    }
  })

  test('has a page, with its name as the title', () => {
    const page = readFileSync(new URL(`${model.id}.md`, pages), 'utf8')
    expect(page.split('\n')[0]).toBe(`# ${model.id}`)
  })

  test('has a row in the map that leads to its page', () => {
    const map = readFileSync(new URL('README.md', servers), 'utf8')
    const rows = map.split('\n').filter((line) => line.startsWith('|'))
    const link = `](../docs/models/${model.id}.md)`
    expect(rows.filter((row) => row.includes(link))).toHaveLength(1)
  })
})

describe('chooseWait', () => {
  const pollLoop = findModel('poll-loop')!
  const reactor = findModel('reactor')!

  test('on Linux blocking-serial waits in atomics, and the models with a poller in libc', () => {
    expect(chooseWait(findModel('blocking-serial')!, {}, 'linux').io).toBe('atomics')
    for (const id of ['poll-loop', 'asyncore', 'asynchat', 'reactor']) {
      expect(chooseWait(findModel(id)!, {}, 'linux').io).toBe('libc')
    }
    expect(chooseWait(findModel('async-await')!, {}, 'linux').io).toBe('node')
  })

  test('what the flags leave open is the default among what remains', () => {
    expect(chooseWait(pollLoop, { poller: 'epoll' }, 'linux').io).toBe('libc')
    expect(chooseWait(pollLoop, { poller: 'poll' }, 'darwin').io).toBe('atomics')
    expect(chooseWait(reactor, { reactor: 'poll' }, 'linux').io).toBe('libc')
    expect(chooseWait(reactor, { reactor: 'poll' }, 'win32').io).toBe('atomics')
    expect(chooseWait(reactor, { io: 'atomics' }, 'linux').reactor).toBe('poll')
  })

  test('a backend that is asked for by name is chosen: its error says what to do', () => {
    expect(chooseWait(pollLoop, { io: 'libc' }, 'darwin').io).toBe('libc')
    expect(chooseWait(pollLoop, { poller: 'epoll' }, 'darwin').io).toBe('libc')
  })

  test('a way to wait that a model does not have is an error that says what it has', () => {
    const choose = () => chooseWait(pollLoop, { io: 'atomics', poller: 'epoll' }, 'linux')
    expect(choose).toThrow(RangeError)
    expect(choose).toThrow(
      'poll-loop has no --io atomics --poller epoll; it offers: --io libc --poller poll; ' +
        '--io libc --poller epoll; --io atomics --poller poll',
    )
    expect(() => chooseWait(findModel('async-await')!, { io: 'libc' })).toThrow(
      "async-await has no --io libc; it offers: Node's event loop, no flags",
    )
  })

  test('no model has an unknown name', () => {
    expect(findModel('simple-serial')).toBeUndefined()
  })
})

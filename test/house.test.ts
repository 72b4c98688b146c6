/** The rules of the house: which way imports go, how long things may be, what every model shows. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import ts from 'typescript'
import { describe, expect, test } from 'vitest'
import { linesOfCode } from '../bench/figures/lines-of-code.ts'
import { ROOT } from '../servers/boot/root.mjs'
import { MODELS } from '../servers/models.ts'
import { ROLES, TAKEN_BY_OTHERS } from '../servers/roles.ts'

/** Lines of code: blank lines and comments don't count. A function's lines include nested ones. */
const MOST = { echo: 80, file: 250, function: 30 }

/**
 * The rooms, from the ground up. A file imports from its own room and from rooms that stand before
 * it; between the rooms of one line there are no imports.
 */
const FLOORS = [
  ['servers/boot'],
  ['servers/bytes'],
  ['servers/protocol', 'servers/posix'],
  ['servers/support'],
  ['servers/server.ts'],
  ['servers/node'],
  ['servers/trace'],
  MODELS.map(({ folder }) => `servers/${folder}`),
  ['servers/models.ts', 'servers/roles.ts'],
  ['servers/host', 'servers/command'],
  ['servers/applications'],
  ['servers/main.ts'],
  ['clients'],
  ['bench/workloads.ts'],
  ['bench/document'],
  ['bench/figures'],
  ['bench/run'],
  ['bench/peers'],
  ['bench/report'],
  ['bench/compare'],
  ['bench'],
  ['docs/build'],
]

/** Real ancestry: the only imports from one model to another. */
const ANCESTRY: readonly (readonly [string, string])[] = [
  ['servers/05-asynchat', 'servers/04-asyncore'],
  ['servers/10-cluster', 'servers/09-async-await'],
]

/** Files by path, from the root of the project. */
type Files = ReadonlyMap<string, string>

function readFiles(folders: readonly string[]): Files {
  const paths = folders.flatMap((folder) => {
    const names = readdirSync(new URL(folder, ROOT), { recursive: true, encoding: 'utf8' })
    return names.filter((name) => /\.(ts|mjs)$/.test(name)).map((name) => join(folder, name))
  })
  return new Map(paths.map((path) => [path, readFileSync(new URL(path, ROOT), 'utf8')]))
}

/** The files of the project that a file imports, types too. */
function importsOf(path: string, text: string): string[] {
  const imports = ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => fileName)
  return imports.filter((name) => name.startsWith('.')).map((name) => join(dirname(path), name))
}

// Sizes.

function tooLong(files: Files): string[] {
  return [...files].flatMap(([path, text]) => {
    const most = path.endsWith('/echo.ts') ? MOST.echo : MOST.file
    const lines = linesOfCode(text)
    const file = lines > most ? [`${path} has ${lines} lines of code, at most ${most}`] : []
    // The functions of a test are its list of cases.
    return path.startsWith('test/') ? file : [...file, ...longFunctions(path, text)]
  })
}

function longFunctions(path: string, text: string): string[] {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)
  const found: string[] = []
  function visit(node: ts.Node): void {
    if (ts.isFunctionLike(node) && 'body' in node && node.body) {
      const lines = linesOfCode(node.getText(source))
      const { line } = source.getLineAndCharacterOfPosition(node.getStart(source))
      if (lines > MOST.function) {
        found.push(`${path}:${line + 1} has ${lines} lines of code, at most ${MOST.function}`)
      }
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

// Imports.

/** The room of a file, and the floor that it is on. */
function roomOf(path: string): { room: string; floor: number } {
  const isOf = (room: string) => path === room || path.startsWith(`${room}/`)
  const floor = FLOORS.findIndex((rooms) => rooms.some(isOf))
  return { room: FLOORS[floor]?.find(isOf) ?? path, floor }
}

function wrongWay(files: Files): string[] {
  return [...files].flatMap(([path, text]) => {
    const from = roomOf(path)
    if (from.floor < 0) return [`${path} has no room: see FLOORS`]
    return importsOf(path, text)
      .filter((imported) => {
        const to = roomOf(imported)
        const isAncestor = ANCESTRY.some(([a, b]) => a === from.room && b === to.room)
        return to.room !== from.room && to.floor >= from.floor && !isAncestor
      })
      .map((imported) => `${path} imports ${imported}`)
  })
}

/** Each circle of imports once, as a path that ends where it began. */
function circles(files: Files): string[] {
  const imports = new Map([...files].map(([path, text]) => [path, importsOf(path, text)]))
  const done = new Set<string>()
  const found: string[] = []
  function visit(path: string, above: readonly string[]): void {
    const start = above.indexOf(path)
    if (start >= 0) found.push([...above.slice(start), path].join(' -> '))
    if (start >= 0 || done.has(path)) return
    for (const imported of imports.get(path) ?? []) visit(imported, [...above, path])
    done.add(path)
  }
  for (const path of files.keys()) visit(path, [])
  return found
}

// Roles.

function regionsOf(text: string): string[] {
  return [...text.matchAll(/^ *\/\/ #region (\w+)$/gm)].map(([, name]) => name!)
}

const files = readFiles(['servers', 'clients', 'bench', 'docs/build'])
const all = readFiles(['servers', 'clients', 'bench', 'docs/build', 'test'])

test('no file and no function is too long', () => {
  expect(tooLong(all)).toEqual([])
})

test('imports go down, and not from one model to another', () => {
  expect(wrongWay(files)).toEqual([])
})

test('no imports go in a circle', () => {
  expect(circles(files)).toEqual([])
})

test('only what makes bundles asks where its own file is: programs run from a bundle', () => {
  const asking = [...files].filter(([, text]) => text.includes('import.meta.url'))
  const paths = asking.map(([path]) => path).filter((path) => !path.startsWith('bench/peers/'))
  const allowed = /^servers\/boot\/|^docs\/build\/course\/build\.ts$/
  expect(paths.filter((path) => !allowed.test(path))).toEqual([])
})

describe.each(MODELS)('$id', ({ id, folder }) => {
  const own = [...files].filter(([path]) => path.startsWith(`servers/${folder}/`))
  const regions = new Set(own.flatMap(([, text]) => regionsOf(text)))
  const elsewhere = TAKEN_BY_OTHERS[id] ?? {}

  test.each(ROLES)('%s is a region of its files, or somebody else takes this step', (role) => {
    expect([regions.has(role), role in elsewhere]).toContain(true)
    expect([regions.has(role), role in elsewhere]).toContain(false)
  })

  test.each(Object.values(elsewhere))('$by', ({ place }) => {
    if (!place) return
    const [path = '', region] = place.split('#')
    expect(existsSync(new URL(path, ROOT))).toBe(true)
    if (region) expect(regionsOf(files.get(path)!)).toContain(region)
  })
})

describe('these rules find', () => {
  const code = (lines: number) => 'x()\n'.repeat(lines)

  test.each([
    ['servers/posix/a.ts', code(250), code(251)],
    ['servers/04-asyncore/echo.ts', code(80), code(81)],
    ['bench/a.ts', `function f() {\n${code(28)}}`, `function f() {\n${code(29)}}`],
  ])('a thing that is too long: %s', (path, right, wrong) => {
    expect(tooLong(new Map([[path, right]]))).toEqual([])
    expect(tooLong(new Map([[path, wrong]]))).toHaveLength(1)
  })

  test.each([
    ['servers/03-poll-loop/a.ts', '../04-asyncore/loop.ts'],
    ['servers/posix/a.ts', '../protocol/session.ts'],
    ['servers/support/a.ts', '../models.ts'],
    ['servers/main.ts', '../clients/main.ts'],
    ['servers/a.ts', './main.ts'],
  ])('an import that goes the wrong way: from %s to %s', (path, imported) => {
    const found = wrongWay(new Map([[path, `import type { A } from '${imported}'`]]))
    expect(found).toHaveLength(1)
  })

  test('a circle', () => {
    const a = "import type { B } from './b.ts'"
    const b = "export const a = await import('./a.ts')"
    const paths = ['servers/posix/a.ts', 'servers/posix/b.ts'] as const
    const found = circles(new Map([[paths[0], a], [paths[1], b]])) // biome-ignore format: a map
    expect(found).toEqual(['servers/posix/a.ts -> servers/posix/b.ts -> servers/posix/a.ts'])
  })
})

/** The regions of source files: which lines they have, and where these stand. */
import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { regionOf } from '../../docs/build/regions.ts'
import { ROOT } from '../../servers/boot/root.mjs'

const SOURCE = `a()
class B {
  // #region read
  read() {
    // #region wait
    wait()
    // #endregion wait

    return 1
  }
  // #endregion read

  // #region read
  again() {}
  // #endregion read
}
`

test('a region has a piece for each run of lines, without marks and indentation', () => {
  expect(regionOf(SOURCE, 'read')).toEqual([
    { firstLine: 4, lines: ['read() {'], joins: false },
    { firstLine: 6, lines: ['  wait()'], joins: true },
    { firstLine: 8, lines: ['', '  return 1', '}'], joins: true },
    { firstLine: 14, lines: ['again() {}'], joins: false },
  ])
})

test('a file without such a region has no piece of it, and as a whole one for each run', () => {
  expect(regionOf(SOURCE, 'write')).toEqual([])
  expect(regionOf(SOURCE).map(({ firstLine }) => firstLine)).toEqual([1, 4, 6, 8, 12, 14, 16])
})

test.each(regions())('%s#%s: each line has the number that it has in the file', (path, region) => {
  const text = readFileSync(new URL(path, ROOT), 'utf8')
  const lines = text.split('\n').map((line) => line.trim())
  const pieces = regionOf(text, region)
  expect(pieces.length).toBeGreaterThan(0)
  for (const { firstLine, lines: quoted } of pieces) {
    const original = lines.slice(firstLine - 1, firstLine - 1 + quoted.length)
    expect(quoted.map((line) => line.trim())).toEqual(original)
  }
})

/** All regions of the servers. */
function regions(): [path: string, region: string][] {
  const names = readdirSync(new URL('servers', ROOT), { recursive: true, encoding: 'utf8' })
  const paths = names.filter((name) => name.endsWith('.ts')).map((name) => `servers/${name}`)
  return paths.flatMap((path) => {
    const text = readFileSync(new URL(path, ROOT), 'utf8')
    const marks = [...text.matchAll(/^ *\/\/ #region (\w+)$/gm)]
    return marks.map(([, region]): [string, string] => [path, region!])
  })
}

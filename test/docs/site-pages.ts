import { posix } from 'node:path'
import { expect, test } from 'vitest'
import { brokenLinks } from '../../docs/build/check.ts'
import { codePath } from '../../docs/build/links.ts'
import { CHAIN } from '../../docs/build/pages.ts'
import { SOURCES, textOf as sourceOf } from '../../docs/build/sources.ts'
import { MODELS } from '../../servers/models.ts'
import { type Files, mainOf, pagesOf, textOf } from './built-site.ts'

/** Links, the way through the site, and what it is made of. */
export function pageTests(files: () => Files): void {
  test('every link and every anchor leads to something', () => {
    expect(brokenLinks(files())).toEqual([])
  })

  test('a link that leads nowhere is found', () => {
    const links = '<a href="b.html"></a> <a href="b.html#no"></a> <a href="no.html"></a>'
    const made = new Map([
      ['a.html', `${links} <a id="yes" href="#yes"></a> <a href="#no"></a>`],
      ['b.html', ''],
    ])
    const found = brokenLinks(made).map(({ href }) => href)
    expect(found).toEqual(['b.html#no', 'no.html', '#no'])
  })

  test('no id is there twice in a page', () => {
    const twice = [...pagesOf(files())].flatMap(([path, markup]) => {
      const ids = [...markup.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id!)
      return ids.filter((id, i) => ids.indexOf(id) !== i).map((id) => `${path}#${id}`)
    })
    expect(twice).toEqual([])
  }, 60_000)

  test.each([
    ['next', CHAIN.map(({ path }) => path)],
    ['prev', CHAIN.map(({ path }) => path).toReversed()],
  ])('"%s" leads through the whole syllabus', (rel, expected) => {
    const way = [expected[0]!]
    for (let path = expected[0]; path !== undefined && way.length <= expected.length; ) {
      const link = new RegExp(`<a rel="${rel}" href="([^"]*)"`).exec(files().get(path) ?? '')
      path = link ? posix.join(posix.dirname(path), link[1]!) : undefined
      if (path !== undefined) way.push(path)
    }
    expect(way).toEqual(expected)
  })

  test('every page has the navigation, and shows where in it one is', () => {
    for (const { path } of CHAIN) {
      const markup = files().get(path)!
      for (const other of CHAIN) {
        expect(markup).toContain(`href="${posix.relative(posix.dirname(path), other.path)}"`)
      }
      expect(markup.match(/aria-current="page"/g), path).toHaveLength(1)
    }
  })

  test('no page asks for anything from outside, and none has a second script', () => {
    const asking = [...pagesOf(files())].filter(([, markup]) => {
      const isFromOutside = /<(?!a )[^>]+ (href|src)="(https?:)?\/\//.test(markup)
      return isFromOutside || markup.split('<script').length > 2
    })
    expect(asking.map(([path]) => path)).toEqual([])
    expect(files().get('site.css')).not.toMatch(/url\(|@import/)
  })

  test('the page of a file has all of it, byte for byte', () => {
    const different = SOURCES.filter((source) => {
      const [, code = ''] = /<code>([\s\S]*)\n<\/code>/.exec(files().get(codePath(source))!) ?? []
      return textOf(code) !== sourceOf(source).trimEnd()
    })
    expect(SOURCES.length).toBeGreaterThan(200)
    expect(different).toEqual([])
  })

  test.each(MODELS)(
    'the page of $id has its drawing, its code, and links to compare it',
    (model) => {
      const body = mainOf(files().get(`models/${model.id}.html`)!)
      const expected = [
        '<figure class="portrait"><svg',
        `<a href="../code/servers/${model.folder}/echo.ts.html#L`,
        `href="../side-by-side.html#${model.folder},`,
      ]
      expect(expected.filter((markup) => !body.includes(markup))).toEqual([])
    },
  )
}

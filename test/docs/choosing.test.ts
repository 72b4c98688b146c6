/** docs/choosing.md leaves no load and no model out; the words of docs/glossary.md are used. */
import { existsSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import MarkdownIt from 'markdown-it'
import { describe, expect, test } from 'vitest'
import { WORKLOADS } from '../../bench/workloads.ts'
import { markdownPages } from '../../docs/build/fill/pages.ts'
import {
  anchorOf,
  GLOSSARY,
  glossaryTerms,
  linkTerms,
  readTerms,
} from '../../docs/build/fill/terms.ts'
import { ROOT } from '../../servers/boot/root.mjs'
import { MODELS } from '../../servers/models.ts'

const read = (path: string) => readFileSync(new URL(path, ROOT), 'utf8')
const CHOOSING = 'docs/choosing.md'

/** The page as HTML, with links to the terms. */
function rendered(text: string, path: string, terms = glossaryTerms()): string {
  const md = new MarkdownIt({ html: true })
  linkTerms(md, terms, path)
  return md.render(text)
}

function anchorsOf(path: string): string[] {
  const text = read(path).replace(/^```[\s\S]*?^```/gm, '')
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) => anchorOf(heading!))
}

/** The links of a page that lead to no file of the project, or to no heading in it. */
function deadLinks(path: string): string[] {
  const links = [...read(path).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link!)
  return links.filter((link) => {
    if (/^https?:/.test(link)) return false
    const [file, anchor] = link.split('#')
    const target = file === '' ? path : posix.join(posix.dirname(path), file!)
    if (!existsSync(new URL(target, ROOT))) return true
    return anchor !== undefined && !anchorsOf(target).includes(anchor)
  })
}

describe('the glossary', () => {
  const terms = glossaryTerms()

  test('has no word twice, and all in alphabetical order', () => {
    const forms = terms.flatMap((term) => term.forms)
    expect(forms.length).toBeGreaterThan(50)
    expect(new Set(forms.map((form) => form.toLowerCase())).size).toBe(forms.length)
    const names = terms.map(({ name }) => name)
    expect(names).toEqual(names.toSorted((a, b) => a.localeCompare(b, 'en')))
  })

  test('says of each word where it is met and where it comes from', () => {
    const entries = read(GLOSSARY).split('\n## ').slice(1)
    const incomplete = entries.filter((entry) => !/met\s+in/i.test(entry) || !/Source:/.test(entry))
    expect(incomplete).toEqual([])
  })

  test('has no word that no page uses', () => {
    const pages = markdownPages().map((path) => rendered(read(path), path, terms))
    const unused = terms.filter(
      ({ id }) => !pages.some((page) => page.includes(`${GLOSSARY_LINK}${id}"`)),
    )
    expect(unused.map(({ name }) => name)).toEqual([])
  })

  test.each([GLOSSARY, CHOOSING])('all links of %s lead somewhere', (path) => {
    expect(deadLinks(path)).toEqual([])
  })
})

/** How the link to a term ends, on whichever page. */
const GLOSSARY_LINK = 'glossary.md#'

describe('the first use of a term is a link', () => {
  const terms = readTerms('## FIN\n\n## back pressure\n<!-- also: back-pressure -->\n\n## queue\n')
  const link = (id: string, text: string) =>
    `<a href="../glossary.md#${id}" class="term">${text}</a>`
  const page = (text: string) => rendered(text, 'docs/models/a.md', terms)

  test.each([
    [
      'Back pressure, and back pressure.',
      `${link('back-pressure', 'Back pressure')}, and back pressure.`,
    ],
    ['The fin of a FIN.', `The fin of a ${link('fin', 'FIN')}.`],
    ['Two FINs, no FINISH, no x-FIN.', `Two ${link('fin', 'FINs')}, no FINISH, no x-FIN.`],
    [
      '*A queue* of back-pressure',
      `<em>A ${link('queue', 'queue')}</em> of ${link('back-pressure', 'back-pressure')}`,
    ],
    ['`FIN`, then FIN.', `<code>FIN</code>, then ${link('fin', 'FIN')}.`],
    ['[a FIN](b.md), FIN', `<a href="b.md">a FIN</a>, ${link('fin', 'FIN')}`],
  ])('%s', (text, html) => {
    expect(page(text)).toBe(`<p>${html}</p>\n`)
  })

  test('but not in headings, in tables, or on the page of the glossary', () => {
    expect(page('# FIN\n\n    FIN\n\n| FIN |\n| --- |\n| FIN |\n')).not.toContain('href')
    expect(rendered('A FIN.', GLOSSARY, terms)).toBe('<p>A FIN.</p>\n')
  })
})

describe('choosing', () => {
  const page = read(CHOOSING)

  test('every load of the workloads has its tiers', () => {
    const tables = [...page.matchAll(/<!-- table: tiers \S+ (\S+) -->/g)].map(([, load]) => load)
    const loads = WORKLOADS.flatMap(({ id, loads }) => {
      return loads.map(({ connections }) => (loads.length === 1 ? id : `${id}/${connections}`))
    })
    expect(new Set(tables)).toEqual(new Set(loads))
  })

  test('no figure is typed: all stand between marks', () => {
    const prose = page
      .replace(/<!-- (figure|table): [\s\S]*?<!-- \/\1 -->/g, '')
      .replace(/<!--[\s\S]*?-->|`[^`]*`|\]\([^)]*\)/g, '')
    expect(prose.match(/\d+\.\d+|\d+ ?(?:µs|ms|KiB of|MiB of)/g) ?? []).toEqual([])
  })

  test('it asks ten questions at most, and every model is an answer', () => {
    const [, path = ''] = page.split('\n## In ten questions\n')
    const questions = path.split('\n## ')[0]!
    const count = questions.match(/^\d+\. \*\*/gm)?.length ?? 0
    expect(count).toBeGreaterThan(4)
    expect(count).toBeLessThanOrEqual(10)
    const answers = MODELS.filter(({ id }) => !questions.includes(`[${id}](models/${id}.md)`))
    expect(answers.map(({ id }) => id)).toEqual([])
  })

  test.each(MODELS)('the page of $id leads to its loads', ({ id }) => {
    const [, section = ''] = read(`docs/models/${id}.md`).split('\n## When to use it\n')
    const links = section.split('\n## ')[0]!.matchAll(/\]\(\.\.\/choosing\.md#([\w-]+)\)/g)
    const anchors = [...links].map(([, anchor]) => anchor!)
    expect(anchors.length).toBeGreaterThan(0)
    expect(anchors.filter((anchor) => !anchorsOf(CHOOSING).includes(anchor))).toEqual([])
  })
})

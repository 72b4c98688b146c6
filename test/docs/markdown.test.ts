/** What the renderer of pages makes of Markdown, and what it complains about. */
import { describe, expect, test } from 'vitest'
import { renderMarkdown } from '../../docs/build/markdown.ts'

const render = (text: string, path = 'docs/protocol.md') => renderMarkdown(text, { path })

describe('links', () => {
  test.each([
    ['models/threads.md', 'models/threads.html'],
    ['models/threads.md#the-desk', 'models/threads.html#the-desk'],
    ['../README.md', 'index.html'],
    ['../servers/README.md#rooms', 'servers.html#rooms'],
    ['../servers/main.ts', 'code/servers/main.ts.html'],
    ['../servers/main.ts#L3', 'code/servers/main.ts.html#L3'],
    ['../servers/posix/', 'code/servers/posix/index.html'],
    ['site/side-by-side.html#03-poll-loop', 'side-by-side.html#03-poll-loop'],
    ['#part', '#part'],
    ['https://www.rfc-editor.org/', 'https://www.rfc-editor.org/'],
  ])('%s leads to %s', (written, expected) => {
    const { html, problems } = render(`[text](${written})`)
    expect(html).toContain(`<a href="${expected}">text</a>`)
    expect(problems).toEqual([])
  })

  test('lead to a file that a text names in code, once it is one', () => {
    const { html } = render('`servers/main.ts`, `servers/none.ts`, [`servers/main.ts`](clients.md)')
    expect(html.match(/code\/servers\/main\.ts\.html/g)).toHaveLength(1)
    expect(html).toContain('<a href="code/servers/main.ts.html"><code>servers/main.ts</code></a>')
  })

  test('lead from the page that the text is for', () => {
    const options = { path: 'docs/models/threads.md', from: 'side-by-side.html' }
    const { html } = renderMarkdown('[a](poll-loop.md) [b](#the-desk)', options)
    expect(html).toContain('href="models/poll-loop.html"')
    expect(html).toContain('href="models/threads.html#the-desk"')
  })
})

describe('a problem is told with its line:', () => {
  test.each([
    ['a link to no page', 'one\n\ntwo\n[three](nowhere.md)', 4, 'docs/nowhere.md'],
    ['an image', '![text](../x.png)', 1, 'x.png'],
    ['a timeline that is not kept', 'one\n\n<!-- timeline: hog nobody -->', 3, 'npm run scenes'],
    ['a quote that is not true', '\n```ts servers/main.ts\nnot this\n```', 2, 'npm run docs:fill'],
    ['a quote of no file', '```ts servers/none.ts\nx\n```', 1, 'npm run docs:fill'],
  ])('%s', (_, text, line, expected) => {
    const { problems } = render(text)
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(new RegExp(`^docs/protocol\\.md:${line}: .*${expected}`))
  })
})

test('headings have the ids of GitHub, and are links to themselves', () => {
  const { html, headings, title } = render('# A page\n\n## Packets don’t `matter`\n\n## A\n\n## A')
  expect(title).toBe('A page')
  expect(headings.map(({ id }) => id)).toEqual(['a-page', 'packets-dont-matter', 'a', 'a-1'])
  expect(html).toContain('<h2 id="a-1"><a href="#a-1">A</a></h2>')
})

test('a paragraph or a list item that opens with a term can be linked', () => {
  const { html } = render('**One thing.** x\n\n- **Another** y\n- none\n\n1. **Third** z\n\n2. a')
  expect(html).toContain('<p id="one-thing">')
  expect(html).toContain('<li id="another">')
  expect(html).toMatch(/<li>\s*<p id="third">/)
})

test('comments are left out, but what stands between them is not', () => {
  const { html } = render('It takes <!-- figure: x -->7.1<!-- /figure --> µs.\n\n<!-- a -->\n\nb')
  expect(html).toBe('<p>It takes 7.1 µs.</p>\n<p>b</p>\n')
})

test('a table has a box of its own; columns of sentences are marked', () => {
  const long = 'a sentence that goes on for quite some time'
  const { html } = render(`# T\n\n| a | b |\n| - | - |\n| 1 | ${long} |`)
  expect(html).toContain('<div class="scroll" role="group" aria-label="Table: T" tabindex="0">')
  expect(html).toContain(`<td>1</td>\n<td class="prose">${long}</td>`)
})

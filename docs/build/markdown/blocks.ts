/** What a page shows besides text: code, code that is quoted from a file, drawings, timelines. */
import type MarkdownIt from 'markdown-it'
import type { Lang, Piece } from '../code.ts'
import { drawingOf } from '../drawings/drawing.ts'
import { html, raw } from '../html.ts'
import { regionOf } from '../regions.ts'
import { isSource, textOf } from '../sources.ts'
import { timelineFigure } from '../timelines/figure.ts'
import { keptTimeline } from '../timelines/kept.ts'
import type { Context } from './context.ts'
import { fromRoot } from './targets.ts'
import { lineOf, type RenderRules, type Token } from './tokens.ts'

const LANGS: Readonly<Record<string, Lang>> = {
  ts: 'ts',
  js: 'js',
  sh: 'sh',
  c: 'c',
  go: 'go',
  py: 'python',
  python: 'python',
  json: 'json',
  css: 'css',
}

export function blockRules(md: MarkdownIt, context: Context): RenderRules {
  return {
    fence: (tokens, i) => fence(tokens[i]!, md, context),
    code_block: (tokens, i) => codeBlock(tokens[i]!.content, 'text', md, context),
    html_block: (tokens, i) => withoutComments(tokens[i]!.content),
    html_inline: (tokens, i) => withoutComments(tokens[i]!.content),
  }
}

/** Puts a figure where the page has the image of a drawing, or names a timeline. */
export function placeFigures(tokens: readonly Token[], context: Context): void {
  tokens.forEach((token, i) => {
    if (token.type === 'html_block') token.content = withTimelines(token, context)
    const figure = token.type === 'inline' ? drawing(token, context) : undefined
    if (figure === undefined) return
    // A figure can't stand in the paragraph that the image is in.
    for (const tag of [tokens[i - 1]!, tokens[i + 1]!]) tag.hidden = true
    token.children = []
    tokens[i - 1]!.type = 'html_block'
    tokens[i - 1]!.content = figure
  })
}

/** @returns undefined if the paragraph isn't the image of a drawing and nothing else */
function drawing(token: Token, context: Context): string | undefined {
  const [image, ...others] = token.children ?? []
  if (image?.type !== 'image') return undefined
  const file = fromRoot(image.attrGet('src') ?? '', context.path)
  const id = /^docs\/drawings\/([\w-]+)\.svg$/.exec(file)?.[1]
  if (id === undefined || others.length > 0) {
    context.problem(lineOf(token), `the site shows no image but drawings, and not ${file}`)
    return undefined
  }
  const { svg, description } = drawingOf(id)
  return html`<figure class="portrait">${raw(svg)}
<figcaption>${image.content}</figcaption>
<details><summary>The drawing in words</summary>
<p>${description}</p></details>
</figure>
`.markup
}

/** `<!-- timeline: hog poll-loop -->` */
function withTimelines(token: Token, context: Context): string {
  return token.content.replace(/<!-- timeline: (\S+) (\S+) -->/g, (_, scene, model) => {
    const timeline = keptTimeline(scene, model)
    if (timeline) return timelineFigure(timeline, { from: context.from })
    context.problem(lineOf(token), `no timeline ${scene} ${model} is kept: run npm run scenes`)
    return ''
  })
}

function withoutComments(markup: string): string {
  return markup.replace(/<!--[\s\S]*?-->\n?/g, '')
}

/** A block whose info string names a file, ```` ```ts servers/main.ts#role ````, is a quote. */
function fence(token: Token, md: MarkdownIt, context: Context): string {
  const [lang = '', quoted] = token.info.trim().split(/\s+/)
  if (quoted === undefined) return codeBlock(token.content, LANGS[lang] ?? 'text', md, context)
  const [source = '', regions] = quoted.split('#')
  const pieces = isSource(source) ? piecesOf(source, regions) : []
  const shown = pieces.flatMap(({ lines }) => lines)
  if (!isSameCode(shown, token.content.split('\n'))) {
    context.problem(lineOf(token), `this is not what ${quoted} says now: run npm run docs:fill`)
  }
  if (!context.highlighter) return codeBlock(token.content, 'text', md, context)
  return context.highlighter.quoteBlock(source, pieces, context.from)
}

function piecesOf(source: string, regions?: string): Piece[] {
  const text = textOf(source)
  const names = regions?.split(',') ?? [undefined]
  return names.flatMap((name) => regionOf(text, name))
}

/** Blank lines don't count: what stands between two parts of a quote is not the file's. */
function isSameCode(one: readonly string[], other: readonly string[]): boolean {
  const dense = (lines: readonly string[]) => lines.filter((line) => line.trim() !== '').join('\n')
  return dense(one) === dense(other)
}

function codeBlock(code: string, lang: Lang, md: MarkdownIt, { highlighter }: Context): string {
  if (highlighter) return `${highlighter.block(code, lang)}\n`
  return `<pre tabindex="0"><code>${md.utils.escapeHtml(code)}</code></pre>\n`
}

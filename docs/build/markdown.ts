/** Pages of Markdown as HTML: links that lead through the site, quoted code, tables, figures. */
import MarkdownIt from 'markdown-it'
import type { Highlighter } from './code.ts'
import { glossaryTerms, linkTerms, type Term } from './fill/terms.ts'
import { blockRules, placeFigures } from './markdown/blocks.ts'
import type { Context, TargetLink } from './markdown/context.ts'
import { type Heading, headingRules, nameHeadings } from './markdown/headings.ts'
import { measureTables, tableRules } from './markdown/tables.ts'
import { linkPaths, resolveLinks } from './markdown/targets.ts'
import { pageOf } from './pages.ts'

export interface RenderOptions {
  /** The path of the Markdown file, from ROOT. */
  readonly path: string
  /** The page of the site that the text is for: by default that of the file. */
  readonly from?: string
  /** Without one, code has no colours. */
  readonly highlighter?: Highlighter
}

export interface Rendered {
  readonly html: string
  /** The text of the first heading of level 1. */
  readonly title: string
  readonly headings: readonly Heading[]
  /** Where the text links to other pages of the site, each with its line in the file. */
  readonly links: readonly TargetLink[]
  /** What is wrong with the text: `docs/protocol.md:12: …`. */
  readonly problems: readonly string[]
}

/** Read once: the glossary doesn't change while the site is built. */
let terms: readonly Term[] | undefined

export function renderMarkdown(text: string, options: RenderOptions): Rendered {
  const { path, highlighter } = options
  const from = options.from ?? pageOf(path) ?? ''
  const problems: string[] = []
  const links: TargetLink[] = []
  const problem = (line: number, what: string) => void problems.push(`${path}:${line}: ${what}`)
  const context: Context = { path, from, highlighter, links, problem }

  const md = new MarkdownIt({ html: true })
  Object.assign(md.renderer.rules, headingRules(md), tableRules(md), blockRules(md, context))
  terms ??= glossaryTerms()
  linkTerms(md, terms, path)
  linkPaths(md, context)
  const tokens = md.parse(text, {})
  const headings = nameHeadings(tokens, from === pageOf(path))
  measureTables(tokens)
  resolveLinks(tokens, context)
  placeFigures(tokens, context)
  const html = md.renderer.render(tokens, md.options, {})
  const title = headings.find(({ level }) => level === 1)?.text ?? ''
  return { html, title, headings, links, problems }
}

/**
 * Code in colours. shiki finds out what each word is. What colour that has, in light and dark, stands
 * in styles/tokens.css: so a line of HTML is short, and the terminal can have colours of its own.
 */
import { createHighlighter, type ThemeRegistration } from 'shiki'
import { escapeCode, html } from './html.ts'
import { codeHref } from './links.ts'
import type { Piece } from './regions.ts'
import { LANGS, type Lang, languageOf, textOf } from './sources.ts'

export type { Lang, Piece }

/** What words are told apart by colour; all else has the colour of text. */
export type Kind = 'comment' | 'string' | 'keyword' | 'number' | 'function' | 'type'

export interface Token {
  readonly text: string
  readonly kind?: Kind
}

export interface Highlighter {
  /** The words of each line. */
  tokens(code: string, lang: Lang): Token[][]
  /** The HTML of each line. */
  lines(code: string, lang: Lang): string[]
  /** The HTML of each line of a file. */
  fileLines(source: string): string[]
  /** A figure with code that is from no file. */
  block(code: string, lang: Lang): string
  /** A figure with parts of a file; its caption and line numbers lead to the page of the file. */
  quoteBlock(source: string, pieces: readonly Piece[], from: string): string
}

const SCOPES: Readonly<Record<Kind, readonly string[]>> = {
  comment: ['comment', 'string.quoted.docstring'],
  string: ['string', 'constant.character.escape'],
  keyword: ['keyword.control', 'keyword.operator.new', 'keyword.operator.expression', 'storage'],
  number: ['constant.numeric', 'constant.language', 'variable.language.this'],
  function: ['entity.name.function', 'support.function', 'entity.name.command'],
  type: ['entity.name.type', 'entity.other.inherited-class', 'support.type', 'support.class'],
}

/** The colour of a word is the name of its kind, in the form of a variable, which shiki allows. */
const THEME: ThemeRegistration = {
  name: 'kinds',
  type: 'light',
  colors: { 'editor.foreground': 'var(--text)', 'editor.background': 'var(--none)' },
  tokenColors: [
    ...Object.entries(SCOPES).map(([kind, scope]) => ({
      scope: [...scope],
      settings: { foreground: `var(--${kind})` },
    })),
    {
      scope: ['meta.template.expression', 'string.unquoted'],
      settings: { foreground: 'var(--text)' },
    },
  ],
}

/** Loads the grammars, which takes some tenths of a second. */
export async function openHighlighter(): Promise<Highlighter> {
  const shiki = await createHighlighter({ themes: [THEME], langs: [...LANGS] })
  const files = new Map<string, Token[][]>()

  function tokens(code: string, lang: Lang): Token[][] {
    const lines = shiki.codeToTokensBase(code, { lang, theme: THEME })
    return lines.map((line) => joined(line.map(({ content, color }) => toToken(content, color))))
  }

  function fileTokens(source: string): Token[][] {
    const lines = files.get(source) ?? tokens(textOf(source).trimEnd(), languageOf(source))
    files.set(source, lines)
    return lines
  }

  function quote(source: string, { firstLine, lines }: Piece): string[] {
    const file = fileTokens(source)
    return lines.map((line, i) => toHtml(lastOf(file[firstLine - 1 + i] ?? [], line.length)))
  }

  const lines = (code: string, lang: Lang) => tokens(code, lang).map(toHtml)
  return {
    tokens,
    lines,
    fileLines: (source) => fileTokens(source).map(toHtml),
    block: (code, lang) => figure(lines(code.trimEnd(), lang).join('\n')),
    quoteBlock: (source, pieces, from) => quoteFigure(source, pieces, from, quote),
  }
}

/** All of a file; a link can name each of its lines. */
export function wholeFile(source: string, highlighter: Highlighter): string {
  const lines = highlighter.fileLines(source).map((line, i) => {
    return `<span id="L${i + 1}">${numbered('', i + 1)}${line}</span>`
  })
  return figure(lines.join('\n'))
}

function quoteFigure(
  source: string,
  pieces: readonly Piece[],
  from: string,
  quote: (source: string, piece: Piece) => string[],
): string {
  const href = codeHref(from, source)
  const texts = pieces.map((piece, i) => {
    const lines = quote(source, piece).map((line, k) => numbered(href, piece.firstLine + k) + line)
    const gap = i === 0 || piece.joins ? '' : '<span class="gap"></span>\n'
    return gap + lines.join('\n')
  })
  const first = codeHref(from, source, pieces[0]?.firstLine)
  const caption = html`<figcaption><a href="${first}">${source}</a></figcaption>`
  return figure(texts.join('\n'), caption.markup)
}

/** A figure is focusable, so that the keyboard too can scroll long lines. */
function figure(code: string, caption = ''): string {
  return `<figure class="code">${caption}<pre tabindex="0"><code>${code}\n</code></pre></figure>`
}

/** The number is no text, so that it is neither copied nor read aloud with the code. */
function numbered(href: string, line: number): string {
  return `<a data-line="${line}" href="${href}#L${line}" tabindex="-1" aria-hidden="true"></a>`
}

function toToken(text: string, color = ''): Token {
  const kind = /^var\(--(\w+)\)$/i.exec(color)?.[1]?.toLowerCase()
  return kind !== undefined && kind in SCOPES ? { text, kind: kind as Kind } : { text }
}

/** Neighbours of one kind become one; blanks have no colour, and go with what stands before them. */
function joined(tokens: readonly Token[]): Token[] {
  const result: Token[] = []
  for (const token of tokens) {
    const last = result.at(-1)
    const isSame = last && (last.kind === token.kind || token.text.trim() === '')
    if (isSame) result[result.length - 1] = { ...last, text: last.text + token.text }
    else result.push(token)
  }
  return result
}

/** The end of a line: what is left of it without its indentation. */
function lastOf(line: readonly Token[], length: number): Token[] {
  let surplus = line.reduce((sum, { text }) => sum + text.length, 0) - length
  return line.map((token) => {
    const cut = Math.min(surplus, token.text.length)
    surplus -= cut
    return { ...token, text: token.text.slice(cut) }
  })
}

function toHtml(line: readonly Token[]): string {
  return line
    .filter(({ text }) => text !== '')
    .map(({ text, kind }) => {
      const code = escapeCode(text)
      return kind === undefined ? code : `<span class="t-${kind}">${code}</span>`
    })
    .join('')
}

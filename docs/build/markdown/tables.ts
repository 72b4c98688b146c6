/**
 * Tables. A wide one scrolls in a box of its own, which the keyboard can reach. A column of
 * sentences has a least width, so that it is no column of words on a phone; no other one breaks.
 */
import type MarkdownIt from 'markdown-it'
import { html } from '../html.ts'
import { textOf } from './headings.ts'
import type { RenderRules, Token } from './tokens.ts'

/** A cell with more characters than this is prose. */
const LONG = 28

/** Marks the columns of all tables, and gives each table a name: that of the heading above it. */
export function measureTables(tokens: readonly Token[]): void {
  let heading = ''
  tokens.forEach((token, i) => {
    if (token.type === 'heading_open') heading = textOf(tokens[i + 1]!)
    if (token.type !== 'table_open') return
    token.meta = { name: heading }
    const length = tokens.slice(i).findIndex(({ type }) => type === 'table_close')
    measure(tokens.slice(i, i + length))
  })
}

function measure(table: readonly Token[]): void {
  const cells = cellsOf(table)
  const longest: number[] = []
  for (const { column, open, text } of cells) {
    if (open.tag === 'td') longest[column] = Math.max(longest[column] ?? 0, text.length)
  }
  for (const { column, open } of cells) {
    if ((longest[column] ?? 0) > LONG) open.attrJoin('class', 'prose')
  }
}

function cellsOf(table: readonly Token[]): { column: number; open: Token; text: string }[] {
  let column = 0
  return table.flatMap((open, i) => {
    if (open.type === 'tr_open') column = 0
    if (open.type !== 'th_open' && open.type !== 'td_open') return []
    return [{ column: column++, open, text: textOf(table[i + 1]!) }]
  })
}

export function tableRules(md: MarkdownIt): RenderRules {
  return {
    table_open: (tokens, i, options) => {
      const { name } = tokens[i]!.meta as { name: string }
      const box = html`<div class="scroll" role="group" aria-label="Table: ${name}" tabindex="0">`
      return box.markup + md.renderer.renderToken(tokens, i, options)
    },
    table_close: (tokens, i, options) => {
      return `${md.renderer.renderToken(tokens, i, options).trimEnd()}</div>\n`
    },
    th_open: (tokens, i, options) => {
      tokens[i]!.attrSet('scope', 'col')
      return md.renderer.renderToken(tokens, i, options)
    },
  }
}

/** Finds the generated parts of a Markdown page, and puts what is true now in their places. */
import { FillError } from './fault.ts'

/** What makes the parts, of their words. Each throws a FillError if these are wrong. */
export interface Makers {
  /** The whole block; undefined for a block of code that names no source. */
  readonly quote: (info: string) => string | undefined
  readonly figure: (name: string) => string
  readonly table: (name: string) => string
  /** Only throws: a claim is a sentence of the page, which no command can mend. */
  readonly claim: (text: string) => void
}

export interface Fault {
  /** From 1, in the page as it was. */
  readonly line: number
  readonly text: string
  /** The part can be made again; if false, somebody must change the page or its source. */
  readonly isStale: boolean
}

/**
 * The alternatives, the first that fits wins: blocks of code; code within a line, where nothing is
 * generated; the three kinds of generated parts; and what was meant to be one.
 */
const PARTS = new RegExp(
  [
    /^(?<fence>`{3,})(?<info>[^`\n]*)\n(?:[\s\S]*?\n)??\k<fence>`*[ \t]*$/,
    /(?<!`)(?<ticks>`+)(?!`)(?:(?!\n\n)[\s\S])*?[^`]\k<ticks>(?!`)/,
    /<!-- figure: (?<figure>[^\n]*?) -->[^<\n]*<!-- \/figure -->/,
    /<!-- table: (?<table>[^\n]*?) -->\n(?:(?!<!-- )[\s\S])*<!-- \/table -->/,
    /<!-- claim: (?<claim>[^\n]*?) -->/,
    /(?<broken><!-- ?\/?(?:figure|table|claim)\b[^\n]*)/,
  ]
    .map(({ source }) => source)
    .join('|'),
  'gm',
)

/** Only these may stand before a comment that shall not make a block of HTML out of its line. */
const NO_TEXT = /(?:^|\n)[\s>*+-]*(?:\d+[.)]\s*)?$/

export function filled(page: string, makers: Makers): { text: string; faults: Fault[] } {
  const faults: Fault[] = []
  const pieces: string[] = []
  let done = 0
  for (const { 0: old, index, groups = {} } of page.matchAll(PARTS)) {
    const line = page.slice(0, index).split('\n').length
    const made = attempt(() => remade(groups, makers, page.slice(0, index)) ?? old)
    if (made instanceof FillError) faults.push({ line, text: made.message, isStale: false })
    else if (made !== old) faults.push({ line, text: `${titleOf(groups)} is stale`, isStale: true })
    pieces.push(page.slice(done, index), made instanceof FillError ? old : made)
    done = index + old.length
  }
  return { text: [...pieces, page.slice(done)].join(''), faults }
}

type Groups = Readonly<Record<string, string | undefined>>

function attempt(make: () => string): string | FillError {
  try {
    return make()
  } catch (error) {
    if (error instanceof FillError) return error
    throw error
  }
}

/** Undefined for what is not generated. */
function remade(groups: Groups, makers: Makers, before: string): string | undefined {
  const { info, figure, table, claim, broken } = groups
  if (info !== undefined) return makers.quote(info.trim())
  if (table !== undefined)
    return `<!-- table: ${table} -->\n\n${makers.table(table)}\n\n<!-- /table -->`
  if (claim !== undefined) makers.claim(claim)
  if (broken !== undefined) throw new FillError(`this is no figure, table or claim: ${broken}`)
  if (figure === undefined) return undefined
  if (NO_TEXT.test(before)) {
    throw new FillError(
      'a line that begins with a figure is HTML to Markdown: put a word before it',
    )
  }
  return `<!-- figure: ${figure} -->${makers.figure(figure)}<!-- /figure -->`
}

function titleOf({ info, figure, table }: Groups): string {
  if (info !== undefined) return `the quote of ${info.trim().replace(/^\w+ /, '')}`
  return figure === undefined ? `the table “${table}”` : `the figure “${figure}”`
}

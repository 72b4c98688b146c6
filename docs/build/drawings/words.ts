/** Text in a drawing: words and code in one line, and how much room they take. */
import { type Html, html } from '../html.ts'
import type { Align, Words } from './parts.ts'

/** The size of all text, in units. */
const SIZE = 11

export interface PlacedWords {
  readonly words: Words
  readonly x: number
  /** The line on which the letters stand. */
  readonly y: number
  readonly align?: Align
  readonly isTitle?: boolean
}

interface Span {
  readonly text: string
  readonly isCode: boolean
}

function spansOf(words: Words): Span[] {
  const spans = words.split('`').map((text, i) => ({ text, isCode: i % 2 === 1 }))
  return spans.filter(({ text }) => text !== '')
}

/** The code in it: what is in backticks. */
export function codeIn(words: Words): string[] {
  return spansOf(words).flatMap(({ text, isCode }) => (isCode ? [text] : []))
}

/** Without the backticks. */
export function plain(words: Words): string {
  return words.replaceAll('`', '')
}

/** Widths of letters in parts of the size, after DejaVu Sans, the widest font in common use. */
const LETTERS: readonly (readonly [letters: RegExp, width: number])[] = [
  [/[ijl,.:;'’!|]/, 0.32],
  [/[ ft()]/, 0.4],
  [/[rI-]/, 0.42],
  [/[csz]/, 0.55],
  [/[mwMW]/, 0.98],
  [/[A-Z]/, 0.78],
]

/** Bold letters are wider; those of code are not. */
const BOLD = 1.12

/** How wide the words are at most, whatever fonts there are. */
export function widthOf(words: Words, isTitle = false): number {
  const widths = spansOf(words).map(({ text, isCode }) => {
    if (isCode) return text.length * 0.62
    const width = [...text].reduce((sum, letter) => sum + widthOfLetter(letter), 0)
    return isTitle ? BOLD * width : width
  })
  return SIZE * widths.reduce((sum, width) => sum + width, 0)
}

function widthOfLetter(letter: string): number {
  return LETTERS.find(([letters]) => letters.test(letter))?.[1] ?? 0.63
}

export interface Area {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** The room that words take where they stand. */
export function areaOf({ words, x, y, align, isTitle }: PlacedWords): Area {
  const width = widthOf(words, isTitle)
  const left = { start: 0, middle: width / 2, end: width }[align ?? 'start']
  return { x: x - left, y: y - 0.8 * SIZE, width, height: SIZE }
}

export function drawWords({ words, x, y, align = 'start', isTitle }: PlacedWords): Html {
  const spans = spansOf(words).map(({ text, isCode }) =>
    isCode ? html`<tspan class="code">${text}</tspan>` : text,
  )
  const name = isTitle ? `${align} title` : align
  return html`<text x="${round(x)}" y="${round(y)}" class="${name}">${spans}</text>
`
}

/** A tenth of a unit is exact enough, and keeps the files short. */
export function round(length: number): number {
  return Math.round(length * 10) / 10
}

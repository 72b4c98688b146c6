/** What the signs mean: the same lines under every drawing. */
import { type Html, html } from '../html.ts'
import { WIDTH } from './parts.ts'
import { head, pathThrough } from './routes.ts'
import { waitMark } from './shapes.ts'
import { drawWords, type PlacedWords } from './words.ts'

const ROW = 18
const ROWS = 4
/** From the drawing to the rule, and from the rule to the first row. */
const ABOVE = 12

export const LEGEND_HEIGHT = ABOVE + ROWS * ROW + 8

/** The signs stand in columns: where each begins, and how far from there its words do. */
const COLUMNS = [8, 184] as const
const TO_WORDS = 32

interface Entry {
  readonly words: string
  /** @param y the middle of the row */
  readonly sign: (x: number, y: number) => Html
}

const ENTRIES: readonly Entry[] = [
  { words: 'the thread sleeps here', sign: (x, y) => waitMark(x + 13, y, 'thread') },
  { words: 'only a function waits', sign: (x, y) => waitMark(x + 13, y, 'function') },
  { words: 'calls', sign: (x, y) => arrowSign('calls', x, y) },
  { words: 'wakes', sign: (x, y) => arrowSign('wakes', x, y) },
  { words: 'bytes', sign: (x, y) => arrowSign('bytes', x, y) },
  { words: 'switches both ways', sign: (x, y) => arrowSign('switches', x, y) },
  { words: 'you write this', sign: (x, y) => boxSign('yours', x, y) },
  { words: 'framework or Node', sign: (x, y) => boxSign('given', x, y) },
]

function arrowSign(kind: string, x: number, y: number): Html {
  const points = [
    [x, y],
    [x + 26, y],
  ] as const
  const back = kind === 'switches' ? head(kind, points.toReversed()) : ''
  return html`<path class="${kind}" d="${pathThrough(points)}"/>${head(kind, points)}${back}
`
}

function boxSign(whose: string, x: number, y: number): Html {
  return html`<rect class="${whose}" x="${x}" y="${y - 5.5}" width="26" height="11" rx="2"/>
`
}

/** The words of the legend of a drawing that ends at `top`. */
export function wordsOfLegend(top: number): PlacedWords[] {
  return ENTRIES.map(({ words }, i) => {
    const { x, y } = placeOf(i, top)
    return { words, x: x + TO_WORDS, y: y + 4 }
  })
}

function placeOf(index: number, top: number): { x: number; y: number } {
  return {
    x: COLUMNS[index % 2 === 0 ? 0 : 1],
    y: top + ABOVE + ROW * (Math.floor(index / 2) + 0.5) + 4,
  }
}

export function drawLegend(top: number): Html {
  const signs = ENTRIES.map(({ sign }, i) => {
    const { x, y } = placeOf(i, top)
    return sign(x, y)
  })
  const rule = `M0,${top + ABOVE}H${WIDTH}`
  return html`<g class="legend">
<path class="rule" d="${rule}"/>
${signs}${wordsOfLegend(top).map(drawWords)}</g>
`
}

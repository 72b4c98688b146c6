/** The drawing of a model: its threads, loops and queues, who calls whom, and where it waits. */
import { type Html, html } from '../html.ts'
import { describe } from './describe.ts'
import { drawLegend, LEGEND_HEIGHT } from './legend.ts'
import { DRAWINGS } from './models/all.ts'
import { type Drawing, WIDTH } from './parts.ts'
import { wordsOf } from './places.ts'
import { arrowShape, netShape } from './routes.ts'
import { shapeOf } from './shapes.ts'
import { drawWords, type PlacedWords, plain } from './words.ts'

/** Throws RangeError if there is none of this model. */
function findDrawing(model: string): Drawing {
  const drawing = DRAWINGS.find((one) => one.model === model)
  if (!drawing) throw new RangeError(`there is no drawing of ${model}`)
  return drawing
}

/** For a page of the site: its colours are those of the page, its style is drawings.css. */
export function drawingOf(model: string): { svg: string; description: string } {
  const drawing = findDrawing(model)
  return { svg: svgOf(drawing).markup, description: describe(drawing) }
}

/** The text alternative of a drawing, where one sentence has to do. */
export function sentenceOf(model: string): string {
  return plain(findDrawing(model).sentence)
}

/** All text, in the order in which it is drawn. */
export function wordsIn(drawing: Drawing): PlacedWords[] {
  const labels = drawing.arrows.flatMap(({ label: words, labelAt }) => {
    if (words === undefined || !labelAt) return []
    const [x, y, align = 'start'] = labelAt
    return [{ words, x, y, align }]
  })
  return [...drawing.parts.flatMap(wordsOf), ...labels]
}

export function heightOf({ height }: Drawing): number {
  return height + LEGEND_HEIGHT
}

/** @param style goes into the drawing, for one that is a file of its own */
export function svgOf(drawing: Drawing, style: Html | '' = ''): Html {
  const { model, parts, arrows, nets } = drawing
  const [title, text] = [`drawing-${model}-title`, `drawing-${model}-text`]
  const box = html`viewBox="0 0 ${WIDTH} ${heightOf(drawing)}"`
  const names = html`role="img" aria-labelledby="${title}" aria-describedby="${text}"`
  const shapes = [
    ...parts.map(shapeOf),
    ...nets.map((net) => netShape(net, parts)),
    ...arrows.map((arrow) => arrowShape(arrow, parts)),
  ]
  return html`<svg class="drawing" xmlns="http://www.w3.org/2000/svg" ${box} ${names}>
<title id="${title}">${model}: where it waits</title>
<desc id="${text}">${describe(drawing)}</desc>
${style}${shapes}${wordsIn(drawing).map(drawWords)}${drawLegend(drawing.height)}</svg>
`
}

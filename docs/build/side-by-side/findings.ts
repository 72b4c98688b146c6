/** Rows that were found out by commands: promises, timelines, costs; and what a page tells. */
import type { MatrixCell, MatrixDocument } from '../../../bench/matrix/document.ts'
import { PROMISES } from '../../../clients/check/promises.ts'
import type { Model } from '../../../servers/models.ts'
import { measuredCosts } from '../fill/figures.ts'
import { keptTimeline } from '../timelines/kept.ts'
import type { Cell, Fact } from './cells.ts'
import { pageText } from './sources.ts'

const VERDICTS: Record<MatrixCell['verdict'], string> = {
  kept: '✓ kept',
  broken: '✗ broken',
  "can't tell": "? can't tell",
}

const matrix: MatrixDocument = JSON.parse(pageText('docs/semantics.json'))

/** The nine promises, and whether the bare server keeps them. */
export function promisesCell({ folder }: Model): Cell {
  const row = matrix.rows.find(({ name }) => name === `${folder}/bare.ts`)
  if (!row) return explained('It was not checked yet. `npm run matrix` finds it out.')
  const facts = PROMISES.map((title, i): Fact => {
    const cell = row.promises.find(({ promise }) => promise === i + 1)
    const label = `${i + 1} ${title}`
    if (!cell) return { label, text: 'not checked', notes: [] }
    return { label, text: VERDICTS[cell.verdict], notes: [...cell.broken, ...cell.untold] }
  })
  return { kind: 'facts', facts, isBrief: true }
}

export function timelineCell({ id }: Model, scene: string): Cell {
  const timeline = keptTimeline(scene, id)
  if (timeline) return { kind: 'timeline', scene, timeline }
  return explained(
    `No timeline of it is kept. \`npm run scene -- ${scene} ${id}\` plays the scene.`,
  )
}

export function costsCell({ id }: Model): Cell {
  const facts = measuredCosts(id).map(({ label, text, unit, why }): Fact => {
    // Where there is no figure, the reason stands in its place.
    if (why && !/\d/.test(text)) return { label, text: why, notes: [] }
    const figure = unit ? text.replace(/ \(|$/, (interval) => ` ${unit}${interval}`) : text
    return { label, text: figure, notes: why ? [why] : [] }
  })
  return { kind: 'facts', facts, isBrief: true }
}

/** A section of a page, without its heading. */
function sectionOf(markdown: string, heading: string): string | undefined {
  const [, after] = `\n${markdown}`.split(`\n## ${heading}\n`)
  return after?.split(/^## /m)[0]?.trim()
}

export function breaksCell({ id }: Model): Cell {
  const page = `docs/models/${id}.md`
  const markdown = sectionOf(pageText(page), 'What breaks it')
  if (!markdown) throw new Error(`${page} has no section “What breaks it”`)
  return { kind: 'text', markdown, page }
}

function explained(text: string): Cell {
  return { kind: 'explained', text, quotes: [] }
}

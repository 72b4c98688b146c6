/** The name and the colour of a row, which are the same in every chart and table. */
import { MODELS } from '../../../servers/models.ts'
import type { Cell } from '../../document/document.ts'
import { type Html, html } from './markup.ts'

export interface Named {
  readonly model: string
  readonly wait: string
}

/** `poll-loop libc poll`. */
export function nameOf({ model, wait }: Named): string {
  return `${model} ${wait}`
}

export function isSameRow(one: Named, other: Named): boolean {
  return one.model === other.model && one.wait === other.wait
}

/** The rows that these cells belong to, each once, in the order of the tables. */
export function rowsOf(cells: readonly Cell[]): Named[] {
  const rows: Named[] = []
  for (const cell of cells) {
    if (!rows.some((row) => isSameRow(row, cell))) rows.push(cell)
  }
  return rows
}

/** Degrees of hue between two models that follow each other in the list. */
const APART = 360 / MODELS.length

/**
 * Attributes that set the `currentColor` of an element. The hue of a model follows from its place
 * in the list of all models, so that it does not depend on the run. Servers that the models are
 * compared with are grey.
 */
export function colourOf(model: string): Html {
  const place = MODELS.findIndex(({ id }) => id === model)
  if (place < 0) return html`class="other"`
  return html`class="model" style="--hue: ${Math.round(20 + place * APART)}"`
}

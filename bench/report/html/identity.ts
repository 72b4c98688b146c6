/** What makes a row the same one in every chart and table: its name and its colour. */
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

/** The rows of these cells, each once, in the order of the tables. */
export function rowsOf(cells: readonly Cell[]): Named[] {
  const rows: Named[] = []
  for (const cell of cells) {
    if (!rows.some((row) => isSameRow(row, cell))) rows.push(cell)
  }
  return rows
}

/** Degrees between two hues that stand next to each other in the list of models. */
const APART = 360 / MODELS.length

/**
 * Attributes that give an element `currentColor`. A model's hue is its place in the list of models,
 * whatever else a run has measured; yardsticks and originals are grey.
 */
export function colourOf(model: string): Html {
  const place = MODELS.findIndex(({ id }) => id === model)
  if (place < 0) return html`class="other"`
  return html`class="model" style="--hue: ${Math.round(20 + place * APART)}"`
}

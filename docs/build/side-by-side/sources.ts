/** Finds the code that the board shows. */
import { readFileSync } from 'node:fs'
import { ROOT } from '../../../servers/boot/root.mjs'
import { regionOf } from '../regions.ts'
import { listing, textOf } from '../sources.ts'
import type { Quote } from './cells.ts'

/** The text of a page. */
export function pageText(path: string): string {
  return readFileSync(new URL(path, ROOT), 'utf8')
}

/** The files in which a model keeps its promises, in the order in which they are read. */
export function filesOf(folder: string): string[] {
  const [bare, echo] = [`servers/${folder}/bare.ts`, `servers/${folder}/echo.ts`]
  const { files } = listing(`servers/${folder}`)
  return [echo, ...files.filter((path) => path !== echo && path !== bare)]
}

/** A region of a file, or all of it; undefined if there is no such region. */
export function quoteOf(source: string, region?: string): Quote | undefined {
  const pieces = regionOf(textOf(source), region)
  return pieces.length === 0 ? undefined : { source, pieces }
}

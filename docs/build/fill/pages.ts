/** The Markdown pages with generated parts, and what these are made of. */
import { readdirSync, readFileSync } from 'node:fs'
import { ROOT } from '../../../servers/boot/root.mjs'
import { checkClaim } from './claims.ts'
import { keptRun } from './digest.ts'
import { figureOf } from './figures.ts'
import { type Fault, filled } from './parts.ts'
import { quoted } from './quotes.ts'
import { tableOf } from './tables.ts'

export interface FilledPage {
  /** From ROOT. */
  readonly path: string
  readonly old: string
  readonly text: string
  readonly faults: readonly Fault[]
}

/** All pages, each with what is true now in its generated parts. Nothing is written. */
export function filledPages(): FilledPage[] {
  return markdownPages().map((path) => {
    const old = readFileSync(new URL(path, ROOT), 'utf8')
    return { path, old, ...filled(old, MAKERS) }
  })
}

/** `docs/choosing.md:12: the figure “cpu many/100 poll-loop” is stale: run npm run docs:fill` */
export function described({ path }: FilledPage, { line, text, isStale }: Fault): string {
  return `${path}:${line}: ${text}${isStale ? ': run npm run docs:fill' : ''}`
}

const MAKERS = {
  quote: (info: string) => quoted(info, read),
  figure: (name: string) => figureOf(name, keptRun()),
  table: (name: string) => tableOf(name, keptRun()),
  claim: (text: string) => checkClaim(text, keptRun()),
}

/** The paths from ROOT of all pages that are written by hand. */
export function markdownPages(): string[] {
  const names = (folder: string, recursive: boolean) =>
    readdirSync(new URL(folder, ROOT), { recursive, encoding: 'utf8' })
      .map((name) => `${folder}${name}`)
      .filter((path) => path.endsWith('.md') && !path.startsWith('docs/site/'))
  return [...names('./', false), ...names('docs/', true), ...names('servers/', true)]
    .map((path) => path.replace('./', ''))
    .toSorted()
}

function read(path: string): string | undefined {
  try {
    return readFileSync(new URL(path, ROOT), 'utf8')
  } catch {
    return undefined
  }
}

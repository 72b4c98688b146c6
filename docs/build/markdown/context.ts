import type { Highlighter } from '../code.ts'

export interface TargetLink {
  /** As it stands in the page of the site. */
  readonly href: string
  /** The line of the Markdown file, one-based. */
  readonly line: number
}

/** What the steps of rendering share. */
export interface Context {
  readonly path: string
  readonly from: string
  readonly highlighter: Highlighter | undefined
  readonly links: TargetLink[]
  /** @param line one-based */
  problem(line: number, text: string): void
}

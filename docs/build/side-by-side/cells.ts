/** What the board is made of: rows, and in each row a cell for every model. */
import type { Timeline } from '../../../clients/scenes/timeline.ts'
import type { Piece } from '../code.ts'

export interface Row {
  /** Its anchor in the page, and its name in `npm run read -- --row`. */
  readonly id: string
  readonly title: string
  /** What the row shows, in a sentence. */
  readonly about: string
  /** In the order of the models that were asked for. */
  readonly cells: readonly Cell[]
}

export type Cell =
  | { readonly kind: 'code'; readonly quotes: readonly Quote[] }
  | Explained
  | Facts
  /** Markdown, with links as seen from the page that it was taken from. */
  | { readonly kind: 'text'; readonly markdown: string; readonly page: string }
  | { readonly kind: 'timeline'; readonly scene: string; readonly timeline: Timeline }

/** Why a model has nothing of its own to show here. */
export interface Explained {
  readonly kind: 'explained'
  /** Sentences; code in them stands between backticks. */
  readonly text: string
  /** The file and the line where it is done instead, if it is done within the project. */
  readonly place?: { readonly source: string; readonly line: number }
  /** What is done there, if that is a region of the file. */
  readonly quotes: readonly Quote[]
}

/** What is shown of a file: one run of lines, or several. */
export interface Quote {
  /** The path of the file from the root of the project. */
  readonly source: string
  readonly pieces: readonly Piece[]
}

export interface Facts {
  readonly kind: 'facts'
  readonly facts: readonly Fact[]
  /** They are figures or verdicts, which stand beside their names; sentences stand beneath. */
  readonly isBrief: boolean
}

export interface Fact {
  readonly label: string
  /** Code in it stands between backticks. */
  readonly text: string
  /** What the text rests on, a sentence each. */
  readonly notes: readonly string[]
}

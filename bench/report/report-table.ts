/** A table of a report, which the terminal, Markdown and HTML each show in their own form. */
export interface ReportTable {
  readonly title: string
  /** What the table shows, in a sentence; empty if the title says it all. */
  readonly shows: string
  readonly columns: readonly TableColumn[]
  /** The index of the first column with figures: all columns before it are text. */
  readonly figuresFrom: number
  readonly rows: readonly (readonly string[])[]
  /** Remarks that a reader of the table needs, a line each. */
  readonly notes: readonly string[]
  /** Reasons to doubt the figures, a line each. */
  readonly warnings: readonly string[]
}

export interface TableColumn {
  readonly title: string
  readonly meaning: string
  /** Where there is no room for all, the lightest column is left out first; undefined: never. */
  readonly weight?: number
}

/** The first two columns of a table with a row per server. */
export const MODEL = {
  title: 'model',
  meaning:
    'a model, a yardstick (a plain server to compare with) or an original (which a model re-creates)',
}
export const WAITS_ON = { title: 'waits on', meaning: 'its way to wait' }

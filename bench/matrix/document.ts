/** The matrix as a document: what the check has found out about each server. */
import { fileURLToPath } from 'node:url'
import type { CheckResult } from '../../clients/check/result.ts'
import { ROOT } from '../../servers/boot/root.mjs'
import type { MatrixServer } from './servers.ts'

/** docs/semantics.json. */
export interface MatrixDocument {
  readonly schemaVersion: 1
  /** When it was measured last, ISO 8601. */
  readonly date: string
  readonly system: string
  /** In the order of the page. */
  readonly rows: readonly MatrixRow[]
}

export interface MatrixRow {
  readonly kind: MatrixServer['kind']
  readonly name: string
  readonly wait: string
  readonly promises: readonly MatrixCell[]
}

/** One promise of one server. */
export interface MatrixCell {
  readonly promise: number
  readonly verdict: 'kept' | 'broken' | "can't tell"
  /** How many cases there were. */
  readonly cases: number
  /** What was wrong: a sentence for each case that is broken. */
  readonly broken: readonly string[]
  /** Why the others can't be told. */
  readonly untold: readonly string[]
}

export function rowOf({ kind, name, wait }: MatrixServer, result: CheckResult): MatrixRow {
  const promises = result.promises.map(({ promise, verdict, cases }): MatrixCell => {
    const broken = cases.flatMap((one) =>
      one.kind === 'broken'
        ? [withoutRoot(`${one.name}: expected ${one.expected}, got ${one.got}`)]
        : [],
    )
    const reasons = cases.flatMap((one) => (one.kind === "can't tell" ? [one.reason] : []))
    return { promise, verdict, cases: cases.length, broken, untold: [...new Set(reasons)] }
  })
  return { kind, name, wait, promises }
}

/** Where the project stands on this machine says nothing about a server. */
function withoutRoot(text: string): string {
  return text.replaceAll(fileURLToPath(ROOT), '')
}

/** The rows of `old` with those of `rows` in their places; new ones at the end of their kind. */
export function merged(old: readonly MatrixRow[], rows: readonly MatrixRow[]): MatrixRow[] {
  const isSame = (a: MatrixRow, b: MatrixRow) => a.name === b.name && a.wait === b.wait
  const kept = old.map((row) => rows.find((other) => isSame(other, row)) ?? row)
  const added = rows.filter((row) => !old.some((other) => isSame(other, row)))
  const kinds: readonly MatrixRow['kind'][] = ['model', 'bare', 'original']
  return kinds.flatMap((kind) => [...kept, ...added].filter((row) => row.kind === kind))
}

/** What is known of a submission when it has been graded. */
import type { Verdict } from '../../../clients/check/verdict.ts'

export interface CaseGrade {
  readonly name: string
  readonly points: number
  /** `timed out`: nothing was heard of the submission for this time, in seconds. */
  readonly verdict: Verdict | { readonly kind: 'timed out'; readonly after: number }
}

export interface Grade {
  readonly exercise: string
  readonly verdict: 'passed' | 'failed' | 'timed out' | "can't tell"
  /** Those that were tried, in order. */
  readonly cases: readonly CaseGrade[]
  /** Why nothing could be tried, such as a mistake in the source. */
  readonly problem?: string
  readonly points: number
}

export interface GradeOptions {
  /** Go on after a case that fails, as a teacher wants it; a student sees one failure at a time. */
  readonly all: boolean
  /** A file for the trace of the submission's server. */
  readonly trace?: string
}

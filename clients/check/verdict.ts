/** What a case has found out: one of three verdicts, and the evidence for it. */

/** Something that was done to the server, and when: seconds since the case began. */
export interface Step {
  readonly at: number
  readonly what: string
}

export type Verdict =
  | { readonly kind: 'kept' }
  | {
      readonly kind: 'broken'
      /** All that was done, in order. */
      readonly steps: readonly Step[]
      readonly expected: string
      readonly got: string
      /** Seconds since the case began. */
      readonly at: number
    }
  /** The reason is a half-sentence, such as `this needs a process to look at: --command`. */
  | { readonly kind: "can't tell"; readonly reason: string }

/** Thrown by a case: the server has done something else than it promises. */
export class Broken extends Error {
  override readonly name = 'Broken'
  readonly expected: string
  readonly got: string

  constructor(expected: string, got: string) {
    super(`expected ${expected}, got ${got}`)
    this.expected = expected
    this.got = got
  }
}

/** Thrown by a case: nothing can be said about this server, or on this machine. */
export class CannotTell extends Error {
  override readonly name = 'CannotTell'
}

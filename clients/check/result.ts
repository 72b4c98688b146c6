/** What a check has found out about a server, promise by promise. */
import { PROMISE_NUMBERS, PROMISES, type PromiseNumber } from './promises.ts'
import type { Finding } from './run.ts'
import type { Verdict } from './verdict.ts'

/** The document of `client check --json`. */
export interface CheckResult {
  readonly target: string
  readonly protocol: string
  /** How long all took. */
  readonly seconds: number
  readonly promises: readonly PromiseResult[]
}

export interface PromiseResult {
  readonly promise: PromiseNumber
  readonly title: string
  /** Broken if one case is; `can't tell` if nothing was found out. */
  readonly verdict: Verdict['kind']
  readonly cases: readonly CaseResult[]
}

export type CaseResult = { readonly name: string; readonly seconds: number } & Verdict

/** @param findings of the promises that were asked for, in any order */
export function resultOf(
  target: string,
  findings: readonly Finding[],
  seconds: number,
): CheckResult {
  const promises = PROMISE_NUMBERS.flatMap((promise): PromiseResult[] => {
    const own = findings.filter((finding) => finding.case.promise === promise)
    if (own.length === 0) return []
    const cases = own.map(({ case: { name }, seconds, verdict }) => ({ name, seconds, ...verdict }))
    return [{ promise, title: PROMISES[promise - 1]!, verdict: overall(cases), cases }]
  })
  return { target, protocol: findings[0]?.protocol ?? '', seconds, promises }
}

function overall(cases: readonly Verdict[]): Verdict['kind'] {
  const kinds = new Set(cases.map(({ kind }) => kind))
  if (kinds.has('broken')) return 'broken'
  return kinds.has('kept') ? 'kept' : "can't tell"
}

/** All cases of a kind, with the promise that each is about. */
export function casesOf(
  { promises }: CheckResult,
  kind: Verdict['kind'],
): { promise: PromiseNumber; one: CaseResult }[] {
  return promises.flatMap(({ promise, cases }) =>
    cases.filter((one) => one.kind === kind).map((one) => ({ promise, one })),
  )
}

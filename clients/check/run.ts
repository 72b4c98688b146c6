/** Tries cases with a server, one after the other. */
import { errorCode } from '../../servers/support/error-code.ts'
import type { Protocol } from '../due-reply.ts'
import { LaunchError } from '../launcher.ts'
import type { Case } from './case.ts'
import { messageOf } from './peer.ts'
import type { Subject } from './subject.ts'
import { Trial } from './trial.ts'
import { Broken, CannotTell, type Verdict } from './verdict.ts'

/** A case, and what it has found out. */
export interface Finding {
  readonly case: Case
  readonly protocol: Protocol
  readonly verdict: Verdict
  /** How long it took. */
  readonly seconds: number
}

/** A subject whose shared server runs, until it is disposed of. */
export interface Opened extends AsyncDisposable {
  readonly subject: Subject
}

/** @param shared the server, which is ended when the subject is disposed of */
export function opened(subject: Subject, shared?: AsyncDisposable): Opened {
  return { subject, [Symbol.asyncDispose]: async () => shared?.[Symbol.asyncDispose]() }
}

/** Called after each case, with its index and the number of cases. */
export type Done = (finding: Finding, i: number, count: number) => void

/**
 * Tries all cases that are for the subject. After a broken one the shared server is started anew:
 * it may have ended, or may have been left in a state that is no fault of the next case.
 */
export async function tryAll(
  cases: readonly Case[],
  open: () => Promise<Opened>,
  done: Done,
): Promise<Finding[]> {
  const findings: Finding[] = []
  let now = await open()
  try {
    const own = cases.filter((one) => isFor(one, now.subject))
    for (const [i, one] of own.entries()) {
      const finding = await tryCase(one, now.subject)
      findings.push(finding)
      done(finding, i, own.length)
      if (finding.verdict.kind !== 'broken') continue
      await now[Symbol.asyncDispose]()
      now = await open()
    }
  } finally {
    await now[Symbol.asyncDispose]()
  }
  return findings
}

/** Whether the case can be tried with the subject's protocol at all. */
function isFor({ protocols }: Case, { protocol }: Subject): boolean {
  return protocols?.includes(protocol) ?? true
}

/** Tries one case. Rejects only for a mistake in the case itself. */
export async function tryCase(one: Case, subject: Subject): Promise<Finding> {
  const { protocol } = subject
  const reason = subject.exception(one)
  if (reason) return { case: one, protocol, verdict: { kind: "can't tell", reason }, seconds: 0 }
  await using trial = new Trial(subject)
  const verdict = await verdictOf(one, trial)
  return { case: one, protocol, verdict, seconds: trial.elapsed }
}

async function verdictOf(one: Case, trial: Trial): Promise<Verdict> {
  try {
    await one.run(trial)
    return { kind: 'kept' }
  } catch (error) {
    if (error instanceof CannotTell) return { kind: "can't tell", reason: error.message }
    const { steps, elapsed: at } = trial
    if (error instanceof Broken) {
      return { kind: 'broken', steps, expected: error.expected, got: error.got, at }
    }
    if (!(error instanceof LaunchError) && errorCode(error) === undefined) throw error
    return { kind: 'broken', steps, expected: 'a server that goes on', got: messageOf(error), at }
  }
}

import type { Protocol } from '../due-reply.ts'
import type { Topic } from './subject.ts'
import type { Trial } from './trial.ts'

/** One thing to try with a server. One that talks to the shared server must leave it as it was. */
export interface Case extends Topic {
  /** A sentence that is true of a server that keeps the promise, or what is sent to it. */
  readonly name: string
  /** The protocols for which it can be tried; all if it is undefined. */
  readonly protocols?: readonly Protocol[]
  /** It says the same with each protocol: the contract suite tries it with one. */
  readonly once?: boolean
  /** Resolves if the promise is kept. Throws Broken or CannotTell. */
  readonly run: (trial: Trial) => Promise<void>
}

/** The one list of protocols: what `--protocol` takes. */
import { LineSession, lineRule, previousRule, RawSession, type ReplyRule } from './echo.ts'
import { HttpSession } from './http.ts'
import type { Session } from './session.ts'

/** The variants of the echo. */
export const PROTOCOLS = ['previous', 'line', 'raw'] as const

/** All that is served: the echo, and HTTP, whose clients are not ours. */
export const SERVED = [...PROTOCOLS, 'http'] as const

/** `faulty` is for the tests: its handler throws when it is told to. */
export type ProtocolName = (typeof SERVED)[number] | 'faulty'

/** A new session, for one connection. `maxLine` is in bytes, newline not counted. */
export function createSession(options: { protocol: ProtocolName; maxLine: number }): Session {
  if (options.protocol === 'http') return new HttpSession()
  const rule = createRule(options.protocol)
  return rule ? new LineSession(rule, options.maxLine) : new RawSession()
}

/** The reply rule of a protocol that is made of lines, for a model that frames for itself. */
export function createRule(protocol: ProtocolName): ReplyRule | undefined {
  if (protocol === 'previous') return previousRule()
  if (protocol === 'line') return lineRule()
  if (protocol === 'faulty') return faultyRule
  return undefined
}

/**
 * Echoes lines, and throws on the line `throw`: what an error in a handler does to the other
 * clients.
 */
function faultyRule(line: Uint8Array): Uint8Array {
  if (Buffer.from(line).toString() === 'throw\n') throw new Error('thrown by the faulty protocol')
  return line
}

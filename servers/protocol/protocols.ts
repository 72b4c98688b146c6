/** The one list of protocols: what `--protocol` takes. */
import { LineSession, lineRule, previousRule, RawSession, type ReplyRule } from './echo.ts'
import { HttpSession } from './http.ts'
import type { Session } from './session.ts'

/** The variants of the echo. */
export const PROTOCOLS = ['previous', 'line', 'raw'] as const

/** All that is served: the echo, and HTTP, for clients that are not from this project. */
export const SERVED = [...PROTOCOLS, 'http'] as const

/**
 * Protocols that echo lines, except that some lines do harm, to see which clients are affected.
 * `faulty` is for the tests: its handler throws when a line tells it to. `burn` is for the
 * benchmark: its handler computes.
 */
export const HARMFUL = ['faulty', 'burn'] as const

export type ProtocolName = (typeof SERVED | typeof HARMFUL)[number]

/** It has no state: one for all connections. */
const RAW = new RawSession()

/** A session for one connection. `maxLine` is in bytes, newline not counted. */
export function createSession(options: { protocol: ProtocolName; maxLine: number }): Session {
  if (options.protocol === 'http') return new HttpSession()
  const rule = createRule(options.protocol)
  return rule ? new LineSession(rule, options.maxLine) : RAW
}

/** The reply rule of a protocol that is made of lines, for a model that frames for itself. */
export function createRule(protocol: ProtocolName): ReplyRule | undefined {
  if (protocol === 'previous') return previousRule()
  if (protocol === 'line') return lineRule()
  if (protocol === 'faulty') return faultyRule
  if (protocol === 'burn') return burnRule
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

/**
 * Echoes lines. One that says ` burn 20 ` keeps its thread busy for 20 milliseconds first: what a
 * handler that computes does to the other clients.
 */
function burnRule(line: Uint8Array): Uint8Array {
  const [, milliseconds = 0] = / burn (\d{1,2}) /.exec(Buffer.from(line).toString('latin1')) ?? []
  const end = performance.now() + Number(milliseconds)
  while (performance.now() < end);
  return line
}

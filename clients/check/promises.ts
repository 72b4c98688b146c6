/** The nine promises of docs/protocol.md, "What every server promises". */

export const PROMISES = [
  'Every byte',
  'Half-close',
  'Back pressure',
  'Isolation',
  'A limit of connections',
  'An idle timeout',
  'Out of descriptors',
  'An orderly end',
  'Clear errors',
] as const

/** The number of a promise, from 1. */
export type PromiseNumber = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9

export const PROMISE_NUMBERS = PROMISES.map((_, i) => (i + 1) as PromiseNumber)

/** Where the promises are explained. */
export const EXPLAINED = 'docs/protocol.md#what-every-server-promises'

/** `promise 2, “Half-close”`. */
export function describePromise(promise: PromiseNumber): string {
  return `promise ${promise}, “${PROMISES[promise - 1]}”`
}

/**
 * Which numbers may a caller give? A wrong one is refused where it is given: later it would end a
 * wait too early or never, and nothing would show why. As in Python, what is no number is a
 * TypeError, and a number that can't be meant a RangeError (ValueError there).
 */

/**
 * Seconds to wait: any number but NaN. A time below 0 has passed already, as in gevent: `deadline -
 * now` may be less than 0, and then the wait is over at once.
 */
export function checkSeconds(seconds: unknown): void {
  if (typeof seconds !== 'number')
    throw new TypeError(`a time in seconds is a number, not ${String(seconds)}`)
  if (Number.isNaN(seconds)) throw new RangeError('NaN is no time in seconds')
}

/** A whole number of `what`, which is `least` or more. */
export function checkCount(count: unknown, least: number, what: string): void {
  if (typeof count !== 'number')
    throw new TypeError(`the number of ${what} is a number, not ${String(count)}`)
  if (!Number.isInteger(count) || count < least)
    throw new RangeError(`the number of ${what} is a whole number from ${least}, not ${count}`)
}

/** What you expect, what you have measured, and why it is so. Times are in milliseconds. */
export { default as run } from './run.json' with { type: 'json' }

/** Write this before you measure. */
export const predicted = { threads: 0, pollLoop: 0, lower: '' }

/** From the table: “p99 due”, poll-loop on libc poll. */
export const measured = { threads: 0, pollLoop: 0 }

/** The two that are true: a, b, c, d. */
export const explained: string[] = []
// a  In poll-loop a message that comes while the handler computes waits for its end.
// b  In poll-loop the kernel interrupts the handler when a message comes, and the loop reads it.
// c  In threads the kernel takes the CPU from the thread that computes, and gives it to the others.
// d  In threads a message waits for the end of the computation, as in poll-loop, but in less memory.

/** By how much the prediction for poll-loop was off: larger ÷ smaller. */
export const factor = 0

/** What the commands `serve`, `client` and `bench` have in common. */
import { Command, InvalidArgumentError } from 'commander'
import leven from 'leven'
import { errorCode, reasonOf } from '../support/error-code.ts'
import { EXIT } from '../support/exit-codes.ts'

/** A command was used wrongly: one line on stderr, exit code 2. */
export class UsageError extends Error {}

/** A command that exits with 2 when it is used wrongly, and suggests the nearest flag. */
export function createCommand(name: string, summary: string): Command {
  return new Command(name)
    .description(summary)
    .showSuggestionAfterError()
    .configureOutput({
      // An error is one line: commander puts its suggestion on a second.
      outputError: (text, write) => write(text.replace(/\n\(D/, ' (d')),
    })
    .helpOption('-h, --help', 'show this help')
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? EXIT.done : EXIT.usage))
}

/**
 * Runs a command to its exit code. A UsageError is shown and exits with 2; any other error is a
 * fault of ours, shown with its stack, and exits with 1.
 */
export async function runCommand(command: Command, argv = process.argv): Promise<void> {
  let isOutputLost = false
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // `npm run … | head` closes the pipe. A command whose output nobody reads has not failed.
    if (error.code === 'EPIPE' || isOutputLost) return
    isOutputLost = true
    process.stderr.write(`error: stdout can't be written: ${reasonOf(error)}\n`)
    process.exitCode = EXIT.failed
  })
  try {
    await command.parseAsync(argv)
    if (isOutputLost) process.exitCode ||= EXIT.failed
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    fail(error.message, EXIT.usage)
  }
}

/**
 * Writes to stdout; resolves when all is written. False if it can't be, for another reason than that
 * nobody reads it: runCommand says so.
 */
export function print(text: string): Promise<boolean> {
  return new Promise((resolve) => {
    process.stdout.write(text, (error) => {
      resolve(!error || errorCode(error) === 'EPIPE')
    })
  })
}

/** Ends a command that can't go on, with one line on stderr. */
export function fail(text: string, exitCode: number = EXIT.failed): never {
  process.stderr.write(`error: ${text}\n`)
  process.exit(exitCode)
}

/** What a command has started ends with it, but only when it exits: a signal alone is no exit. */
export function exitWhenInterrupted(): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      process.stderr.write('interrupted\n')
      process.exit(EXIT.interrupted)
    })
  }
}

/** A parser for a whole number in a range, both ends allowed. */
export function integer(min: number, max = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = Number(text)
    const valid = /^\d+$/.test(text) && value >= min && value <= max
    if (!valid) throw new InvalidArgumentError(`It must be a whole number, ${range(min, max)}.`)
    return value
  }
}

/** A parser for a number of seconds, not negative. */
export function seconds(text: string): number {
  const value = Number(text)
  const valid = /^\d*\.?\d+$/.test(text) && value <= 1e6
  if (!valid) throw new InvalidArgumentError('It must be a number of seconds, such as 0.5 or 30.')
  return value
}

/** A parser for a host. An empty one is an address to Node: that of this machine, or of all of it. */
export function host(text: string): string {
  if (text === '') throw new InvalidArgumentError('It must be an address or a name.')
  return text
}

/** `unknown model pol-loop (did you mean poll-loop?)`; the list, if none is near. */
export function unknown(what: string, given: string, known: readonly string[]): string {
  const [nearest = ''] = known.toSorted((a, b) => leven(a, given) - leven(b, given))
  const isNear = leven(nearest, given) <= Math.max(2, nearest.length / 3)
  const hint = isNear ? `did you mean ${nearest}?` : `there are: ${known.join(', ')}`
  return `unknown ${what} ${given} (${hint})`
}

function range(min: number, max: number): string {
  return max === Number.MAX_SAFE_INTEGER ? `${min} or more` : `${min} to ${max}`
}

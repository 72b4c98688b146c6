/** The exit codes of every command. */
export const EXIT = {
  done: 0,
  /** A failed check, zero successes, a server that couldn't start. */
  failed: 1,
  usage: 2,
  /** This machine can't do what was asked. */
  unsupported: 3,
  /** Ctrl-C: 128 + SIGINT, as a shell has it. */
  interrupted: 130,
} as const

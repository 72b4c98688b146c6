/** The command `npm run client -- talk | lines | burst | load | check`. */
import { createCommand, exitWhenInterrupted, runCommand } from '../servers/command/cli.ts'
import { EXIT } from '../servers/support/exit-codes.ts'
import { burstCommand } from './burst/burst.ts'
import { checkCommand } from './check/check.ts'
import { linesCommand } from './lines.ts'
import { loadCommand } from './load/load.ts'
import { talkCommand } from './talk.ts'

const EXAMPLES = `
Examples:
  npm run client -- talk
  npm run client -- burst --clients 10 --messages 3 --pause 0.1
  npm run client -- load --help
  npm run client -- check poll-loop`

// `npm run … | head` closes the pipe when it has read enough: no program reads the rest.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(process.exitCode ?? EXIT.done)
})

exitWhenInterrupted()

const command = createCommand('client', 'Talk to an echo server, check it, or load it.')
  .addCommand(talkCommand)
  .addCommand(linesCommand)
  .addCommand(burstCommand)
  .addCommand(loadCommand)
  .addCommand(checkCommand)
  .addHelpText('after', EXAMPLES)

await runCommand(command)

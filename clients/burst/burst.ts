/** The command `client burst`: shows whether a server serves its clients at the same time. */
import { integer, seconds } from '../../servers/command/cli.ts'
import { errorCode } from '../../servers/support/error-code.ts'
import { EXIT } from '../../servers/support/exit-codes.ts'
import { ClientError, clientCommand, connectError, describeEndpoint, ending } from '../command.ts'
import { firstBytes, WrongReply } from '../echo-client.ts'
import { suspicion } from '../speaks.ts'
import { note, table } from '../terminal.ts'
import { type BurstSettings, burstRows, verdict } from './result.ts'
import { runBurst } from './run.ts'

type Flags = BurstSettings & { json: boolean }

const EXAMPLES = `
Examples:
  npm run client -- burst
  npm run client -- burst --clients 10 --messages 3 --pause 0.1 --timeout 5
  npm run -s client -- burst --json > result.json

Exit codes: 0 all clients complete, 1 not all, 2 wrong use, 3 not on this machine,
130 interrupted.`

export const burstCommand = clientCommand(
  'burst',
  'Many clients at once, each of which sends, reads, checks, and pauses.',
  'the replies that are due',
)
  .option('--clients <n>', 'clients at the same time', integer(1, 1e5), 100)
  .option('--messages <n>', 'messages of each', integer(1), 10)
  .option('--pause <seconds>', 'pause after each message', seconds, 1)
  .option('--timeout <seconds>', 'time for all together', seconds, 30)
  .option('--json', 'one JSON object on stdout', false)
  .addHelpText('after', EXAMPLES)
  .action(ending(burst))

async function burst({ json, ...settings }: Flags): Promise<number> {
  const { clients, messages, pause, timeout } = settings
  const alone = (messages * pause).toFixed(1)
  note(`${clients} clients, ${messages} messages each: ${alone} s if none has to wait for another`)
  const { result, error } = await runBurst(settings)
  const failure = connectError(error, settings)
  const allFailed = result.failed === clients && result.messages === 0
  if (allFailed && !wasConnected(error)) throw failure
  const sentence = verdict(result)
  if (json) process.stdout.write(`${JSON.stringify(result)}\n`)
  else process.stdout.write(table(title(settings), burstRows(result)))
  if (sentence && !json) process.stdout.write(`${sentence}\n`)
  const hint = result.messages === 0 ? await suspicion(settings, firstBytes(error)) : ''
  if (result.failed > 0) note(`error: a client failed: ${reason(failure)}${hint}`)
  if (result.inProgress + result.waiting > 0)
    note(`error: not done in ${timeout} s (--timeout)${hint}`)
  if (result.complete === clients) return EXIT.done
  return failure instanceof ClientError ? failure.exitCode : EXIT.failed
}

function title(settings: BurstSettings): string {
  const { protocol, clients, messages, pause } = settings
  const each = `${messages} messages each, ${pause} s apart`
  return `${describeEndpoint(settings)}  ${protocol}, ${clients} clients, ${each}`
}

function wasConnected(error: unknown): boolean {
  return error instanceof WrongReply || errorCode(error) === 'ECONNRESET'
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

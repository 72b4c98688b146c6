/** The command `client lines`: sends lines one at a time, and shows and checks each reply. */
import { readFile } from 'node:fs/promises'
import { NEWLINE_BYTE } from '../servers/bytes/bytes.ts'
import { seconds, UsageError } from '../servers/command/cli.ts'
import { EXIT } from '../servers/support/exit-codes.ts'
import { ClientError, clientCommand, connectError, ending, type Target } from './command.ts'
import { EchoClient, firstBytes, WrongReply } from './echo-client.ts'
import { suspicion } from './speaks.ts'
import { printable } from './terminal.ts'

const LINES = ['Three lines, sent one by one:', 'each is answered', 'before the next is sent.']

const EXAMPLES = `
Examples:
  npm run client -- lines
  npm run client -- lines --protocol line "first line" "second line"
  npm run client -- lines --file package.json

Exit codes: 0 all replies were right, 1 one was not, 2 wrong use, 130 interrupted.`

interface Flags extends Target {
  file?: string
  timeout: number
}

export const linesCommand = clientCommand(
  'lines',
  'Send lines one at a time; show and check each reply.',
  'the replies that are due',
)
  .argument('[lines...]', 'what to send; a few lines of its own if there is nothing')
  .option('--file <path>', 'send the lines of a file')
  .option('--timeout <seconds>', 'longest silence of the server, 0 for any', seconds, 10)
  .addHelpText('after', EXAMPLES)
  .action(ending(sendLines))

async function sendLines(texts: string[], { file, timeout, ...target }: Flags): Promise<number> {
  if (file && texts.length > 0) throw new UsageError('either lines or --file, not both')
  const lines = file ? splitLines(await read(file)) : (texts.length > 0 ? texts : LINES).map(toLine)
  using client = await open({ ...target, timeout: timeout * 1000 })
  try {
    for (const line of lines) await show(client, line)
    await client.end()
  } catch (error) {
    const hint = await suspicion(target, firstBytes(error))
    throw new ClientError(`${reason(error)}${hint}`, EXIT.failed, { cause: error })
  }
  return EXIT.done
}

async function show(client: EchoClient, line: Buffer): Promise<void> {
  process.stdout.write(`Sent:     ${printable(line.subarray(0, -1))}\n`)
  const reply = splitLines(await client.ask(line))
  const shown = reply.map((part) => printable(part.subarray(0, -1)))
  process.stdout.write(`Received: ${shown.join('\n          ')}\n`)
}

function reason(error: unknown): string {
  if (error instanceof WrongReply) return `wrong reply: ${error.message}`
  return `the connection was lost: ${error instanceof Error ? error.message : error}`
}

async function open(options: Target & { timeout: number }): Promise<EchoClient> {
  try {
    return await EchoClient.connect(options)
  } catch (error) {
    throw connectError(error, options)
  }
}

async function read(path: string): Promise<Buffer> {
  try {
    return await readFile(path)
  } catch (error) {
    throw new UsageError(`--file: ${error instanceof Error ? error.message : error}`)
  }
}

/** Splits bytes into lines, each with its newline. A last line without a newline gets one. */
function splitLines(bytes: Buffer): Buffer[] {
  const lines: Buffer[] = []
  for (let start = 0; start < bytes.length; ) {
    const newline = bytes.indexOf(NEWLINE_BYTE, start)
    const end = newline < 0 ? bytes.length : newline
    lines.push(Buffer.concat([bytes.subarray(start, end), Buffer.of(NEWLINE_BYTE)]))
    start = end + 1
  }
  return lines
}

function toLine(text: string): Buffer {
  return Buffer.from(`${text}\n`)
}

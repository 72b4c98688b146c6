/** The command `client check`: holds any echo server to the nine promises of docs/protocol.md. */
import { writeFileSync } from 'node:fs'
import { Option } from 'commander'
import { createCommand, integer, print, UsageError, unknown } from '../../servers/command/cli.ts'
import { PROTOCOLS } from '../../servers/protocol/protocols.ts'
import { reasonOf } from '../../servers/support/error-code.ts'
import { EXIT } from '../../servers/support/exit-codes.ts'
import { ClientError, ending } from '../command.ts'
import { note } from '../terminal.ts'
import { PROMISE_NUMBERS, type PromiseNumber } from './promises.ts'
import { renderJunit, renderTap, renderText } from './report.ts'
import type { CheckResult } from './result.ts'
import type { Finding } from './run.ts'
import { FLAGS } from './subjects.ts'
import { type Asked, check, targetOf } from './targets.ts'

interface Flags extends Asked {
  readonly timeout: number
  readonly only?: readonly PromiseNumber[]
  readonly json: boolean
  readonly tap: boolean
  readonly junit?: string
}

const EXAMPLES = `
TARGET is HOST:PORT, the name of a model, or the path of a file with your own
(CONTRIBUTING.md says what it exports). With --command the server is started for
the check, on a free port that stands for {port}: then its memory, descriptors
and CPU time can be looked at, and it can be stopped. Name the server itself
there: of npm or a script that starts it, only that process would be looked at.

Examples:
  npm run client -- check 127.0.0.1:9000
  npm run client -- check poll-loop
  npm run client -- check --command 'python3 server.py {port}'
  npm run client -- check --command './server {port}' \\
    --flags 'max-connections=--limit {n}' --flags 'idle-timeout=--idle {n}'
  npm run -s client -- check poll-loop --only 1,2 --junit report.xml

Exit codes: 0 all that could be told is kept, 1 a promise is broken, 2 wrong
use, 3 nothing could be told, 130 interrupted.`

export const checkCommand = createCommand(
  'check',
  'Hold an echo server, in any language, to the nine promises of docs/protocol.md.',
)
  .argument('[target]', 'the server: HOST:PORT, a model, or a file with one')
  .option('--command <line>', 'start the server with this line for the shell instead')
  .addOption(protocolOption())
  .addOption(flagsOption())
  .option('--timeout <seconds>', 'longest silence of the server', integer(1, 3600), 10)
  .option('--only <promises>', 'some of the promises, such as 1,2', promisesOf)
  .option('--json', 'one JSON object on stdout', false)
  .option('--tap', 'the Test Anything Protocol on stdout', false)
  .option('--junit <file>', "write JUnit's XML into this file as well")
  .addHelpText('after', EXAMPLES)
  .action(ending(run))

async function run(target: string | undefined, flags: Flags): Promise<number> {
  if ((target === undefined) === (flags.command === undefined)) {
    throw new UsageError('check needs a target or --command, and not both')
  }
  if (flags.json && flags.tap) throw new UsageError('--json and --tap exclude each other')
  const asked = { ...flags, patience: flags.timeout * 1000 }
  const result = await check(await targetOf(target, asked), flags.only, progress)
  if (flags.junit) write(flags.junit, renderJunit(result))
  await print(rendered(result, flags))
  return exitCodeOf(result)
}

/** A line on stderr for each case. */
function progress({ case: one, verdict }: Finding, i: number, count: number): void {
  const mark = verdict.kind === 'kept' ? '' : `: ${verdict.kind}`
  note(`[${i + 1}/${count}] ${one.promise}: ${one.name}${mark}`)
}

function rendered(result: CheckResult, { json, tap }: Flags): string {
  if (json) return `${JSON.stringify(result)}\n`
  return tap ? renderTap(result) : renderText(result)
}

function exitCodeOf({ promises }: CheckResult): number {
  const verdicts = promises.map(({ verdict }) => verdict)
  if (verdicts.includes('broken')) return EXIT.failed
  return verdicts.includes('kept') ? EXIT.done : EXIT.unsupported
}

function write(file: string, text: string): void {
  try {
    writeFileSync(file, text)
  } catch (error) {
    throw new ClientError(`${file} can't be written: ${reasonOf(error)}`)
  }
}

function promisesOf(text: string): PromiseNumber[] {
  return text.split(',').map((word) => {
    const promise = PROMISE_NUMBERS.find((number) => String(number) === word.trim())
    if (!promise) throw new UsageError(`--only ${text}: promises are numbers from 1 to 9`)
    return promise
  })
}

function protocolOption(): Option {
  const option = new Option(
    '--protocol <name>',
    'what the server speaks, if it must not be guessed',
  )
  return option.choices([...PROTOCOLS])
}

function flagsOption(): Option {
  const names = Object.keys(FLAGS)
  const option = new Option(
    '--flags <name=words>',
    `how the server of --command is told a setting: ${names.join(', ')}`,
  )
  return option.argParser((text, before: ReadonlyMap<string, string> = new Map()) => {
    const [, name = '', words = ''] = /^([^=]*)=(.*)$/.exec(text) ?? []
    if (!names.includes(name)) throw new UsageError(unknown('setting', name, names))
    if (!words.includes('{n}')) throw new UsageError(`--flags ${name}=… needs {n}, for the value`)
    return new Map([...before, [name, words]])
  })
}

/** The command `npm run chat-storm`: does a chat on several servers lose anything when they die? */
import { InvalidArgumentError } from 'commander'
import {
  createCommand,
  exitWhenInterrupted,
  fail,
  integer,
  print,
  runCommand,
} from '../servers/command/cli.ts'
import { EXIT } from '../servers/support/exit-codes.ts'
import { hasRedis } from './storm/redis-server.ts'
import { describe, isWhole, tableOf } from './storm/report.ts'
import { BUSES, type Outcome, runStorm, type StormOptions } from './storm/storm.ts'

interface Flags extends Omit<StormOptions, 'seed' | 'servers' | 'bus'> {
  readonly servers: readonly number[]
  readonly bus: readonly StormOptions['bus'][]
  readonly seed?: number
  readonly json: boolean
}

const EXAMPLES = `
Examples:
  npm run chat-storm
  npm run chat-storm -- --bus redis,pubsub    # and with the wrong bus: it loses messages
  npm run chat-storm -- --calm --servers 1,2,4 --seconds 30

It starts a Redis of its own, and the servers. It needs the program redis-server.

Exit codes: 0 nothing lost, 1 something lost, seen twice or out of order, 2 wrong use,
3 no redis-server.`

const command = createCommand('chat-storm', 'Kill the servers of a chat, and count what is lost.')
  .option('--servers <list>', 'servers of the chat; 1,2,4 runs with each', counts, [3])
  .option('--people <n>', 'people, of whom each has a WebSocket', integer(1, 5000), 200)
  .option('--rooms <n>', 'rooms that they are in', integer(1, 1000), 5)
  .option('--seconds <n>', 'how long they talk', integer(1, 3600), 60)
  .option('--rate <n>', 'posts a second, of all people together', integer(1, 1000), 100)
  .option('--bus <list>', 'what the servers share: redis, pubsub, or both', buses, ['redis'])
  .option('--seed <n>', 'of what is killed and when (default: any)', integer(0, 2 ** 32 - 1))
  .option('--calm', 'kill nothing, and measure', false)
  .option('--json', 'the counts as JSON', false)
  .addHelpText('after', EXAMPLES)
  .action(run)

exitWhenInterrupted()
await runCommand(command)

async function run({ json, servers, bus: each, ...flags }: Flags): Promise<void> {
  if (!hasRedis()) fail('redis-server is not installed: apt install redis-server', EXIT.unsupported)
  const common = { ...flags, seed: flags.seed ?? Math.floor(Math.random() * 2 ** 32) }
  const runs = each.flatMap((bus) => servers.map((count) => ({ ...common, bus, servers: count })))
  process.stderr.write(`${describe(runs[0]!)}\n`)
  const outcomes: Outcome[] = []
  for (const options of runs) {
    process.stderr.write(`${options.servers} servers, bus ${options.bus} …\n`)
    outcomes.push(await runStorm(options))
  }
  const text = json ? JSON.stringify(outcomes) : `${describe(runs[0]!)}\n\n${tableOf(outcomes)}`
  await print(`${text}\n`)
  process.exit(outcomes.every(isWhole) ? EXIT.done : EXIT.failed)
}

/** A parser for numbers of servers, such as `1,2,4`. */
function counts(text: string): number[] {
  return text.split(',').map(integer(1, 16))
}

function buses(text: string): StormOptions['bus'][] {
  return text.split(',').map((name) => {
    const bus = BUSES.find((each) => each === name)
    if (!bus) throw new InvalidArgumentError(`There are: ${BUSES.join(', ')}.`)
    return bus
  })
}

/** The command `npm run bench`: every model beside every other, in one table. */
import { randomInt } from 'node:crypto'
import { access, constants, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { InvalidArgumentError, Option } from 'commander'
import { createCommand, integer, runCommand, seconds, UsageError, unknown } from '../servers/cli.ts'
import { EXIT } from '../servers/exit-codes.ts'
import { MODELS } from '../servers/models.ts'
import { type Cell, measureAll, planCells } from './cells.ts'
import { toDocument } from './document.ts'
import { renderPairs } from './peers/pairs.ts'
import { findPeers } from './peers.ts'
import { Progress } from './progress.ts'
import { C_EPOLL, modelRows, NODE_HTTP_ROW, type Row, Yardsticks } from './rows.ts'
import { BENCH_PROTOCOLS, type Parameters } from './runner.ts'
import { explain, renderTable } from './table.ts'

interface Flags extends Parameters {
  readonly models: readonly string[]
  readonly io: readonly string[]
  readonly yardsticks: boolean
  readonly http: boolean
  readonly peers: boolean
  readonly explain: boolean
  readonly json: string | undefined
}

const MODEL_IDS = MODELS.map(({ id }) => id)
const MOST_SEEDS = 2 ** 32
const IO_KINDS = ['libc', 'atomics', 'node']

const EXAMPLES = `
Examples:
  npm run bench
  npm run bench -- --models poll-loop,async-await --connections 100 --duration 5
  npm run bench -- --connections 100 --rounds 5 --yardsticks
  npm run bench -- --connections 100 --idle 9900 --io libc,node
  npm run bench -- --peers --connections 100 --rounds 5
  npm run bench -- --http --connections 100 --rounds 3
  npm run bench -- --protocol line --size 1024 --json result.json

Exit codes: 0 done, 1 a cell verified nothing, 2 wrong use, 130 interrupted.`

const command = createCommand('bench', 'Load every model with verified messages, and tabulate.')
  .option('--models <ids>', 'only these, separated by commas', listOf('model', MODEL_IDS))
  .option('--io <kinds>', `only these: ${IO_KINDS.join(', ')}`, listOf('io', IO_KINDS))
  .option('--connections <numbers>', 'how many talk', counts, [1, 100, 1000])
  .option('--idle <n>', 'how many more are open and silent', integer(0, 100_000), 0)
  .addOption(
    new Option('--protocol <name>', 'what is spoken').choices(BENCH_PROTOCOLS).default('raw'),
  )
  .option('--size <bytes>', 'bytes of a message, its newline included', integer(1), 64)
  .option('--duration <seconds>', 'measured time of a cell', seconds, 1)
  .option('--warmup <seconds>', 'load before that', seconds, 0.3)
  .option('--rounds <n>', 'measure everything so often, show medians', integer(1), 1)
  .option('--seed <n>', 'of the order in a round (default: by chance)', integer(0, MOST_SEEDS - 1))
  .option('--yardsticks', 'add a C epoll loop and a plain node:net server, and ratios', false)
  .option('--peers', 'add the servers that the models re-create, and pairs with ratios', false)
  .option('--http', 'speak HTTP, loaded by autocannon, beside a plain node:http server', false)
  .option('--explain', 'say below the table what each column means', false)
  .option('--json <file>', 'write everything that was measured')
  .addHelpText('after', EXAMPLES)
  .action(async ({ seed = randomInt(MOST_SEEDS), ...flags }: Partial<Flags>) => {
    const protocol = flags.http ? 'http' : flags.protocol
    process.exit(await bench({ ...flags, protocol, seed } as Flags))
  })

await runCommand(command)

async function bench(flags: Flags): Promise<number> {
  await check(flags)
  const models = await chooseRows(flags)
  if (models.length === 0) throw new UsageError('no model waits that way on this machine')
  await using yardsticks = flags.yardsticks ? await buildYardsticks() : undefined
  await using peers = flags.peers ? await findPeers(flags.models) : undefined
  for (const line of peers?.missing ?? []) process.stderr.write(`${line}\n`)
  // The C epoll loop is a yardstick too, and is measured once.
  const originals = (peers?.rows ?? []).filter(({ name }) => !yardsticks || name !== C_EPOLL)
  const beside = flags.protocol === 'http' ? [NODE_HTTP_ROW] : (yardsticks?.rows ?? [])
  const cells = planCells([...beside, ...models, ...originals], flags)
  const interrupted = await run(cells, flags)
  await report(cells, flags, interrupted)
  if (interrupted) return EXIT.interrupted
  const failed = cells.some(({ rounds }) => rounds.some(({ kind }) => kind === 'failed'))
  return failed ? EXIT.failed : EXIT.done
}

/** What no parser of a single flag can see. Throws a UsageError. */
async function check({ duration, protocol, idle, peers, json }: Flags): Promise<void> {
  if (duration === 0) throw new UsageError('--duration is more than 0')
  if (protocol === 'http' && idle > 0) {
    throw new UsageError('--idle is for the echo protocols: autocannon opens no silent connections')
  }
  if (protocol === 'http' && peers) {
    throw new UsageError('--peers is for the echo protocols: the originals speak no HTTP')
  }
  if (json) await checkWritable(json)
}

async function report(cells: readonly Cell[], flags: Flags, interrupted: boolean): Promise<void> {
  process.stdout.write(`${renderTable(cells, flags)}\n`)
  const pairs = flags.peers ? renderPairs(cells) : ''
  if (pairs) process.stdout.write(`\n${pairs}\n`)
  if (flags.explain) process.stdout.write(`\n${explain(cells, flags)}\n`)
  if (!flags.json) return
  const document = toDocument(cells, parametersOf(flags), interrupted)
  await writeFile(flags.json, `${JSON.stringify(document, null, 2)}\n`)
}

/** Measures all cells. Returns true if Ctrl-C ended it early. */
async function run(cells: readonly Cell[], flags: Flags): Promise<boolean> {
  const abort = new AbortController()
  const interrupt = () => abort.abort()
  process.once('SIGINT', interrupt)
  process.once('SIGTERM', interrupt)
  const progress = new Progress(cells.length * flags.rounds)
  try {
    await measureAll(cells, flags, abort.signal, (cell, outcome) =>
      progress.finished(cell, outcome),
    )
  } catch (error) {
    if (!abort.signal.aborted) throw error
  } finally {
    progress.end()
  }
  return abort.signal.aborted
}

async function chooseRows({ models = MODEL_IDS, io = IO_KINDS }: Flags): Promise<Row[]> {
  const chosen = MODELS.filter(({ id }) => models.includes(id))
  const rows = await Promise.all(chosen.map((model) => modelRows(model)))
  return rows.flat().filter(({ io: kind }) => io.includes(kind))
}

async function buildYardsticks(): Promise<Yardsticks> {
  try {
    return await Yardsticks.build()
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error)
    process.stderr.write(`error: no yardsticks without a C compiler (Debian: gcc): ${reason}\n`)
    process.exit(EXIT.unsupported)
  }
}

/** Before minutes of measuring, not after. */
async function checkWritable(file: string): Promise<void> {
  try {
    await access(dirname(file), constants.W_OK)
  } catch {
    throw new UsageError(`--json ${file}: the folder can't be written to`)
  }
}

function parametersOf(flags: Flags): Parameters {
  const { connections, idle, protocol, size, duration, warmup, rounds, seed } = flags
  return { connections, idle, protocol, size, duration, warmup, rounds, seed }
}

function listOf(what: string, known: readonly string[]): (text: string) => string[] {
  return (text) => {
    const items = text.split(',').map((item) => item.trim())
    const wrong = items.find((item) => !known.includes(item))
    if (wrong !== undefined) throw new UsageError(unknown(what, wrong, known))
    return items
  }
}

function counts(text: string): number[] {
  const items = text.split(',').map(Number)
  const valid = items.every((item) => Number.isInteger(item) && item >= 1 && item <= 100_000)
  if (!valid)
    throw new InvalidArgumentError('It must be whole numbers of 1 or more, such as 1,100.')
  return items
}

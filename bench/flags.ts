/** The flags of `npm run bench`: what is measured, how often, and where the reports go. */
import { type Command, InvalidArgumentError, Option } from 'commander'
import { checkCommand } from '../clients/check/program.ts'
import { isPath } from '../servers/boot/build.mjs'
import { createCommand, integer, seconds, UsageError, unknown } from '../servers/command/cli.ts'
import { MODELS } from '../servers/models.ts'
import { addBaselineFlags, type BaselineFlags } from './compare/baseline.ts'
import { checkReports, type ReportFlags } from './report/reports.ts'
import {
  BENCH_PROTOCOLS,
  type BenchProtocol,
  PLAIN,
  PROMISES_COST,
  WORKLOADS,
  type Workload,
} from './workloads.ts'

export interface Flags extends BaselineFlags, ReportFlags {
  readonly quick?: boolean
  readonly full?: boolean
  readonly workloads?: readonly string[]
  readonly models: readonly string[]
  readonly io?: readonly string[]
  readonly allWaits?: boolean
  /** From here to `rate`: a load that is not in the list of workloads. */
  readonly connections?: readonly number[]
  readonly idle?: number
  readonly protocol?: BenchProtocol
  readonly size?: number
  readonly rate?: number
  readonly duration?: number
  readonly warmup?: number
  readonly rounds?: number
  readonly seed?: number
  readonly yardsticks?: boolean
  readonly http?: boolean
  readonly peers?: boolean
  readonly bare?: boolean
  readonly command?: readonly string[]
  readonly costs?: boolean
  readonly pin: boolean
  readonly save: boolean
}

export const MODEL_IDS = MODELS.map(({ id }) => id)
const WORKLOAD_IDS = WORKLOADS.map(({ id }) => id)
export const IO_KINDS = ['libc', 'atomics', 'node']
const MOST_SEEDS = 2 ** 32

const EXAMPLES = `
Workloads:
${WORKLOADS.map(({ id, shows }) => `  ${id.padEnd(12)} ${shows}`).join('\n')}

Examples:
  npm run bench
  npm run bench -- --full --html report.html
  npm run bench -- --models poll-loop,async-await --connections 100 --duration 5
  npm run bench -- --workloads steady,hog
  npm run bench -- --connections 100 --yardsticks --costs
  npm run bench -- --peers --connections 100
  npm run bench -- --bare
  npm run bench -- --models poll-loop,./my/echo.ts --connections 100
  npm run bench -- --command 'python3 server.py {port}' --connections 100
  npm run bench -- --http --connections 100 --rounds 3
  npm run bench -- --http --peers --models green-threads --connections 100
  npm run -s bench -- --protocol line --size 1024 --csv - > result.csv
  npm run bench -- --save-baseline
  npm run bench -- --baseline --fail-on-regression

Exit codes: 0 done, 1 a cell failed or lost connections, or --fail-on-regression found one,
2 wrong use, 3 not on this machine, 130 interrupted: what was measured is shown and saved.`

export function benchCommand(action: (flags: Flags) => Promise<void>): Command {
  const command = createCommand('bench', 'Load every model with verified messages, and tabulate.')
  addChoice(command)
  addOwnLoad(command)
  addMeasuring(command)
  addComparisons(command)
  addReports(command)
  return addBaselineFlags(command)
    .addHelpText('after', EXAMPLES)
    .action(async (flags: Flags) => {
      await check(flags)
      await action(flags)
    })
}

/** Which cells are measured: workloads × models × ways to wait. */
function addChoice(command: Command): void {
  command
    .option('--quick', '1, 100 and 1000 connections: two and a half minutes (the default)')
    .option('--full', 'all workloads, with yardsticks and costs: over half an hour')
    .option(
      '--workloads <ids>',
      'only these, separated by commas',
      listOf('workload', WORKLOAD_IDS),
    )
    .option(
      '--models <ids>',
      'only these models, or files with your own',
      listOf('model', MODEL_IDS, isPath),
      MODEL_IDS,
    )
    .option('--command <line>', 'add your server; {port} stands for its port', commands)
    .option('--io <kinds>', `only these: ${IO_KINDS.join(', ')}`, listOf('io', IO_KINDS))
    .option('--all-waits', 'every way to wait of each model, not only its default')
}

/** A load that is not in the list of workloads. */
function addOwnLoad(command: Command): void {
  command
    .option('--connections <numbers>', 'a load of your own: how many talk (1,100,1000)', counts)
    .option('--idle <n>', '… how many more are open and silent (0)', integer(0, 100_000))
    .addOption(new Option('--protocol <name>', '… what is spoken (raw)').choices(BENCH_PROTOCOLS))
    .option('--size <bytes>', '… bytes of a message, newline included (64)', integer(1, 16384))
    .option('--rate <n>', '… messages/s of an open loop (0: a closed loop)', integer(0, 10_000_000))
}

/** How long and how often each cell is measured. */
function addMeasuring(command: Command): void {
  command
    .option(
      '--duration <seconds>',
      'measured time of a cell (0.8; --quick: 0.25; --full: 0.4)',
      seconds,
    )
    .option('--warmup <seconds>', 'load before that (0.3; --quick, --full: 0.2)', seconds)
    .option('--rounds <n>', 'measure everything n times, show medians (6)', integer(1))
    .option('--seed <n>', 'decides the order in each round (random)', integer(0, MOST_SEEDS - 1))
}

/** What the models are compared with, and what else is measured of each. */
function addComparisons(command: Command): void {
  command
    .option('--yardsticks', 'add a C epoll loop and a plain node:net server, and ratios')
    .option('--peers', 'add the servers that the models re-create, and pairs with ratios')
    .option('--bare', 'add the bare servers: what the promises cost')
    .option(
      '--http',
      'speak HTTP, loaded by autocannon, and add a plain node:http server and pywsgi',
    )
    .option('--costs', 'count system calls for the cost sheet, with perf')
    .option('--no-pin', 'do not hold server and load generator to a core each')
}

function addReports(command: Command): void {
  command
    .option('--explain', 'say below the tables what each column means')
    .option('--wide', 'show all columns, in lines longer than 80 characters')
    .option('--json <file>', 'write everything that was measured; - for stdout')
    .option('--csv <file>', 'write a line per cell; - for stdout')
    .option('--markdown <file>', 'write the tables as Markdown; - for stdout')
    .option('--html <file>', 'write one page with charts that opens from disk; - for stdout')
    .option('--no-save', 'do not keep the run as latest.json and latest.html in bench/results')
}

/** A run whose flags ask for no load of their own. */
export function isQuickRun(flags: Flags): boolean {
  return !flags.full && !flags.workloads && !flags.bare && !isCustom(flags)
}

/** The workloads to run: some of the list, or the one that the flags describe. */
export function workloadsOf(flags: Flags): readonly Workload[] {
  if (isCustom(flags)) return [customWorkload(flags)]
  if (flags.bare && !flags.workloads && !flags.full) return [PROMISES_COST]
  const chosen = flags.workloads ?? (flags.full ? WORKLOAD_IDS : ['ping', 'many'])
  return WORKLOADS.filter(({ id }) => chosen.includes(id))
}

function isCustom(flags: Flags): boolean {
  const { connections, idle, protocol, size, rate, http } = flags
  return [connections, idle, protocol, size, rate, http].some((flag) => flag !== undefined)
}

function customWorkload(flags: Flags): Workload {
  const { connections = [1, 100, 1000], http, ...own } = flags
  const { idle = PLAIN.idle, protocol = PLAIN.protocol, size = PLAIN.size, rate = PLAIN.rate } = own
  const load = { ...PLAIN, idle, protocol: http ? 'http' : protocol, size, rate } as const
  const loads = connections.map((count) => ({ ...load, connections: count }))
  return { id: 'custom', shows: '', loads }
}

export function speaksHttp({ http, protocol }: Flags): boolean {
  return Boolean(http) || protocol === 'http'
}

/** Throws a UsageError for flags that are wrong together, which no parser of one flag can see. */
async function check(flags: Flags): Promise<void> {
  const { quick, full, duration, idle = 0, rate = 0 } = flags
  if (duration === 0) throw new UsageError('--duration is more than 0')
  if (quick && full) throw new UsageError('--quick and --full exclude each other')
  if (isCustom(flags) && (flags.workloads || full)) {
    throw new UsageError(
      'the workloads of the list have loads of their own: leave --connections, --idle, --protocol, --size, --rate and --http out, or --workloads and --full',
    )
  }
  if (speaksHttp(flags) && idle > 0) {
    throw new UsageError('--idle is for the echo protocols: autocannon opens no silent connections')
  }
  if (speaksHttp(flags) && rate > 0) throw new UsageError('--rate is for the echo protocols')
  await checkReports(flags)
}

/** @param isOther accepts words that are not in the list */
export function listOf(
  what: string,
  known: readonly string[],
  isOther: (word: string) => boolean = () => false,
): (text: string) => string[] {
  return (text) => {
    const items = text.split(',').map((item) => item.trim())
    const wrong = items.find((item) => !known.includes(item) && !isOther(item))
    if (wrong !== undefined) throw new UsageError(unknown(what, wrong, known))
    return [...new Set(items)]
  }
}

function commands(line: string, before: readonly string[] = []): string[] {
  checkCommand(line)
  return [...before, line]
}

function counts(text: string): number[] {
  const items = text.split(',').map(Number)
  const valid = items.every((item) => Number.isInteger(item) && item >= 1 && item <= 100_000)
  if (!valid)
    throw new InvalidArgumentError('It must be whole numbers of 1 or more, such as 1,100.')
  return [...new Set(items)]
}

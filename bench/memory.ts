/**
 * The command `npm run bench:memory`: how much memory each server takes before its first client has
 * come, and how much each client adds that is connected and silent, beside a plain server on
 * node:net.
 *
 * What a connection holds is the slope between two crowds of one server. V8 collects garbage only
 * while something is allocated: therefore some clients talk before memory is read. What is garbage
 * after that counts, since it takes memory in any server. Most of it is in the young generation, the
 * part of the heap in which objects are made. It grows with the first thousands of clients, and
 * `--young` holds it small.
 */
import { setTimeout } from 'node:timers/promises'
import type { OwnServer } from '../clients/check/subject.ts'
import { descriptorCount, ownBytes } from '../clients/process-stats.ts'
import { ClientSession } from '../clients/session.ts'
import { note } from '../clients/terminal.ts'
import {
  createCommand,
  exitWhenInterrupted,
  fail,
  integer,
  print,
  runCommand,
} from '../servers/command/cli.ts'
import { MODELS } from '../servers/models.ts'
import { EXIT } from '../servers/support/exit-codes.ts'
import { type Estimate, estimate, median } from './figures/statistics.ts'
import { listOf, MODEL_IDS } from './flags.ts'
import { NODE_NET_ROW } from './peers/node.ts'
import { aligned } from './report/terminal.ts'
import { modelRows, type Row } from './run/rows.ts'
import { connectionsOf, type Load, PLAIN } from './workloads.ts'

interface Flags {
  readonly models: readonly string[]
  readonly connections: number
  readonly rounds: number
  readonly young?: number
}

const HELP = `
Memory is what the server's processes have written and what they share with each other. Neither the
pages of files nor the kernel's memory for a socket are among it. "each" is the slope from a tenth of
the connections to all of them. Its ratio to plain node:net is taken round by round.

Examples:
  npm run bench:memory
  npm run bench:memory -- --models poll-loop,callbacks --rounds 10
  npm run bench:memory -- --young 16

Exit codes: 0 done; 1 a server failed; 2 wrong use; 3 not on this machine; 130 interrupted.`

/** How many clients connect at a time, how many of them talk, and how many lines each sends. */
const BATCH = 100
const LINES = 200
const LINE = Buffer.alloc(64, 'x\n')
const HEAD = ['server', 'waits on', 'start MiB', 'a tenth', 'all', 'each B', '', '÷ node:net']

exitWhenInterrupted()
await runCommand(
  createCommand('bench:memory', 'What does a server hold for each of its connections?')
    .option('--models <ids>', 'only these models', listOf('model', MODEL_IDS), MODEL_IDS)
    .option('--connections <n>', 'how many are open in the end', integer(10, 10_000), 10_000)
    .option('--rounds <n>', 'measure everything n times, show medians', integer(1, 100), 6)
    .option('--young <MiB>', "how far half of V8's young generation may grow", integer(1, 64))
    .addHelpText('after', HELP)
    .action(async ({ models, connections, rounds, young }: Flags) => {
      if (process.platform !== 'linux') fail('only Linux has /proc', EXIT.unsupported)
      // The servers inherit it, and their threads and workers from them.
      const { NODE_OPTIONS = '' } = process.env
      if (young) process.env.NODE_OPTIONS = `${NODE_OPTIONS} --max-semi-space-size=${young}`
      const crowd = { ...PLAIN, idle: connections - PLAIN.connections }
      const rows = await chooseRows(models)
      const found = await measure(rows, crowd, rounds)
      await print(`${render(found, crowd)}\n`)
      process.exit(EXIT.done)
    }),
)

/** The yardstick, and each model on libc and on Node's event loop, where it has them. */
async function chooseRows(models: readonly string[]): Promise<Row[]> {
  const chosen = MODELS.filter(({ id }) => models.includes(id))
  const rows = await Promise.all(chosen.map((model) => modelRows(model)))
  const firstOn = (io: Row['io'], ways: readonly Row[]) => ways.find((way) => way.io === io)
  const both = rows.flatMap((ways) => [firstOn('libc', ways), firstOn('node', ways)])
  return [NODE_NET_ROW, ...both.filter((row) => row !== undefined)]
}

/** Bytes before the first client, with a tenth of the crowd, and with all of it. */
interface Sizes {
  readonly start: number
  readonly few?: number
  readonly many?: number
}

type Found = ReadonlyMap<Row, Sizes[]>

async function measure(rows: readonly Row[], crowd: Load, rounds: number): Promise<Found> {
  const found = new Map<Row, Sizes[]>(rows.map((row) => [row, []]))
  for (let round = 1; round <= rounds; round++) {
    for (const [row, sizes] of found) {
      sizes.push(row.cannot(crowd) ? await sizeAtStart(row) : await sizesWith(row, crowd))
      note(`round ${round} of ${rounds}: ${row.name}, ${row.wait}`)
    }
  }
  return found
}

async function sizeAtStart(row: Row): Promise<Sizes> {
  await using server = await row.start(PLAIN)
  return { start: ownBytes(server.pid)! }
}

async function sizesWith(row: Row, crowd: Load): Promise<Sizes> {
  await using server = await row.start(crowd)
  const start = ownBytes(server.pid)!
  const clients: ClientSession[] = []
  try {
    const few = await sizeWith(clients, tenthOf(crowd), server)
    const many = await sizeWith(clients, connectionsOf(crowd), server)
    return { start, few, many }
  } finally {
    for (const client of clients) client[Symbol.dispose]()
  }
}

/** Lets `clients` grow to `count`; returns the server's memory then. */
async function sizeWith(
  clients: ClientSession[],
  count: number,
  server: OwnServer,
): Promise<number> {
  while (clients.length < count) {
    // In batches: more at a time would overflow a small backlog.
    const length = Math.min(BATCH, count - clients.length)
    const batch = Array.from({ length }, () => ClientSession.connect(server.address))
    clients.push(...(await Promise.all(batch)))
  }
  // The kernel connects a client before the server has accepted it.
  while ((descriptorCount(server.pid) ?? count) < count) await setTimeout(10)
  await Promise.all(clients.slice(0, BATCH).map(talk))
  return ownBytes(server.pid)!
}

async function talk(client: ClientSession): Promise<void> {
  for (let left = LINES; left > 0; left--) await client.ask(LINE, LINE.length)
}

function render(found: Found, crowd: Load): string {
  const slopes = (row: Row) => found.get(row)!.map((sizes) => slope(sizes, crowd))
  const yardstick = slopes(NODE_NET_ROW)
  const lines = [...found].map(([row, sizes]) => {
    const own = slopes(row)
    const ratio = estimate(own.map((bytes, round) => bytes && bytes / yardstick[round]!))
    const middles = [
      ({ start }: Sizes) => start,
      ({ few }: Sizes) => few,
      ({ many }: Sizes) => many,
    ]
    const sums = middles.map((of) => mebibytes(median(sizes.map(of))))
    return [
      row.name,
      row.wait,
      ...sums,
      ...withInterval(estimate(own)),
      ratio?.median.toFixed(2) ?? '–',
    ]
  })
  const missing = [...found.keys()].filter((row) => row.cannot(crowd))
  const notes = missing.map((row) => `${row.name}: ${row.cannot(crowd)}`)
  return [aligned(HEAD, lines, (column) => column > 1), ...notes].join('\n')
}

/** The bytes that each further connection has added; null if the server can't have so many. */
function slope({ few, many }: Sizes, crowd: Load): number | null {
  if (few === undefined || many === undefined) return null
  return (many - few) / (connectionsOf(crowd) - tenthOf(crowd))
}

function tenthOf(crowd: Load): number {
  return Math.ceil(connectionsOf(crowd) / 10)
}

function mebibytes(bytes: number | null): string {
  return bytes === null ? '–' : (bytes / 2 ** 20).toFixed(1)
}

function withInterval(of: Estimate | null): [string, string] {
  if (!of) return ['–', '']
  const { median, low, high } = of
  return [
    median.toFixed(0),
    low === null || high === null ? '' : `${low.toFixed(0)}–${high.toFixed(0)}`,
  ]
}

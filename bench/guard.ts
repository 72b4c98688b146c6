/**
 * The command `npm run bench:guard`: the six ratios that say whether the project is still fast, each
 * beside the interval that is kept in guard.json.
 */
import { randomInt } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { ROOT } from '../servers/boot/root.mjs'
import {
  createCommand,
  exitWhenInterrupted,
  fail,
  integer,
  print,
  runCommand,
} from '../servers/command/cli.ts'
import { findModel } from '../servers/models.ts'
import { reasonOf } from '../servers/support/error-code.ts'
import { EXIT } from '../servers/support/exit-codes.ts'
import { type Parameters, thisMachine } from './document/document.ts'
import { cpuRatio } from './figures/figures.ts'
import type { Estimate } from './figures/statistics.ts'
import { bareRow } from './peers/bare.ts'
import { findPeers } from './peers/find.ts'
import { PEERS } from './peers/list.ts'
import { NODE_HTTP_ROW, NODE_NET_ROW, PYWSGI_ROW } from './peers/node.ts'
import { C_EPOLL } from './peers/yardsticks.ts'
import { measureAll, type PlannedCell, planCells } from './run/cells.ts'
import { choosePinning } from './run/pinning.ts'
import { Progress } from './run/progress.ts'
import { modelRows, type Row } from './run/rows.ts'
import { PLAIN, type Workload } from './workloads.ts'

interface Flags {
  readonly rounds: number
  readonly keep: boolean
}

const HELP = `
Each ratio is the median over all rounds, in which its two servers are measured one after the other:
CPU time per message, with 100 connections. Six calm rounds are needed, and on a shared machine some
are not. A ratio has become worse if its interval lies wholly above the one that is kept in
bench/guard.json. The ratios of another machine are others: keep them there first, from the version
that is to be compared with.

Examples:
  npm run bench:guard
  npm run bench:guard -- --rounds 20
  npm run bench:guard -- --keep

Exit codes: 0 none has become worse; 1 one has, or the machine was too busy to tell; 2 wrong use;
3 not on this machine.`

const FILE = new URL('bench/guard.json', ROOT)
const HUNDRED = { ...PLAIN, connections: 100 }
const ECHO: Workload = { id: 'echo', shows: '', loads: [HUNDRED] }
const HTTP: Workload = { id: 'http', shows: '', loads: [{ ...HUNDRED, protocol: 'http' }] }

exitWhenInterrupted()
await runCommand(
  createCommand('bench:guard', 'Has one of the six ratios that matter become worse?')
    .option('--rounds <n>', 'measure everything n times', integer(6, 100), 10)
    .option('--keep', 'keep the ratios of this run', false)
    .addHelpText('after', HELP)
    .action(async ({ rounds, keep }: Flags) => {
      const kept = keep ? {} : readKept()
      const found = await measure(rounds)
      await print(render(found, kept))
      if (keep) writeKept(found)
      process.exit(found.every((one) => isKept(one, kept)) ? EXIT.done : EXIT.failed)
    }),
)

/** What one server costs, divided by what another one costs. */
interface Ratio {
  readonly name: string
  readonly cost: Row
  readonly beside: Row
  /** The load generator's cost is asked, and not its server's. */
  readonly ofGenerator?: boolean
}

interface Found {
  readonly name: string
  readonly now: Estimate | null
}

async function ratiosOf(c: Row): Promise<Ratio[]> {
  const [pollLoop, atomics] = await rowsOf('poll-loop', 'libc', 'atomics')
  const [callbacks] = await rowsOf('callbacks', 'node')
  const bare = await bareRow(findModel('poll-loop')!)
  return [
    { name: 'poll-loop ÷ C epoll', cost: pollLoop!, beside: c },
    { name: 'callbacks ÷ node:net', cost: callbacks!, beside: NODE_NET_ROW },
    { name: 'poll-loop on atomics ÷ node:net', cost: atomics!, beside: NODE_NET_ROW },
    { name: 'poll-loop ÷ its bare.ts', cost: pollLoop!, beside: bare },
    { name: 'WSGI ÷ node:http', cost: PYWSGI_ROW, beside: NODE_HTTP_ROW },
    { name: 'load generator ÷ C epoll', cost: c, beside: c, ofGenerator: true },
  ]
}

/** The first row of a model for each of these ways to wait. */
async function rowsOf(id: string, ...kinds: string[]): Promise<Row[]> {
  const rows = await modelRows(findModel(id)!)
  return kinds.map((kind) => rows.find(({ io }) => io === kind) ?? cannot(`${id} on ${kind}`))
}

async function measure(rounds: number): Promise<Found[]> {
  await using peers = await findPeers(PEERS.filter(({ name }) => name === C_EPOLL))
  const [c = cannot('a C compiler')] = peers.rows
  const ratios = await ratiosOf(c)
  const rows = [...new Set(ratios.flatMap(({ cost, beside }) => [cost, beside]))]
  // A row speaks HTTP and nothing else, or no HTTP.
  const ofHttp = rows.filter((row) => row === PYWSGI_ROW || row === NODE_HTTP_ROW)
  const ofEcho = rows.filter((row) => !ofHttp.includes(row))
  const cells = [...planCells(ofEcho, [ECHO]), ...planCells(ofHttp, [HTTP])]
  await measureCells(cells, rounds)
  const cellOf = (row: Row) => cells.find((cell) => cell.row === row)!
  return ratios.map(({ name, cost, beside, ofGenerator }) => {
    const figure = ofGenerator ? 'clientPerMessage' : 'cpuPerMessage'
    return { name, now: cpuRatio(cellOf(cost), cellOf(beside), figure) }
  })
}

async function measureCells(cells: readonly PlannedCell[], rounds: number): Promise<void> {
  const parameters: Parameters = {
    duration: 0.4,
    warmup: 0.2,
    rounds,
    seed: randomInt(2 ** 32),
    pinned: choosePinning(),
    sharedServers: true,
    systemCalls: false,
  }
  const progress = new Progress(cells.length * rounds)
  try {
    await measureAll(cells, parameters, new AbortController().signal, (cell, outcome) => {
      progress.finished(cell, outcome)
    })
  } finally {
    progress.end()
  }
}

/** The ends of the interval of each ratio, by its name. */
type Kept = Readonly<Record<string, readonly [low: number, high: number]>>

function readKept(): Kept {
  try {
    return JSON.parse(readFileSync(FILE, 'utf8')).ratios
  } catch (error) {
    fail(`bench/guard.json can't be read: ${reasonOf(error)}. Make it with --keep.`)
  }
}

function writeKept(found: readonly Found[]): void {
  const sure = found.filter(({ now }) => now?.low != null)
  const ratios = Object.fromEntries(
    sure.map(({ name, now }) => [name, [rounded(now!.low!), rounded(now!.high!)]]),
  )
  const kept = { machine: thisMachine(), date: new Date().toISOString().slice(0, 10), ratios }
  try {
    writeFileSync(FILE, `${JSON.stringify(kept, null, 2)}\n`)
  } catch (error) {
    fail(`bench/guard.json can't be written: ${reasonOf(error)}`)
  }
}

/** A ratio that is not kept yet can't have become worse. */
function isKept({ name, now }: Found, kept: Kept): boolean {
  return now?.low != null && now.low <= (kept[name]?.[1] ?? now.low)
}

function render(found: readonly Found[], kept: Kept): string {
  const width = Math.max(...found.map(({ name }) => name.length))
  const lines = found.map((one) => {
    const before = kept[one.name]
    const text = before ? `, kept ${shown(before[0])} to ${shown(before[1])}` : ''
    return `${isKept(one, kept) ? '  ' : '✗ '}${one.name.padEnd(width)}  ${nowText(one)}${text}`
  })
  return `${lines.join('\n')}\n`
}

function nowText({ now }: Found): string {
  if (now?.low == null || now.high == null) return "can't tell: fewer than 6 calm rounds"
  return `${shown(now.median)} (${shown(now.low)} to ${shown(now.high)})`
}

function shown(ratio: number): string {
  return ratio.toFixed(2)
}

function rounded(ratio: number): number {
  return Math.round(ratio * 1000) / 1000
}

function cannot(what: string): never {
  fail(`${what} is missing on this machine`, EXIT.unsupported)
}

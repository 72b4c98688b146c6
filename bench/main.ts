/** The command `npm run bench`: measures every model under the same loads, a table for each. */
import { randomInt } from 'node:crypto'
import { whyNotCounted } from '../clients/system-calls.ts'
import { isPath } from '../servers/boot/build.mjs'
import { fail, runCommand, UsageError } from '../servers/command/cli.ts'
import { modelNamed } from '../servers/command/own-model.ts'
import { MODELS } from '../servers/models.ts'
import { EXIT } from '../servers/support/exit-codes.ts'
import { checkBaseline, compareWithBaseline } from './compare/baseline.ts'
import {
  type BenchDocument,
  type Parameters,
  theseVersions,
  thisMachine,
} from './document/document.ts'
import { resultOf } from './figures/figures.ts'
import { benchCommand, type Flags, IO_KINDS, isQuickRun, speaksHttp, workloadsOf } from './flags.ts'
import { bareRow } from './peers/bare.ts'
import { findPeers, type Peers } from './peers/find.ts'
import { originalsOf, PEERS } from './peers/list.ts'
import { NODE_HTTP_ROW, NODE_NET_ROW, PYWSGI_ROW } from './peers/node.ts'
import { C_EPOLL, PYWSGI } from './peers/yardsticks.ts'
import { keepElsewhere, keepLatest, shortest, writeReports } from './report/reports.ts'
import { measureAll, type PlannedCell, planCells } from './run/cells.ts'
import { choosePinning } from './run/pinning.ts'
import { Progress } from './run/progress.ts'
import { commandRow, modelRows, type Row } from './run/rows.ts'
import type { Workload } from './workloads.ts'

/** With fewer rounds there is no interval: see statistics.ts. */
const ROUNDS = 6

await runCommand(
  benchCommand(async (flags) => {
    process.exit(await bench(flags))
  }),
)

async function bench(flags: Flags): Promise<number> {
  const workloads = workloadsOf(flags)
  const parameters = parametersOf(flags)
  const conditions = { machine: thisMachine(), parameters, workloads }
  const baseline = await checkBaseline(flags, conditions)
  await using others = await findOthers(flags)
  const rows = [...yardsticksFor(flags, others), ...(await chooseRows(flags))]
  const cells = planCells([...rows, ...others.rows.filter((row) => !rows.includes(row))], workloads)
  const interrupted = await run(cells, parameters)
  const document = toDocument(cells, workloads, parameters, interrupted)
  const isReported = await report(document, flags)
  const compared = await compareWithBaseline(document, baseline, flags)
  if (interrupted) return EXIT.interrupted
  return hasFailed(document) || !isReported ? EXIT.failed : compared
}

/** Saves the run first: whatever can't be shown then is not lost. */
async function report(document: BenchDocument, flags: Flags): Promise<boolean> {
  const kept = flags.save ? await keepLatest(document) : undefined
  const isReported = await writeReports(document, flags)
  if (kept) process.stderr.write(`report: ${shortest(kept.replace(/json$/, 'html'))}\n`)
  if (!isReported) {
    const file = kept ?? (await keepElsewhere(document))
    if (file) process.stderr.write(`the run is kept in ${shortest(file)}\n`)
  }
  return isReported
}

function parametersOf(flags: Flags): Parameters {
  const { duration, warmup, rounds, seed, full, costs, pin } = flags
  const isQuick = isQuickRun(flags)
  return {
    duration: duration ?? (isQuick ? 0.25 : full ? 0.4 : 0.8),
    warmup: warmup ?? (isQuick || full ? 0.2 : 0.3),
    rounds: rounds ?? ROUNDS,
    seed: seed ?? randomInt(2 ** 32),
    pinned: pin ? choosePinning() : null,
    sharedServers: isQuick,
    systemCalls: Boolean(costs || full) && canCount(),
  }
}

function canCount(): boolean {
  const reason = whyNotCounted()
  if (reason) process.stderr.write(`${reason}\n`)
  return reason === undefined
}

/** A cell that failed, or one that has lost connections. */
function hasFailed({ cells }: BenchDocument): boolean {
  return cells.some(({ rounds }) =>
    rounds.some((outcome) => {
      const lost = Object.keys(resultOf(outcome)?.errors ?? {}).length > 0
      return outcome.kind === 'failed' || lost
    }),
  )
}

/** Measures all cells. Returns true if a signal, such as Ctrl-C, interrupted the run. */
async function run(cells: readonly PlannedCell[], parameters: Parameters): Promise<boolean> {
  const abort = new AbortController()
  const interrupt = () => abort.abort()
  process.once('SIGINT', interrupt)
  process.once('SIGTERM', interrupt)
  const possible = cells.filter(({ row, load }) => !row.cannot(load))
  const progress = new Progress(possible.length * parameters.rounds)
  try {
    await measureAll(cells, parameters, abort.signal, (cell, outcome) => {
      if (outcome.kind !== 'left out') progress.finished(cell, outcome)
    })
  } catch (error) {
    if (!abort.signal.aborted) throw error
  } finally {
    progress.end()
  }
  return abort.signal.aborted
}

/** The rows of the models. Throws a UsageError if the flags leave none. */
async function chooseRows({ models, io, full, allWaits, bare, command }: Flags): Promise<Row[]> {
  // Where libc runs, --full leaves `atomics` out: --all-waits shows the cost of that layer.
  const hasOther = process.platform === 'linux'
  const kinds = io ?? IO_KINDS.filter((kind) => !full || !hasOther || kind !== 'atomics')
  const hasAll = allWaits || full || io !== undefined
  const ours = MODELS.filter(({ id }) => models.includes(id))
  const chosen = [
    ...ours,
    ...(await Promise.all(models.filter(isPath).map((file) => modelNamed(file)))),
  ]
  const rows = await Promise.all(chosen.map((model) => modelRows(model)))
  const found = rows.flatMap((ways) =>
    ways.filter(({ io: kind }) => kinds.includes(kind)).slice(0, hasAll ? undefined : 1),
  )
  if (found.length === 0) throw new UsageError('no model waits that way on this machine')
  const bareRows = bare ? await Promise.all(ours.map(bareRow)) : []
  return [...found, ...bareRows, ...(command ?? []).map(commandRow)]
}

/**
 * The servers to compare with that the flags ask for and this machine has: the originals (each in
 * the language or framework that a model re-creates), and the yardstick in C (see yardsticks.ts).
 */
async function findOthers(flags: Flags): Promise<Peers> {
  const { peers, yardsticks, full, models } = flags
  // The originals of the models speak no HTTP.
  const originals = originalsOf(speaksHttp(flags) ? [PYWSGI] : models)
  const wanted = new Set(peers ? originals : [])
  for (const peer of PEERS) {
    if ((yardsticks || full) && peer.name === C_EPOLL) wanted.add(peer)
  }
  const found = await findPeers([...wanted])
  for (const line of found.missing) process.stderr.write(`${line}\n`)
  const hasYardstick = found.rows.some(({ name }) => name === C_EPOLL)
  if (yardsticks && !hasYardstick) {
    await found[Symbol.asyncDispose]()
    fail('no yardsticks without a C compiler: apt-get install gcc', EXIT.unsupported)
  }
  return found
}

function yardsticksFor(flags: Flags, others: Peers): Row[] {
  if (speaksHttp(flags)) return [NODE_HTTP_ROW, PYWSGI_ROW]
  if (!flags.yardsticks && !flags.full) return []
  return [...others.rows.filter(({ name }) => name === C_EPOLL), NODE_NET_ROW]
}

function toDocument(
  cells: readonly PlannedCell[],
  workloads: readonly Workload[],
  parameters: Parameters,
  interrupted: boolean,
): BenchDocument {
  return {
    schemaVersion: 3,
    date: new Date().toISOString(),
    machine: thisMachine(),
    versions: theseVersions(),
    parameters,
    interrupted,
    workloads,
    cells: cells.map(({ row: _, ...cell }) => cell),
  }
}

/**
 * Tables that pages show by reference:
 *
 *     overview cpu ping many/100      a row for each server: its tier and its figure in each load
 *     tiers cpu many/100              a line for each tier
 *     costs                           of each model, in memory and in code
 *     limits                          what each model can't do at all
 *     promises bare/100+0             each model beside its bare server
 */
import type { Estimate } from '../../../bench/figures/statistics.ts'
import { bareName } from '../../../bench/peers/bare.ts'
import { intervalText } from '../../../bench/report/columns.ts'
import type { Digest, DigestLoad, DigestRow } from '../../../bench/report/digest.ts'
import { aligned } from '../../../bench/report/markdown.ts'
import { unknown } from '../../../servers/command/cli.ts'
import { MODELS, type Model } from '../../../servers/models.ts'
import { FillError } from './fault.ts'
import { linesOf } from './lines.ts'
import { findLoad, findMeasure } from './lookup.ts'
import { type Measure, ratioOf, shown } from './measures.ts'
import { tiersOf } from './tiers.ts'

const NONE = '–'

/** Throws a FillError that says what is wrong with the name. */
export function tableOf(name: string, run: Digest): string {
  const [kind = '', measure = '', ...loads] = name.split(' ')
  if (kind === 'costs') return costs(run)
  if (kind === 'limits') return limits()
  if (kind === 'promises') return promises(findLoad(run, measure))
  const found = loads.map((load) => findLoad(run, load))
  if (kind === 'overview') return overview(found, loads, findMeasure(measure))
  if (kind === 'tiers' && found[0]) return tiers(found[0], findMeasure(measure))
  throw new FillError(unknown('table', name, ['overview', 'tiers', 'costs', 'limits', 'promises']))
}

/** `1 · 7.1`: the tier, and the figure. A figure without a tier has too few calm rounds. */
function overview(
  loads: readonly DigestLoad[],
  names: readonly string[],
  measure: Measure,
): string {
  const columns = loads.map((load) => {
    const ranks = tiersOf(load, measure)
    return (row: DigestRow) => {
      const here = load.rows.find((one) => isSame(one, row))
      const tier = ranks.findIndex((rank) => rank.some((one) => isSame(one, row)))
      const text = (here && shown(here, measure)) ?? NONE
      return tier < 0 ? text : `${tier + 1} · ${text}`
    }
  })
  const rows = (loads[0]?.rows ?? []).map((row) => {
    return [row.model, row.wait, ...columns.map((column) => column(row))]
  })
  return aligned(['model', 'waits on', ...names], rows, 2)
}

function isSame(a: DigestRow, b: DigestRow): boolean {
  return a.model === b.model && a.wait === b.wait
}

function tiers(load: DigestLoad, measure: Measure): string {
  const ranks = tiersOf(load, measure)
  const ranked = ranks.flat()
  const others = load.rows.filter((row) => !ranked.includes(row))
  const reasons = [...new Set(others.map((row) => reasonOf(row, measure)))]
  const list = (rows: readonly DigestRow[]) =>
    rows.map((row) => [nameOf(row, load), shown(row, measure)].join(' ').trim()).join(', ')
  const lines = [
    ...ranks.map((rank, i) => [`${i + 1}`, list(rank)]),
    ...reasons.map((reason) => {
      const rows = others.filter((row) => reasonOf(row, measure) === reason)
      return [NONE, `${list(rows)}: ${reason}`]
    }),
  ]
  return aligned(['tier', `${measure.title}, ${measure.unit}`], lines, 2)
}

/** Why a row is in no tier. */
function reasonOf(row: DigestRow, measure: Measure): string {
  if (shown(row, measure) !== undefined) return 'Too few of its rounds were calm.'
  return row.reason ?? 'It was not measured.'
}

/** With its way to wait where the table has the model in more than one. */
function nameOf({ model, wait }: DigestRow, { rows }: DigestLoad): string {
  const isAlone = rows.filter((row) => row.model === model).length === 1
  return isAlone ? model : `${model} ${wait}`
}

/** Threads and calls are those with 100 connections. */
function costs(run: Digest): string {
  const head = ['start MiB', 'with 1000 MiB', 'KiB/silent', 'threads', 'calls/msg']
  const lines = ['bare.ts', 'echo.ts', 'folder']
  const rows = MODELS.map(({ id }) => costsOf(id, run))
  return aligned(['model', ...head, ...lines], rows, 1)
}

function costsOf(id: string, run: Digest): string[] {
  const rowIn = (load: string) => rowOf(findLoad(run, load), id)
  const cell = (measure: string, load: string) => {
    const row = rowIn(load)
    return (row && shown(row, findMeasure(measure))) ?? NONE
  }
  const { threads, systemCallsPerMessage: calls } = rowIn('many/100')?.once ?? {}
  const { bare, echo, folder } = linesOf(id)!
  return [
    id,
    cell('start', 'ping'),
    cell('memory', 'many/1000'),
    cell('per-idle', 'idle'),
    threads === undefined ? NONE : String(threads),
    calls === undefined ? NONE : calls.toFixed(2),
    ...[bare, echo, folder].map(String),
  ]
}

function promises(load: DigestLoad): string {
  const head = ['bare µs', 'model µs', '÷', 'interval', 'bare KiB', 'model KiB']
  const lines = ['bare lines', 'model lines']
  const rows = MODELS.flatMap((model) => {
    const [own, bare] = [model.id, bareName(model)].map((name) => rowOf(load, name))
    const ratio = own && bare ? ratioOf(own, bare, findMeasure('cpu')) : null
    return own && bare && ratio ? [pairOf(own, bare, ratio)] : []
  })
  return aligned(['model', 'waits on', ...head, ...lines], rows, 2)
}

function pairOf(own: DigestRow, bare: DigestRow, ratio: Estimate): string[] {
  const both = (measure: string) =>
    [bare, own].map((row) => shown(row, findMeasure(measure)) ?? NONE)
  const lines = linesOf(own.model)!
  return [
    ...[own.model, own.wait, ...both('cpu')],
    ...[ratio.median.toFixed(2), intervalText(ratio), ...both('per-idle')],
    ...[String(lines.bare), String(lines.folder)],
  ]
}

function rowOf({ rows }: DigestLoad, name: string): DigestRow | undefined {
  return rows.find(({ model }) => model === name)
}

function limits(): string {
  const head = [
    'model',
    'clients at a time',
    'several cores',
    'TLS',
    'system',
    "promises it can't keep",
  ]
  return aligned(head, MODELS.map(limitsOf), head.length)
}

function limitsOf({ id, places, takes, waits, exceptions }: Model): string[] {
  const isParallel = takes.includes('threads') || takes.includes('workers')
  const onlyLinux = waits.every(({ io }) => io === 'libc')
  const promises = Object.values(exceptions)
  return [
    id,
    places ? String(places.count) : 'any number',
    isParallel ? 'yes' : 'no',
    takes.includes('tls') ? 'yes' : 'no',
    onlyLinux ? 'Linux' : 'any',
    promises.length > 0 ? promises.join(' ') : NONE,
  ]
}

/**
 * Figures that pages show by reference:
 *
 *     cpu many/100 poll-loop                      a measure, a load, a row: 7.1
 *     interval cpu many/100 poll-loop             6.9–7.3
 *     ratio cpu many/100 threads / poll-loop      how many times as much: 2.4
 *     lines bare poll-loop                        lines of code; also echo, folder
 *     run date                                    of the run; also rounds, window, node, cores
 */
import type { Digest } from '../../../bench/report/digest.ts'
import { unknown } from '../../../servers/command/cli.ts'
import { MODELS } from '../../../servers/models.ts'
import { FillError } from './fault.ts'
import { type Lines, linesOf } from './lines.ts'
import { findLoad, findMeasure, findRow } from './lookup.ts'
import { estimateOf, ratioOf, shown } from './measures.ts'

export { measuredCosts } from './costs.ts'

/** Throws a FillError that says what is wrong with the name, or why there is no such figure. */
export function figureOf(name: string, run: Digest): string {
  const [kind = '', ...words] = name.split(' ')
  if (kind === 'lines') return lines(words)
  if (kind === 'run') return ofRun(words, run)
  if (kind === 'ratio') return ratio(words, run)
  if (kind === 'interval') return interval(words, run)
  return measured([kind, ...words], run)
}

function measured([measure = '', load = '', ...row]: readonly string[], run: Digest): string {
  const found = findRow(findLoad(run, load), row.join(' '))
  return shown(found, findMeasure(measure)) ?? missing(load, row, found.reason)
}

function interval([measure = '', load = '', ...row]: readonly string[], run: Digest): string {
  const { show } = findMeasure(measure)
  const found = findRow(findLoad(run, load), row.join(' '))
  const value = estimateOf(found, findMeasure(measure))
  if (value?.low == null || value.high === null) return missing(load, row, found.reason)
  return `${show(value.low)}–${show(value.high)}`
}

function ratio([measure = '', load = '', ...rows]: readonly string[], run: Digest): string {
  const [one = '', other = ''] = rows.join(' ').split(' / ')
  const place = findLoad(run, load)
  const times = ratioOf(findRow(place, one), findRow(place, other), findMeasure(measure))
  return times ? times.median.toFixed(times.median < 10 ? 1 : 0) : missing(load, rows)
}

function missing(load: string, row: readonly string[], reason = 'too few calm rounds'): never {
  throw new FillError(`there is no figure of ${row.join(' ')} under ${load}: ${reason}`)
}

function lines([kind = '', model = '']: readonly string[]): string {
  const all = linesOf(model)
  if (!all)
    throw new FillError(
      unknown(
        'model',
        model,
        MODELS.map(({ id }) => id),
      ),
    )
  if (!(kind in all)) throw new FillError(unknown('kind of lines', kind, Object.keys(all)))
  return String(all[kind as keyof Lines])
}

function ofRun([what = '']: readonly string[], run: Digest): string {
  const facts: Readonly<Record<string, string>> = {
    date: run.date.slice(0, 10),
    rounds: String(run.parameters.rounds),
    window: String(run.parameters.duration),
    node: run.versions.node ?? 'unknown',
    cpu: run.machine.cpu,
    cores: String(run.machine.cores),
  }
  const fact = facts[what]
  if (fact === undefined) throw new FillError(unknown('fact', what, Object.keys(facts)))
  return fact
}

/** Finds loads, rows and measures of the kept run by the names that pages use. */
import type { Digest, DigestLoad, DigestRow } from '../../../bench/report/digest.ts'
import { unknown } from '../../../servers/command/cli.ts'
import { FillError } from './fault.ts'
import { MEASURES, type Measure } from './measures.ts'

export function findMeasure(name: string): Measure {
  const measure = MEASURES[name]
  if (!measure) throw new FillError(unknown('measure', name, Object.keys(MEASURES)))
  return measure
}

/** By `many/100`; where a workload is a single load, its name is enough: `hog`. */
export function findLoad({ loads }: Digest, name: string): DigestLoad {
  const ofWorkload = loads.filter(({ id }) => id.split('/')[0] === name)
  const [only] = ofWorkload.length === 1 ? ofWorkload : loads.filter(({ id }) => id === name)
  if (!only)
    throw new FillError(
      unknown(
        'load',
        name,
        loads.map(({ id }) => id),
      ),
    )
  return only
}

/**
 * `poll-loop libc epoll`. The name of a model alone means the way in which it waits by default,
 * which is its first row.
 */
export function findRow({ rows }: DigestLoad, name: string): DigestRow {
  const row =
    rows.find((one) => `${one.model} ${one.wait}` === name) ??
    rows.find(({ model }) => model === name)
  if (!row) throw new FillError(unknown('row', name, [...new Set(rows.map(({ model }) => model))]))
  return row
}

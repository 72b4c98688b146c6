/**
 * Whether two runs may be compared. A ratio of figures from two machines, or from windows of two
 * lengths, looks like any other and means nothing: so the comparison is refused, and does not only
 * get a warning.
 */
import { isDeepStrictEqual } from 'node:util'
import type { BenchDocument, Machine, Parameters } from '../document/document.ts'
import { describeLoad, type Load } from '../workloads.ts'

/** The part of a document that is known before the run. */
export type Conditions = Pick<BenchDocument, 'machine' | 'parameters' | 'workloads'>

const OF_MACHINE: readonly (keyof Machine)[] = ['system', 'cpu', 'cores', 'memory']
/** The other parameters may differ: rounds, seed, and whether system calls were counted. */
const OF_PARAMETERS: readonly (keyof Parameters)[] = [
  'duration',
  'warmup',
  'sharedServers',
  'pinned',
]

/** The reasons why two runs can't be compared, a line each: `machine, cores: 2 in A, 4 in B`. */
export function obstacles(a: Conditions, b: Conditions): string[] {
  return [
    ...differences('machine', OF_MACHINE, a.machine, b.machine),
    ...differences('parameters', OF_PARAMETERS, a.parameters, b.parameters),
    ...differencesOfLoads(a, b),
  ]
}

function differences<Group extends object>(
  name: string,
  keys: readonly (keyof Group)[],
  a: Group,
  b: Group,
): string[] {
  return keys
    .filter((key) => !isDeepStrictEqual(a[key], b[key]))
    .map((key) => `${name}, ${String(key)}: ${shown(a[key])} in A, ${shown(b[key])} in B`)
}

/**
 * A run may have measured fewer loads of a workload than the other. But if each run has a load that
 * the other lacks, the same workload id means different things in them.
 */
function differencesOfLoads(a: Conditions, b: Conditions): string[] {
  const inBoth = a.workloads.flatMap(({ id, loads }) => {
    const other = b.workloads.find((workload) => workload.id === id)
    return other ? [{ id, ofA: loads, ofB: other.loads }] : []
  })
  if (inBoth.length === 0) {
    const idsOf = ({ workloads }: Conditions) => workloads.map(({ id }) => id).join(', ')
    return [`workloads: ${idsOf(a)} in A, ${idsOf(b)} in B, and none in both`]
  }
  return inBoth.flatMap(({ id, ofA, ofB }) => {
    const [onlyA, onlyB] = [without(ofA, ofB), without(ofB, ofA)]
    if (onlyA.length === 0 || onlyB.length === 0) return []
    return differencesOfPairs(`workload ${id}`, onlyA, onlyB)
  })
}

/** Compares the loads in their order: most likely the same fields differ in all of them. */
function differencesOfPairs(name: string, a: readonly Load[], b: readonly Load[]): string[] {
  const common = Math.min(a.length, b.length)
  const pairs = a.slice(0, common).flatMap((load, i) => {
    const other = b[i]!
    const keys = Object.keys({ ...load, ...other }) as (keyof Load)[]
    return differences(`${name}, ${describeLoad(load)}`, keys, load, other)
  })
  const left = (side: string, loads: readonly Load[]) =>
    loads.slice(common).map((load) => `${name}, ${describeLoad(load)}: only in ${side}`)
  return [...pairs, ...left('A', a), ...left('B', b)]
}

function without(loads: readonly Load[], others: readonly Load[]): Load[] {
  return loads.filter((load) => !others.some((other) => isDeepStrictEqual(load, other)))
}

/** A value in words: `Some CPU`, `0.3`, `none`, `server 0, client 1`. */
function shown(value: unknown): string {
  if (value == null) return 'none'
  if (typeof value !== 'object') return String(value)
  return Object.entries(value)
    .map(([key, part]) => `${key} ${part}`)
    .join(', ')
}

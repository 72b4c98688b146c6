/** The command that repeats the run of a document. */
import { MODELS } from '../../../servers/models.ts'
import type { BenchDocument, Cell, Parameters } from '../../document/document.ts'
import { PEERS } from '../../peers/list.ts'
import { C_EPOLL, NODE_NET } from '../../peers/yardsticks.ts'
import { PLAIN, WORKLOADS, type Workload } from '../../workloads.ts'

/** `npm run bench -- --workloads ping,many --rounds 5 …`. */
export function commandOf({ workloads, cells, parameters }: BenchDocument): string {
  const flags = [loadFlags(workloads), rowFlags(cells), parameterFlags(parameters)]
  return ['npm run bench --', ...flags.flat()].join(' ')
}

/** Workloads of the list by name; else the flags of a load, which may have several connections. */
function loadFlags(workloads: readonly Workload[]): string[] {
  const known = WORKLOADS.filter(({ id }) => workloads.some((one) => one.id === id))
  if (known.length > 0) return [`--workloads ${known.map(({ id }) => id).join(',')}`]
  const loads = workloads.flatMap((workload) => workload.loads)
  const [load = PLAIN] = loads
  const own = (['protocol', 'size', 'idle', 'rate'] as const)
    .filter((flag) => load[flag] !== PLAIN[flag])
    .map((flag) => (load[flag] === 'http' ? '--http' : `--${flag} ${load[flag]}`))
  return [`--connections ${loads.map(({ connections }) => connections).join(',')}`, ...own]
}

/** The flags that choose the rows: models, ways to wait, and the servers to compare them with. */
function rowFlags(cells: readonly Cell[]): string[] {
  const names = new Set(cells.map(({ model }) => model))
  const models = MODELS.filter(({ id }) => names.has(id))
  const kinds = new Set(models.flatMap(({ waits }) => waits.map(({ io }) => io)))
  const measured = [...kinds].filter((kind) =>
    cells.some(({ model, wait }) => models.some(({ id }) => id === model) && wait.startsWith(kind)),
  )
  const peers = PEERS.filter(({ name }) => names.has(name))
  const hasYardsticks = names.has(C_EPOLL) && names.has(NODE_NET)
  const hasOriginals = peers.some(({ name }) => name !== C_EPOLL || !hasYardsticks)
  const isChoice = models.length > 0 && models.length < MODELS.length
  return [
    ...(isChoice ? [`--models ${models.map(({ id }) => id).join(',')}`] : []),
    ...(measured.length < kinds.size ? [`--io ${measured.join(',')}`] : []),
    ...(hasYardsticks ? ['--yardsticks'] : []),
    ...(hasOriginals ? ['--peers'] : []),
  ]
}

function parameterFlags(parameters: Parameters): string[] {
  const { rounds, duration, warmup, seed, systemCalls, pinned } = parameters
  return [
    `--rounds ${rounds} --duration ${duration} --warmup ${warmup} --seed ${seed}`,
    ...(systemCalls ? ['--costs'] : []),
    ...(pinned ? [] : ['--no-pin']),
  ]
}

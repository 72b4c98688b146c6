/**
 * A row of the tables: one server, and how it is started. The models have one for each way to wait;
 * the rows of the servers that they are compared with are made in bench/peers.
 */

import { startProgram } from '../../clients/check/program.ts'
import type { OwnServer } from '../../clients/check/subject.ts'
import { launch } from '../../clients/launcher.ts'
import { describeWait, type Model, type Wait, waitFlags } from '../../servers/models.ts'
import { THREADS } from '../../servers/server.ts'
import { connectionsOf, type Load } from '../workloads.ts'

/** The most threads that a model with a thread for each client is told to start. */
const MOST_THREADS = 128

export interface Row {
  /** The model's id, or the name of a server that the models are compared with. */
  readonly name: string
  /** `libc poll`, `atomics`, `node`. */
  readonly wait: string
  readonly io: Wait['io']
  /** The server can use more than one core: it may use all that are not the load generator's. */
  readonly isParallel: boolean
  /** The command of a server that is no model. */
  readonly command?: (protocol: string) => readonly string[]
  /** @param cpus the CPUs that the server is held to; undefined for any */
  readonly start: (load: Load, cpus?: readonly number[]) => Promise<OwnServer>
  /** Why the server can't be measured under this load; undefined if it can. */
  readonly cannot: (load: Load) => string | undefined
}

/** The rows of a model: one for each way to wait that this machine has. */
export async function modelRows(model: Model, platform = process.platform): Promise<Row[]> {
  const refusal = platform === 'linux' ? await model.refusal?.() : undefined
  return model.waits
    .filter(({ io }) => io !== 'libc' || platform === 'linux')
    .map((wait) => ({
      name: model.id,
      wait: describeWait(wait),
      io: wait.io,
      isParallel: isParallel(model),
      start: (load, cpus) =>
        launch(model.id, [...waitFlags(wait), ...flagsFor(model, load)], { cpus }),
      cannot: (load) => refusal ?? lacksPlaces(placesOf(model), load),
    }))
}

export function isParallel({ takes }: Model): boolean {
  return takes.includes('threads') || takes.includes('workers')
}

/** The server of a user's command: `{port}` in it is replaced by a port. */
export function commandRow(line: string): Row {
  return {
    name: line.replace(/ *\{port\}/, ''),
    wait: 'unknown',
    io: 'libc',
    isParallel: true,
    start: (_, cpus) => startProgram(line, { cpus }),
    cannot: () => undefined,
  }
}

function flagsFor(model: Model, load: Load): string[] {
  const flags = ['--protocol', load.protocol, '--max-line', String(load.maxLine)]
  if (!model.takes.includes('threads')) return flags
  return [...flags, '--threads', String(Math.max(THREADS, connectionsOf(load)))]
}

/** How many connections the model can serve at a time with the flags of `flagsFor`. */
export function placesOf({ takes, places }: Model): Model['places'] {
  if (!takes.includes('threads')) return places
  const reason = `It has a thread for each client, and this benchmark starts ${MOST_THREADS} at most.`
  return { count: MOST_THREADS, reason }
}

/**
 * Why the server can't serve all connections of the load at a time; undefined if it can. With
 * churn, a connection leaves after one message, and the next one takes its place.
 */
export function lacksPlaces(places: Model['places'], load: Load): string | undefined {
  const isFull = places && !load.churn && connectionsOf(load) > places.count
  return isFull ? places.reason : undefined
}

/** Why a server that speaks nothing but HTTP can't speak the protocol of the load. */
export function onlyHttp({ protocol }: Load): string | undefined {
  return protocol === 'http' ? undefined : 'It speaks HTTP alone.'
}

/** Why a server that only echoes bytes (`raw` and `line`) can't speak the protocol of the load. */
export function onlyBytes({ protocol }: Load): string | undefined {
  const canSpeak = protocol === 'raw' || protocol === 'line'
  return canSpeak ? undefined : `It echoes bytes, and does not speak ${protocol}.`
}

/**
 * What is measured: a row of the table per model and way to wait, and the plainest servers that
 * Node has beside them.
 */

import { fileURLToPath } from 'node:url'
import { launch, launchProgram, type RunningServer } from '../../clients/launcher.ts'
import { ROOT } from '../../servers/boot/root.mjs'
import { describeWait, type Model, type Wait, waitFlags } from '../../servers/models.ts'
import { THREADS } from '../../servers/server.ts'
import { connectionsOf, type Load } from '../workloads.ts'

/** A thread for each client is asked for up to here. */
const MOST_THREADS = 128

export interface Row {
  /** The model's id, or what the yardstick or the original is. */
  readonly name: string
  /** `libc poll`, `atomics`, `node`. */
  readonly wait: string
  readonly io: Wait['io']
  /** It can use more than one core, so it is given all that the load generator leaves. */
  readonly isParallel: boolean
  /** @param cpus those that it is held to; undefined for any */
  readonly start: (load: Load, cpus?: readonly number[]) => Promise<RunningServer>
  /** Why it can't take part in this load; undefined if it can. */
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
      isParallel: model.takes.some((flag) => flag === 'threads' || flag === 'workers'),
      start: (load, cpus) =>
        launch(model.id, [...waitFlags(wait), ...flagsFor(model, load)], { cpus }),
      cannot: (load) => refusal ?? lacksPlaces(placesOf(model), load),
    }))
}

function flagsFor(model: Model, load: Load): string[] {
  const flags = ['--protocol', load.protocol, '--max-line', String(load.maxLine)]
  if (!model.takes.includes('threads')) return flags
  return [...flags, '--threads', String(Math.max(THREADS, connectionsOf(load)))]
}

/** Those that the flags can give it. */
function placesOf({ takes, places }: Model): Model['places'] {
  if (!takes.includes('threads')) return places
  const reason = `It has a thread for each client, and this benchmark starts ${MOST_THREADS} at most.`
  return { count: MOST_THREADS, reason }
}

/** Why so many can't be served at a time. Who comes for one message leaves his place to the next. */
export function lacksPlaces(places: Model['places'], load: Load): string | undefined {
  const isFull = places && !load.churn && connectionsOf(load) > places.count
  return isFull ? places.reason : undefined
}

/** Echoes bytes, so that it speaks `raw` and `line` alone. */
export function onlyBytes({ protocol }: Load): string | undefined {
  const canSpeak = protocol === 'raw' || protocol === 'line'
  return canSpeak ? undefined : `It echoes bytes, and does not speak ${protocol}.`
}

export const C_EPOLL = 'C epoll loop'

/** The plainest server on Node's sockets. */
export const NODE_NET = 'plain node:net'
export const NODE_NET_ROW = nodeRow(NODE_NET, 'node-net.mjs', onlyBytes)

/** The plainest HTTP server that Node has. */
export const NODE_HTTP = 'plain node:http'
export const NODE_HTTP_ROW = nodeRow(NODE_HTTP, 'node-http.mjs', ({ protocol }) =>
  protocol === 'http' ? undefined : 'It speaks HTTP alone.',
)

function nodeRow(name: string, file: string, cannot: Row['cannot']): Row {
  const program = fileURLToPath(new URL(`bench/peers/${file}`, ROOT))
  const start: Row['start'] = (_, cpus) => launchProgram([process.execPath, program], { cpus })
  return { name, wait: 'node', io: 'node', isParallel: false, start, cannot }
}

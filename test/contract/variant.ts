import { readdirSync } from 'node:fs'
import { test } from 'vitest'
import { type LaunchOptions, launch, type RunningServer } from '../../clients/launcher.ts'
import { processTree } from '../../clients/process-stats.ts'
import { ClientSession } from '../../clients/session.ts'
import type { Model, PromiseName } from '../../servers/models.ts'

export const IS_LINUX = process.platform === 'linux'

/** What the tests of one way to wait are about. */
export interface Variant {
  readonly model: Model
  /** The flags of `serve` that choose this way to wait. */
  readonly flags: readonly string[]
}

/** Starts this variant with further flags. */
export function start(
  { model, flags }: Variant,
  more: readonly string[] = [],
  options?: LaunchOptions,
): Promise<RunningServer> {
  return launch(model.id, [...flags, ...more], options)
}

/** A test of a promise. It is skipped, with the reason, where models.ts has an exception to it. */
export function promise(
  { model }: Variant,
  needs: PromiseName | readonly PromiseName[],
  name: string,
  body: () => Promise<void>,
): void {
  const reason = [needs]
    .flat()
    .map((need) => model.exceptions[need])
    .find(Boolean)
  if (reason) test.skip(`${name} — ${reason}`, () => {})
  else test(name, body)
}

/** Opens `count` connections and lets them go at the end of the test's block. */
export async function connectMany(server: RunningServer, count: number): Promise<ClientSession[]> {
  return Promise.all(Array.from({ length: count }, () => ClientSession.connect(server.address)))
}

/** How many descriptors its processes have open. Linux only. */
export function descriptorCount({ pid }: RunningServer): number {
  return processTree(pid).flatMap((one) => readdirSync(`/proc/${one}/fd`)).length
}

/** For each seed the longest noise so far: a shorter one is its beginning. */
const made = new Map<number, Buffer>()

/** Bytes without an obvious pattern, the same on every run. Copy them before you change them. */
export function noise(length: number, seed = 1): Buffer {
  const longest = made.get(seed)
  if (longest && longest.length >= length) return longest.subarray(0, length)
  const bytes = makeNoise(length, seed)
  made.set(seed, bytes)
  return bytes
}

function makeNoise(length: number, seed: number): Buffer {
  const bytes = Buffer.allocUnsafe(length)
  let state = seed
  for (let i = 0; i < length; i++) {
    // A linear congruential generator, with the constants of Numerical Recipes.
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    bytes[i] = state >>> 24
  }
  return bytes
}

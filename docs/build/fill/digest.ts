/** The runs that the pages take their figures from. */
import { readFileSync } from 'node:fs'
import type { Digest } from '../../../bench/report/digest.ts'
import { ROOT } from '../../../servers/boot/root.mjs'

let known: Digest | undefined

/** The full run, with the loads of the run of models and bare servers after its own. */
export function keptRun(): Digest {
  if (known) return known
  const [full, bare] = [read('docs/benchmarks.json'), read('docs/promises-cost.json')]
  known = { ...full, loads: [...full.loads, ...bare.loads] }
  return known
}

function read(path: string): Digest {
  return JSON.parse(readFileSync(new URL(path, ROOT), 'utf8'))
}

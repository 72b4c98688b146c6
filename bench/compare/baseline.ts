/**
 * Baselines: runs that are saved under a name, so that later runs can be compared with them. Their
 * folder is in bench/results, which git ignores: on another machine a baseline is worth nothing.
 */

import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { ROOT } from '../../servers/boot/root.mjs'
import { UsageError } from '../../servers/command/cli.ts'
import { reasonOf } from '../../servers/support/error-code.ts'
import { EXIT } from '../../servers/support/exit-codes.ts'
import type { BenchDocument } from '../document/document.ts'
import { readDocument, replaceFile } from '../document/saved.ts'
import { type ReportFlags, takesStdout } from '../report/reports.ts'
import type { Conditions } from './comparability.ts'
import {
  addJudgeFlags,
  demandComparable,
  demandRounds,
  type JudgeFlags,
  type Judgement,
  judge,
} from './judge.ts'

export interface BaselineFlags extends JudgeFlags {
  /** The name to save this run under, and the name of the run to compare it with. */
  readonly saveBaseline?: string
  readonly baseline?: string
}

/** A baseline is read before the run: the run may be saved under the same name. */
export type Baseline = BenchDocument | undefined

const FOLDER = fileURLToPath(new URL('bench/results/baselines', ROOT))
const DEFAULT = 'default'

export function addBaselineFlags(command: Command): Command {
  const flag = (flags: string, description: string) =>
    new Option(flags, description).preset(DEFAULT).argParser(baselineName)
  return addJudgeFlags(
    command
      .addOption(flag('--save-baseline [name]', `save the run as a baseline (${DEFAULT})`))
      .addOption(flag('--baseline [name]', 'compare the run with a saved baseline')),
  )
}

/**
 * Reads the baseline that the flags ask for; undefined if they ask for none. Throws a UsageError if
 * there is no such baseline, if a run under these conditions can't be compared with it, or if it
 * has too few rounds to find a regression. This is checked first, and not after minutes of
 * measuring.
 */
export async function checkBaseline(
  flags: BaselineFlags,
  conditions: Conditions,
  folder = FOLDER,
): Promise<Baseline> {
  const { baseline: name, failOnRegression } = flags
  if (name === undefined) {
    if (failOnRegression) throw new UsageError('--fail-on-regression is for --baseline')
    return undefined
  }
  const run = await readBaseline(name, folder)
  const [a, b] = [
    { name: titleOf(name), run },
    { name: 'this run', run: conditions },
  ] as const
  demandRounds(a, b, flags)
  demandComparable(a, b)
  return run
}

/**
 * Compares a run with its baseline, then saves it as a baseline, each if the flags ask for it. A
 * run that was interrupted, or that has failed the comparison, is not saved: the next run would be
 * compared with it.
 *
 * @param baseline what checkBaseline has returned
 * @returns the exit code: 1 if --fail-on-regression has found one, there was nothing to compare, or
 * the baseline can't be written; else 0
 */
export async function compareWithBaseline(
  document: BenchDocument,
  baseline: Baseline,
  flags: BaselineFlags & ReportFlags,
  folder = FOLDER,
): Promise<number> {
  const judgement = baseline === undefined ? undefined : show(document, baseline, flags)
  const exitCode = judgement?.exitCode ?? EXIT.done
  const { saveBaseline: name } = flags
  if (name === undefined) return exitCode
  if (document.interrupted || exitCode !== EXIT.done) {
    const regression = judgement?.problem ?? 'the run has a regression'
    const why = document.interrupted ? 'the run was interrupted' : regression
    process.stderr.write(`${titleOf(name)} is not saved: ${why}\n`)
    return exitCode
  }
  return save(document, name, folder)
}

/** @returns the exit code */
async function save(document: BenchDocument, name: string, folder: string): Promise<number> {
  try {
    await mkdir(folder, { recursive: true })
    await replaceFile(fileOf(name, folder), `${JSON.stringify(document)}\n`)
  } catch (error) {
    process.stderr.write(`error: ${titleOf(name)} is not saved: ${reasonOf(error)}\n`)
    return EXIT.failed
  }
  process.stderr.write(`saved as ${titleOf(name)}\n`)
  return EXIT.done
}

function show(
  document: BenchDocument,
  baseline: BenchDocument,
  flags: BaselineFlags & ReportFlags,
): Judgement {
  const name = titleOf(flags.baseline ?? DEFAULT)
  const judgement = judge({ name, run: baseline }, { name: 'this run', run: document }, flags)
  const { text, problem } = judgement
  const stream = takesStdout(flags) ? process.stderr : process.stdout
  if (text !== '') stream.write(`\n${text}`)
  if (problem !== undefined) process.stderr.write(`error: ${problem}\n`)
  return judgement
}

async function readBaseline(name: string, folder: string): Promise<BenchDocument> {
  const names = await namesIn(folder)
  if (names.includes(name)) return readDocument(fileOf(name, folder))
  const known = names.length > 0 ? `there are: ${names.join(', ')}` : 'there is none yet'
  const remedy = `npm run bench -- --save-baseline ${name} makes it`
  throw new UsageError(`no ${titleOf(name)} (${known}): ${remedy}`)
}

/** The names of the baselines in `folder`; none if there is no such folder. */
async function namesIn(folder: string): Promise<string[]> {
  const files = await readdir(folder).catch(() => [])
  return files.flatMap((file) => /^(.+)\.json$/.exec(file)?.[1] ?? []).toSorted()
}

function fileOf(name: string, folder: string): string {
  return join(folder, `${name}.json`)
}

function titleOf(name: string): string {
  return `baseline ${name}`
}

/** A name is part of a file name: it must not lead out of the folder, or be hidden in it. */
function baselineName(text: string): string {
  if (!/^[a-z0-9][a-z0-9._-]{0,63}$/i.test(text)) {
    throw new InvalidArgumentError('It must be letters, digits, dots, dashes and underscores.')
  }
  return text
}

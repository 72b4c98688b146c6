/** Writes the reports of a run: tables to stdout, or each form to the file that its flag names. */

import { access, constants, mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ROOT } from '../../servers/boot/root.mjs'
import { print, UsageError } from '../../servers/command/cli.ts'
import { reasonOf } from '../../servers/support/error-code.ts'
import type { BenchDocument } from '../document/document.ts'
import { renderCsv } from './csv.ts'
import { renderHtml } from './html.ts'
import { renderMarkdown } from './markdown.ts'
import { explain, renderTerminal } from './terminal.ts'

export interface ReportFlags {
  readonly explain?: boolean
  readonly wide?: boolean
  /** A file for each form; `-` for stdout, where then nothing else is written. */
  readonly json?: string
  readonly csv?: string
  readonly markdown?: string
  readonly html?: string
}

type Form = (document: BenchDocument) => string

const FORMS: Readonly<Record<'json' | 'csv' | 'markdown' | 'html', Form>> = {
  json: (document) => `${JSON.stringify(document)}\n`,
  csv: renderCsv,
  markdown: renderMarkdown,
  html: renderHtml,
}

/** Throws a UsageError if a report can't be written: first, not after minutes of measuring. */
export async function checkReports(flags: ReportFlags): Promise<void> {
  const files = Object.keys(FORMS).map((form) => [form, flags[form as keyof typeof FORMS]] as const)
  if (files.filter(([, file]) => file === '-').length > 1) {
    throw new UsageError('stdout has room for one report: only one flag can have -')
  }
  for (const [flag, file] of files) {
    if (file === undefined || file === '-') continue
    await access(dirname(file), constants.W_OK).catch(() => {
      throw new UsageError(`--${flag} ${file}: the folder can't be written to`)
    })
  }
}

/** Whether a report goes to stdout, where then nothing else may be written. */
export function takesStdout({ json, csv, markdown, html }: ReportFlags): boolean {
  return [json, csv, markdown, html].includes('-')
}

/**
 * Writes the reports that the flags ask for, and the tables unless a report goes to stdout. One that
 * can't be written costs no other one: a line on stderr says so. Returns whether all are written.
 */
export async function writeReports(document: BenchDocument, flags: ReportFlags): Promise<boolean> {
  let isComplete = true
  for (const [name, form] of Object.entries(FORMS)) {
    const file = flags[name as keyof typeof FORMS]
    if (file === undefined) continue
    const isWritten =
      file === '-'
        ? await print(form(document))
        : await write(`--${name} ${file}`, () => writeFile(file, form(document)))
    isComplete &&= isWritten
  }
  if (takesStdout(flags)) return isComplete
  return (await print(tables(document, flags))) && isComplete
}

/** Says what can't be written; `name` is how the user knows it. */
async function write(name: string, writer: () => Promise<void>): Promise<boolean> {
  try {
    await writer()
    return true
  } catch (error) {
    process.stderr.write(`error: ${name} can't be written: ${reasonOf(error)}\n`)
    return false
  }
}

const RESULTS = fileURLToPath(new URL('bench/results', ROOT))

/**
 * Saves the run as the latest one, in place of the one before; in a temporary folder if it can't be
 * written there. Returns the file of the document; undefined if neither can be written.
 */
export async function keepLatest(
  document: BenchDocument,
  folder = RESULTS,
): Promise<string | undefined> {
  try {
    await mkdir(folder, { recursive: true })
    return await saveIn(folder, document)
  } catch (error) {
    const reason = reasonOf(error)
    process.stderr.write(`warning: ${shortest(folder)} can't be written: ${reason}\n`)
    return keepElsewhere(document)
  }
}

/** A path as its user reads it: from the working directory, if it is in there. */
export function shortest(path: string): string {
  const short = relative('', path)
  return short.startsWith('..') ? path : short
}

/** Saves the run in a new temporary folder. Returns as keepLatest does. */
export async function keepElsewhere(document: BenchDocument): Promise<string | undefined> {
  try {
    return await saveIn(await mkdtemp(join(tmpdir(), 'echo-bench-')), document)
  } catch (error) {
    const reason = `${tmpdir()} can't be written: ${reasonOf(error)}`
    process.stderr.write(`error: the run is not kept: ${reason}\n`)
    return undefined
  }
}

async function saveIn(folder: string, document: BenchDocument): Promise<string> {
  for (const form of ['json', 'html'] as const) {
    await writeFile(join(folder, `latest.${form}`), FORMS[form](document))
  }
  return join(folder, 'latest.json')
}

function tables(document: BenchDocument, { explain: withMeanings, wide }: ReportFlags): string {
  const { isTTY } = process.stdout
  const { NO_COLOR, CI } = process.env
  const colour = Boolean(isTTY) && !NO_COLOR && !CI
  const shown = `${renderTerminal(document, { colour, wide: wide ?? false })}\n`
  return withMeanings ? `${shown}\n${explain(document)}\n` : shown
}

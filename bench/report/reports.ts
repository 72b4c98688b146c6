/** Writes the reports of a run: tables to stdout, or each form to the file that its flag names. */

import { access, constants, mkdir, writeFile } from 'node:fs/promises'
import { dirname, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ROOT } from '../../servers/boot/root.mjs'
import { UsageError } from '../../servers/command/cli.ts'
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

/** Writes the reports that the flags ask for, and the tables unless a report goes to stdout. */
export async function writeReports(document: BenchDocument, flags: ReportFlags): Promise<void> {
  const forms = Object.entries(FORMS).map(([name, form]) => ({
    file: flags[name as keyof typeof FORMS],
    form,
  }))
  for (const { file, form } of forms) {
    if (file === '-') process.stdout.write(form(document))
    else if (file !== undefined) await writeFile(file, form(document))
  }
  if (!takesStdout(flags)) writeTables(document, flags)
}

const RESULTS = new URL('bench/results/', ROOT)

/** Saves the run as the latest one, in place of the one before, and says where its page is. */
export async function keepLatest(document: BenchDocument): Promise<void> {
  await mkdir(RESULTS, { recursive: true })
  for (const form of ['json', 'html'] as const) {
    await writeFile(new URL(`latest.${form}`, RESULTS), FORMS[form](document))
  }
  const page = fileURLToPath(new URL('latest.html', RESULTS))
  process.stderr.write(`report: ${relative('', page)}\n`)
}

function writeTables(document: BenchDocument, { explain: withMeanings, wide }: ReportFlags): void {
  const { isTTY } = process.stdout
  const { NO_COLOR, CI } = process.env
  const colour = Boolean(isTTY) && !NO_COLOR && !CI
  process.stdout.write(`${renderTerminal(document, { colour, wide: wide ?? false })}\n`)
  if (withMeanings) process.stdout.write(`\n${explain(document)}\n`)
}

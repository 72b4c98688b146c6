/** Where the reports of a run go: tables to stdout, or each form to the file of its flag. */

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
  /** A file for each; `-` for stdout, which then has nothing else. */
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

/** Throws a UsageError if they can't be written: before minutes of measuring, not after. */
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

/** Whether a report goes to stdout, which then has nothing else. */
export function takesStdout({ json, csv, markdown, html }: ReportFlags): boolean {
  return [json, csv, markdown, html].includes('-')
}

/** Writes what the flags ask for. */
export async function writeReports(document: BenchDocument, flags: ReportFlags): Promise<void> {
  const forms = Object.entries(FORMS).map(([name, form]) => ({
    file: flags[name as keyof typeof FORMS],
    form,
  }))
  for (const { file, form } of forms) {
    if (file === '-') process.stdout.write(form(document))
    else if (file !== undefined) await writeFile(file, form(document))
  }
  if (!takesStdout(flags)) writeTables(document, flags.explain ?? false)
}

const RESULTS = new URL('bench/results/', ROOT)

/** Keeps a run where the next one will find it, and says so. */
export async function keepLatest(document: BenchDocument): Promise<void> {
  await mkdir(RESULTS, { recursive: true })
  for (const form of ['json', 'html'] as const) {
    await writeFile(new URL(`latest.${form}`, RESULTS), FORMS[form](document))
  }
  const page = fileURLToPath(new URL('latest.html', RESULTS))
  process.stderr.write(`report: ${relative('', page)}\n`)
}

function writeTables(document: BenchDocument, withMeanings: boolean): void {
  const { isTTY } = process.stdout
  const { NO_COLOR, CI } = process.env
  const colour = Boolean(isTTY) && !NO_COLOR && !CI
  process.stdout.write(`${renderTerminal(document, colour)}\n`)
  if (withMeanings) process.stdout.write(`\n${explain(document)}\n`)
}

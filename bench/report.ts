/** The command `npm run bench:report`: makes any report again, from a run that was saved. */
import { readFile } from 'node:fs/promises'
import { createCommand, fail, runCommand, UsageError } from '../servers/command/cli.ts'
import { reasonOf } from '../servers/support/error-code.ts'
import { EXIT } from '../servers/support/exit-codes.ts'
import type { BenchDocument } from './document/document.ts'
import { readDocument, replaceFile } from './document/saved.ts'
import { digestOf, renderDigest } from './report/digest.ts'
import { markdownResults } from './report/markdown.ts'
import { END, START, withResults } from './report/page.ts'
import { checkReports, type ReportFlags, writeReports } from './report/reports.ts'

interface Flags extends Omit<ReportFlags, 'json'> {
  readonly docs?: string
  readonly digest?: string
}

/** The level of the headings of the results: a page holds them in a section of level 2. */
const LEVEL = 3

const HELP = `
The tables go to stdout, unless one of the reports does. --docs replaces what stands in a page
between the lines
  ${START}
  ${END}
--digest writes what npm run docs:fill puts figures into the pages from.

Examples:
  npm run bench -- --full --json result.json
  npm run bench:report -- result.json --html report.html
  npm run -s bench:report -- result.json --csv - | head
  npm run bench:report -- result.json --docs docs/benchmarks.md
  npm run bench:report -- result.json --digest docs/benchmarks.json

Exit codes: 0 done, 1 a report can't be written, 2 wrong use, or a file that is no saved run.`

await runCommand(
  createCommand('bench:report', 'Make reports of a run that was saved with --json.')
    .argument('<file.json>', 'what npm run bench -- --json has written')
    .option('--csv <file>', 'write a line per cell; - for stdout')
    .option('--markdown <file>', 'write the tables as Markdown; - for stdout')
    .option('--html <file>', 'write one page with charts that opens from disk; - for stdout')
    .option('--docs <file.md>', 'put the tables between the two marked lines of a page')
    .option('--digest <file.json>', 'write the figures of each row, small enough to be kept')
    .option('--explain', 'say below the tables what each column means')
    .option('--wide', 'show all columns, in lines longer than 80 characters')
    .addHelpText('after', HELP)
    .action(report),
)

async function report(file: string, flags: Flags): Promise<void> {
  await checkReports(flags)
  const document = await readDocument(file)
  if (flags.docs !== undefined) await updatePage(flags.docs, document)
  if (flags.digest !== undefined) await replace(flags.digest, renderDigest(digestOf(document)))
  if (!(await writeReports(document, flags))) process.exitCode = EXIT.failed
}

async function updatePage(file: string, document: BenchDocument): Promise<void> {
  const page = await readFile(file).catch((error: unknown) => {
    throw new UsageError(`${file} can't be read: ${reasonOf(error)}`)
  })
  await replace(file, withResults(page, markdownResults(document, LEVEL), file))
}

async function replace(file: string, content: string | Uint8Array): Promise<void> {
  await replaceFile(file, content).catch((error: unknown) => {
    fail(`${file} can't be written: ${reasonOf(error)}`)
  })
}

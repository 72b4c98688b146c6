/** The command `npm run docs:fill`: puts into the pages what is true of the code and the run. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { note, plural } from '../../clients/terminal.ts'
import { ROOT } from '../../servers/boot/root.mjs'
import { createCommand, print, runCommand } from '../../servers/command/cli.ts'
import { EXIT } from '../../servers/support/exit-codes.ts'
import { drawings } from './drawings/files.ts'
import { MEASURES } from './fill/measures.ts'
import { described, filledPages } from './fill/pages.ts'

interface Flags {
  readonly check?: boolean
}

const HELP = `
A page holds four kinds of parts that this command knows.

A block of code that names its source, a file and its regions:
  \`\`\`ts servers/03-poll-loop/echo.ts#read,reply
A figure: a measure, a load, and a row.
  <!-- figure: cpu many/100 poll-loop -->7.1<!-- /figure -->
  interval cpu many/100 poll-loop · ratio cpu many/100 threads / poll-loop
  lines bare|echo|folder poll-loop · run date|rounds|window|node|cpu|cores
A table:
  <!-- table: tiers cpu many/100 -->
  <!-- /table -->
  overview cpu ping many/100 · costs · limits · promises bare/100+0
A claim, which is checked and nothing else: < beyond doubt, ~ not told apart.
  <!-- claim: cpu many/100 2 × poll-loop < threads, cluster -->
  cpu many/100 poll-loop < many/1000 poll-loop · p99 hog unsure: threads

The drawings in docs/drawings are made too, from the data in docs/build/drawings.

Measures: ${Object.keys(MEASURES).join(', ')}.
Loads are those of docs/benchmarks.json and docs/promises-cost.json, which
npm run bench:report -- run.json --digest FILE writes.

Examples:
  npm run docs:fill
  npm run docs:fill -- --check

Exit codes: 0 all is true, 1 a part can't be made, a claim is false, or with
--check a part is stale, 2 wrong use.`

await runCommand(
  createCommand('docs:fill', 'Make the quotes, figures, tables and drawings of all pages again.')
    .option('--check', 'change nothing, and say what is stale or wrong')
    .addHelpText('after', HELP)
    .action(fill),
)

async function fill({ check = false }: Flags): Promise<void> {
  const pages = filledPages()
  for (const { path, text } of pages.filter((page) => page.text !== page.old)) {
    if (!check) write(path, text)
  }
  const wrong = pages.flatMap((page) =>
    page.faults.filter(({ isStale }) => check || !isStale).map((fault) => described(page, fault)),
  )
  wrong.push(...draw(check))
  await print(wrong.map((line) => `${line}\n`).join(''))
  if (wrong.length > 0) process.exitCode = EXIT.failed
  else note(`${plural(pages.length, 'page')}: all is true`)
}

/** Writes the drawings whose data, or colours, have changed; with `check` it only says which. */
function draw(check: boolean): string[] {
  const stale = [...drawings()].filter(([path, text]) => {
    const file = new URL(path, ROOT)
    return !existsSync(file) || readFileSync(file, 'utf8') !== text
  })
  if (check) return stale.map(([path]) => `${path} is stale: run npm run docs:fill`)
  for (const [path, text] of stale) write(path, text)
  return []
}

function write(path: string, text: string): void {
  writeFileSync(new URL(path, ROOT), text)
  note(`written: ${path}`)
}

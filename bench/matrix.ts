/**
 * `npm run matrix`: holds every server to the nine promises, and writes docs/semantics.md and its
 * JSON: the models in all their ways to wait, the bare servers, and the originals.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { platform, release } from 'node:os'
import { fileURLToPath } from 'node:url'
import { check } from '../clients/check/targets.ts'
import { note } from '../clients/terminal.ts'
import { ROOT } from '../servers/boot/root.mjs'
import { createCommand, runCommand, UsageError, unknown } from '../servers/command/cli.ts'
import { EXIT } from '../servers/support/exit-codes.ts'
import { type MatrixDocument, type MatrixRow, merged, rowOf } from './matrix/document.ts'
import { withTables } from './matrix/page.ts'
import { chosen, type MatrixServer, originals, ourServers } from './matrix/servers.ts'
import { findPeers } from './peers/find.ts'

const PAGE = fileURLToPath(new URL('docs/semantics.md', ROOT))
const DATA = fileURLToPath(new URL('docs/semantics.json', ROOT))

process.once('SIGINT', () => {
  note('interrupted: what was found out so far is written')
  process.exit(EXIT.interrupted)
})

await runCommand(
  createCommand('matrix', 'Hold every server to the nine promises, and write docs/semantics.md.')
    .argument('[names...]', 'only these servers, such as poll-loop or Twisted; the rest stays')
    .addHelpText(
      'after',
      `
Examples:
  npm run matrix
  npm run matrix -- poll-loop 03-poll-loop/bare.ts Twisted

All takes about 20 minutes. Exit codes: 0 written, 2 wrong use, 130 interrupted.`,
    )
    .action(matrix),
)

async function matrix(names: readonly string[]): Promise<void> {
  await using peers = await findPeers()
  for (const line of peers.missing) note(line)
  const all = [...(await ourServers()), ...originals(peers)]
  const known = [...new Set(all.map(({ name }) => name))]
  for (const name of names) {
    if (!known.includes(name)) throw new UsageError(unknown('server', name, known))
  }
  const servers = chosen(all, names)
  const rows: MatrixRow[] = []
  for (const [i, server] of servers.entries()) {
    note(`[${i + 1}/${servers.length}] ${server.name} ${server.wait}`)
    rows.push(await rowFor(server))
    // A run that is interrupted has not been for nothing.
    write(merged(saved().rows, rows))
  }
  if (names.length === 0) write(rows)
  note(`written: ${PAGE} and ${DATA}`)
}

async function rowFor(server: MatrixServer): Promise<MatrixRow> {
  const result = await check(server, undefined, ({ case: one, verdict }) => {
    if (verdict.kind !== 'kept') note(`  ${one.promise}: ${one.name}: ${verdict.kind}`)
  })
  return rowOf(server, result)
}

function saved(): Pick<MatrixDocument, 'rows'> {
  try {
    return JSON.parse(readFileSync(DATA, 'utf8'))
  } catch {
    return { rows: [] }
  }
}

function write(rows: readonly MatrixRow[]): void {
  const system = `${platform()} ${release()}`
  const document: MatrixDocument = {
    schemaVersion: 1,
    date: new Date().toISOString(),
    system,
    rows,
  }
  const page = withTables(readFileSync(PAGE, 'utf8'), document)
  writeFileSync(DATA, `${JSON.stringify(document, null, 1)}\n`)
  writeFileSync(PAGE, page)
}

/** The command `npm run read`: models beside each other in the terminal, row by row. */
import {
  createCommand,
  integer,
  print,
  runCommand,
  UsageError,
  unknown,
} from '../../servers/command/cli.ts'
import { findModel, MODELS, type Model } from '../../servers/models.ts'
import { ROLES } from '../../servers/roles.ts'
import type { Token } from './code.ts'
import type { TokensOf } from './read/cells.ts'
import { NARROWEST, rowLines } from './read/columns.ts'
import { cut, paint } from './read/lines.ts'
import { MOST } from './side-by-side/address.ts'
import { boardOf, ROW_IDS } from './side-by-side/board.ts'
import { textOf } from './sources.ts'

interface Flags {
  role?: string[]
  row?: string[]
  width?: number
}

const OTHERS = ROW_IDS.filter((id) => !ROLES.some((role) => role === id)).join(', ')

const EXAMPLES = `
Examples:
  npm run read -- poll-loop async-await
  npm run read -- blocking-serial threads green-threads --role read,reply
  npm run read -- 03-poll-loop 11-completion --row bare --width 160
  npm run read -- poll-loop --row breaks | less

Roles: ${ROLES.join(', ')}
Rows:  ${cut(`the roles, and ${OTHERS}`, 73)
  .map((part) => part.trimEnd())
  .join('\n       ')}

Lines that are too long for a column go on in the next one, after ↳.
The same stands in the page side-by-side.html, which npm run docs makes.

Exit codes: 0 done, 2 wrong use.`

const command = createCommand('read', 'Set models beside each other, row by row.')
  .argument('[models...]', `one to ${MOST} models`)
  .option('--role <names>', 'only these steps of serving', list('role', ROLES))
  .option('--row <names>', 'only these rows', list('row', ROW_IDS))
  .option(
    '--width <n>',
    'columns of characters (default: the terminal’s, or 80)',
    integer(NARROWEST),
  )
  .addHelpText('after', EXAMPLES)
  .action(async (names: string[], { role = [], row = [], width }: Flags) => {
    const models = modelsNamed(names)
    const wanted = [...role, ...row]
    const rows = boardOf(models, wanted.length > 0 ? wanted : ROW_IDS)
    const isColoured = process.stdout.isTTY && !process.env.NO_COLOR && !process.env.CI
    const tokensOf = isColoured ? await openTokens() : () => undefined
    const heads = models.map(({ folder }) => folder.replace('-', ' '))
    const lines = rows.flatMap((one) => rowLines(one, heads, width ?? terminalWidth(), tokensOf))
    const painted = lines.map((line) => paint(line, isColoured).trimEnd())
    await print(`${painted.join('\n').trimEnd()}\n`)
  })

await runCommand(command)

function modelsNamed(names: readonly string[]): Model[] {
  const ids = MODELS.map(({ id }) => id)
  if (names.length === 0) throw new UsageError(`which models? There are: ${ids.join(', ')}`)
  if (names.length > MOST) throw new UsageError(`at most ${MOST} models stand beside each other`)
  return names.map((name) => {
    const model = findModel(name)
    if (!model) throw new UsageError(unknown('model', name, ids))
    return model
  })
}

/** A parser for names between commas, each of which must be known. */
function list(what: string, known: readonly string[]) {
  return (text: string, before: readonly string[] = []): string[] => {
    const names = text.split(',')
    const wrong = names.find((name) => !known.includes(name))
    if (wrong !== undefined) throw new UsageError(unknown(what, wrong, known))
    return [...before, ...names]
  }
}

function terminalWidth(): number {
  const width = process.stdout.columns ?? Number(process.env.COLUMNS)
  return width >= NARROWEST ? width : 80
}

async function openTokens(): Promise<TokensOf> {
  // Loaded only for colours: that takes longer than all the rest.
  const { openHighlighter } = await import('./code.ts')
  const highlighter = await openHighlighter()
  const files = new Map<string, Token[][]>()
  return (source) => {
    const tokens = files.get(source) ?? highlighter.tokens(textOf(source), 'ts')
    files.set(source, tokens)
    return tokens
  }
}

/** Blocks of code that name their source, such as `ts servers/03-poll-loop/echo.ts#read,reply`. */
import { type Piece, regionOf } from '../regions.ts'
import { FillError } from './fault.ts'

/** The text of a file of the project; undefined if there is none. */
export type Read = (path: string) => string | undefined

const SOURCE = /^\w+ (?<source>(?<path>[\w./-]+\.(?<extension>\w+))(?:#(?<regions>[\w,]+))?)$/

/** Where the name of a language is not the extension of its files. */
const LANGUAGES: Readonly<Record<string, string>> = { mjs: 'js', py: 'python', h: 'c' }

/** The whole block; undefined if `info` names no source. */
export function quoted(info: string, read: Read): string | undefined {
  const { source, path, extension, regions } = SOURCE.exec(info)?.groups ?? {}
  if (path === undefined) return undefined
  const text = read(path)
  if (text === undefined) throw new FillError(`there is no file ${path} to quote`)
  const names = regions === undefined ? [undefined] : regions.split(',')
  const code = names.map((name) => {
    const pieces = regionOf(text, name)
    if (pieces.length === 0) throw new FillError(`${path} has no region ${name} to quote`)
    return joined(pieces)
  })
  return block(`${LANGUAGES[extension!] ?? extension} ${source}`, code.join('\n\n'))
}

/** A blank line stands where lines of the file are missing. */
function joined(pieces: readonly Piece[]): string {
  const texts = pieces.map(({ lines, joins }) => `${joins ? '' : '\n'}${lines.join('\n')}`)
  return texts.join('\n').replace(/^\n/, '')
}

/** The block ends at the first line of as many ticks as it begins with: so the code has fewer. */
function block(info: string, code: string): string {
  const found = [...code.matchAll(/^ *(`{3,})/gm)].map(([, ticks]) => ticks!.length)
  const ticks = '`'.repeat(Math.max(2, ...found) + 1)
  return `${ticks}${info}\n${code}\n${ticks}`
}

/**
 * From which line of a model was this called? The programs run from a bundle: the places in a stack
 * are those of the bundle, and its source map says where they stand in the source. To look that up
 * takes some milliseconds, which would be seen in the trace. So a thread only notes its stack, and
 * the places are looked up when the trace is complete.
 */
import { readFileSync } from 'node:fs'
import { SourceMap } from 'node:module'
import { dirname, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ROOT } from '../boot/root.mjs'

/** Far enough to get out of a trace, a socket layer and a framework. */
const DEPTH = 16
/** The rooms beneath the models: what calls from there is called from a model. */
const BENEATH = /^servers\/(trace|posix|node|protocol|support|bytes|host)\//
const PROJECT = fileURLToPath(ROOT)

/** The stack of its caller, as places in the bundle: a line for each, the innermost first. */
export function noteStack(): string {
  const { prepareStackTrace, stackTraceLimit } = Error
  Error.stackTraceLimit = DEPTH
  // V8's own objects: see "Customizing stack traces" in V8's stack trace API.
  Error.prepareStackTrace = (_, sites) => sites
  try {
    const sites = new Error().stack as unknown as NodeJS.CallSite[]
    return sites.flatMap(noted).join('\n')
  } finally {
    Error.prepareStackTrace = prepareStackTrace
    Error.stackTraceLimit = stackTraceLimit
  }
}

function noted(site: NodeJS.CallSite): string[] {
  const url = site.getFileName()
  return url?.startsWith('file:')
    ? [`${url}:${site.getLineNumber()}:${site.getColumnNumber()}`]
    : []
}

/**
 * `servers/03-poll-loop/echo.ts:78`: the line of the model's `echo.ts` that has led to this stack, or
 * else the innermost line outside of the rooms beneath the models; undefined if there is none.
 */
export function placeOf(stack: string): string | undefined {
  const called = stack.split('\n').flatMap((frame) => inSource(frame) ?? [])
  const ofModel = called.filter((place) => !BENEATH.test(place))
  return ofModel.find((place) => place.includes('/echo.ts:')) ?? ofModel[0]
}

const maps = new Map<string, SourceMap | undefined>()

function inSource(frame: string): string | undefined {
  const [, url = '', line, column] = /^(.+):(\d+):(\d+)$/.exec(frame) ?? []
  if (url === '') return undefined
  const file = fileURLToPath(url)
  if (!maps.has(file)) maps.set(file, mapOf(file))
  const entry = maps.get(file)?.findEntry(Number(line) - 1, Number(column) - 1)
  if (!entry || !('originalSource' in entry)) return undefined
  const source = relative(PROJECT, resolve(dirname(file), entry.originalSource))
  return `${source.replaceAll('\\', '/')}:${entry.originalLine + 1}`
}

/** Without a map, as in a program that is no bundle, the calls have no line. */
function mapOf(file: string): SourceMap | undefined {
  try {
    return new SourceMap(JSON.parse(readFileSync(`${file}.map`, 'utf8')))
  } catch {
    return undefined
  }
}

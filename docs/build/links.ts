/** Links between the pages of the site. They are relative: the site opens from any folder. */
import { posix } from 'node:path'

/**
 * @param from the path of the page in the site, such as `models/poll-loop.html`
 * @param to the path of another one
 */
export function pageHref(from: string, to: string): string {
  return posix.relative(posix.dirname(from), to)
}

/**
 * The page that shows a source file.
 *
 * @param from the path of the page in the site
 * @param source the path of the file from ROOT: `servers/main.ts`; or of a folder: `servers`
 * @param line one-based
 */
export function codeHref(from: string, source: string, line?: number): string {
  return `${pageHref(from, codePath(source))}${line === undefined ? '' : `#L${line}`}`
}

/** `servers/main.ts` -> `code/servers/main.ts.html`; a folder has an index. */
export function codePath(source: string): string {
  const isFolder = posix.extname(source) === '' && source !== 'LICENSE'
  return isFolder ? posix.join('code', source, 'index.html') : `code/${source}.html`
}

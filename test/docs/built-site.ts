/** The site, built once for all tests of it, without the pages of the API. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** The files of the site by path. */
export type Files = ReadonlyMap<string, string>

export async function readSite(folder: string): Promise<Files> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
  const texts = await Promise.all(paths.map((path) => readFile(path, 'utf8')))
  return new Map(paths.map((path, i) => [path.slice(folder.length + 1), texts[i]!]))
}

/** The pages, by path. */
export function pagesOf(files: Files): Files {
  return new Map([...files].filter(([path]) => path.endsWith('.html')))
}

/** What a page says, without what stands around it on every page. */
export function mainOf(markup: string): string {
  return /<main[^>]*>([\s\S]*)<\/main>/.exec(markup)?.[1] ?? ''
}

/** The text of HTML as a reader gets it, its blanks as they are. */
export function textOf(markup: string): string {
  return markup
    .replace(/<[^>]*>/g, '')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&amp;/g, '&')
}

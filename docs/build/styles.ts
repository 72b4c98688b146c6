/** The style sheets of the pages. */
import { readFileSync } from 'node:fs'
import { ROOT } from '../../servers/boot/root.mjs'

/** The colours and letters of every page, in light and then in dark. */
export const TOKENS = ['bench/report/html/tokens.css', 'docs/build/styles/tokens.css']

/** @param paths from ROOT, in the order in which a later rule may overrule an earlier one */
export function stylesOf(paths: readonly string[]): string {
  return paths.map((path) => readFileSync(new URL(path, ROOT), 'utf8')).join('\n')
}

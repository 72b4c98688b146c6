/** Where the links of a page lead. In Markdown they name files, in the site the pages of these. */
import { posix } from 'node:path'
import type MarkdownIt from 'markdown-it'
import { codeHref, pageHref } from '../links.ts'
import { pageOf } from '../pages.ts'
import { isFolder, isSource } from '../sources.ts'
import type { Context } from './context.ts'
import { lineOf, type Token } from './tokens.ts'

export function resolveLinks(tokens: readonly Token[], context: Context): void {
  for (const token of tokens) {
    if (token.type !== 'inline') continue
    let line = lineOf(token)
    for (const child of token.children ?? []) {
      if (child.type === 'softbreak' || child.type === 'hardbreak') line += 1
      if (child.type === 'link_open') resolve(child, line, context)
    }
  }
}

function resolve(link: Token, line: number, context: Context): void {
  const written = link.attrGet('href') ?? ''
  if (/^[a-z]+:/i.test(written)) return
  const [file = '', hash] = written.split('#')
  const target = file === '' ? context.path : fromRoot(file, context.path)
  const place = placeOf(target, context.from)
  if (place === undefined) {
    link.attrSet('href', '')
    context.problem(line, `the link to ${written}: the site has no page for ${target}`)
    return
  }
  const href = `${isOwnPage(target, context) ? '' : place}${hash === undefined ? '' : `#${hash}`}`
  link.attrSet('href', href)
  context.links.push({ href, line })
}

/** Code in a text that is the path of a file, such as `servers/main.ts`, leads to that file. */
export function linkPaths(md: MarkdownIt, { from }: Context): void {
  md.core.ruler.push('paths', ({ tokens, Token }) => {
    tokens.forEach((token, i) => {
      if (token.type !== 'inline' || tokens[i - 1]!.type === 'heading_open') return
      let links = 0
      token.children = (token.children ?? []).flatMap((child) => {
        if (/^link_/.test(child.type)) links += child.nesting
        const isPath = child.type === 'code_inline' && links === 0 && isSource(child.content)
        if (!isPath) return [child]
        const [open, close] = [new Token('path_open', 'a', 1), new Token('path_close', 'a', -1)]
        open.attrSet('href', codeHref(from, child.content))
        return [open, child, close]
      })
    })
  })
}

/** `../protocol.md` in docs/models/threads.md -> `docs/protocol.md` */
export function fromRoot(file: string, path: string): string {
  return posix.join(posix.dirname(path), decodeURI(file)).replace(/\/$/, '')
}

function isOwnPage(target: string, { path, from }: Context): boolean {
  return target === path && pageOf(path) === from
}

/** The page for a file of the project; undefined if it has none. */
function placeOf(target: string, from: string): string | undefined {
  const page = pageOf(target) ?? builtPage(target)
  if (page !== undefined) return pageHref(from, page)
  if (isSource(target) || isFolder(target)) return codeHref(from, target)
  return undefined
}

/** A page that no Markdown is the source of is named where it is built: `docs/site/scenes.html`. */
function builtPage(target: string): string | undefined {
  return target.startsWith('docs/site/') ? target.slice('docs/site/'.length) : undefined
}

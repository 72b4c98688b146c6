/** The types of markdown-it that the steps of rendering use. */
import type MarkdownIt from 'markdown-it'

export type Token = ReturnType<MarkdownIt['parse']>[number]
export type RenderRules = Partial<MarkdownIt['renderer']['rules']>

/** The line in the file on which a block begins, one-based. */
export function lineOf(token: Token): number {
  return (token.map?.[0] ?? 0) + 1
}

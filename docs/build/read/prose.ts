/** Markdown as the terminal shows it. */
import type { Line, Run } from './lines.ts'

/**
 * Paragraphs without their marks: bold text is bold, links are their text, code keeps its backticks.
 * Blocks of code stay as they are, a line each.
 */
export function paragraphs(markdown: string): Line[] {
  const blocks = markdown.replace(/<!--.*?-->\n?/gs, '').split(/^```.*\n?/m)
  return blocks.flatMap((block, i) => (i % 2 === 1 ? codeLines(block) : proseLines(block)))
}

function codeLines(block: string): Line[] {
  return [
    ...block
      .trimEnd()
      .split('\n')
      .map((text) => [{ text }]),
    [],
  ]
}

function proseLines(block: string): Line[] {
  const texts = block.split(/\n{2,}/).map((text) => text.replace(/\s+/g, ' ').trim())
  return texts.filter((text) => text !== '').flatMap((text) => [runsOf(text), []])
}

function runsOf(text: string): Run[] {
  const plain = text
    .replace(/\[([^\]]+)\]\([^)]+\)/g, '$1')
    .replace(/(^|\W)_([^_]+)_(?=\W|$)/g, '$1$2')
  return plain
    .split('**')
    .map((part, i) => ({ text: part, style: i % 2 === 1 ? 'bold' : undefined }))
}

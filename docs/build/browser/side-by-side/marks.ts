/** Marks what the code in a cell has, and the code in the cell beside it does not. */
import { differences, type Span } from '../../side-by-side/differences.ts'
import { findAll } from './find.ts'

const NAME = 'difference'
/** For the numbers of the lines in which something differs. */
const LINE = 'different'

/**
 * Every column is compared with the one to its left, and the first with the second.
 *
 * @param rows the cells of each row, in the order of the columns
 */
export function markDifferences(rows: readonly (readonly HTMLElement[])[]): void {
  unmark()
  const ranges = rows.flatMap((cells) => cells.flatMap((cell, i) => marksOf(cell, cells, i)))
  // Browsers of before 2025 may not have it: then only the numbers of the lines are marked.
  if ('highlights' in CSS) CSS.highlights.set(NAME, new Highlight(...ranges))
}

export function unmark(): void {
  if ('highlights' in CSS) CSS.highlights.delete(NAME)
  for (const line of findAll(document.body, `.${LINE}`)) line.classList.remove(LINE)
}

function marksOf(cell: HTMLElement, cells: readonly HTMLElement[], column: number): Range[] {
  const beside = cells[column === 0 ? 1 : column - 1]
  if (!isCode(cell) || !beside || !isCode(beside)) return []
  const nodes = textNodes(cell)
  const spans = differences(joined(nodes), joined(textNodes(beside))).left
  const ranges = rangesOf(nodes, spans)
  const numbers = findAll(cell, 'a[data-line]')
  for (const { startContainer } of ranges) lineOf(startContainer, numbers)?.classList.add(LINE)
  return ranges
}

function isCode({ classList }: HTMLElement): boolean {
  return classList.contains('of-code')
}

function textNodes(cell: HTMLElement): Text[] {
  return findAll(cell, 'pre code').flatMap((code) => {
    const walker = document.createTreeWalker(code, NodeFilter.SHOW_TEXT)
    const nodes: Text[] = []
    while (walker.nextNode()) nodes.push(walker.currentNode as Text)
    return nodes
  })
}

function joined(nodes: readonly Text[]): string {
  return nodes.map(({ data }) => data).join('')
}

/** A range for each part of a span that is in a text node of its own. */
function rangesOf(nodes: readonly Text[], spans: readonly Span[]): Range[] {
  let start = 0
  return nodes.flatMap((node) => {
    const [first, end] = [start, start + node.length]
    start = end
    const within = spans.filter(({ from, to }) => from < end && to > first)
    return within.map(({ from, to }) => {
      const range = document.createRange()
      range.setStart(node, Math.max(from, first) - first)
      range.setEnd(node, Math.min(to, end) - first)
      return range
    })
  })
}

/** The number of the line that a node is in: the last one before it. */
function lineOf(node: Node, numbers: readonly HTMLElement[]): HTMLElement | undefined {
  const { DOCUMENT_POSITION_FOLLOWING } = Node
  return numbers.findLast(
    (number) => number.compareDocumentPosition(node) & DOCUMENT_POSITION_FOLLOWING,
  )
}

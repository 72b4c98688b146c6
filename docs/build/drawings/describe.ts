/** A drawing in words, for those who don't see it. */
import type { Arrow, Box, Drawing, Net } from './parts.ts'
import { partOf } from './routes.ts'
import { plain } from './words.ts'

/** What there is to see; then what waits where; then who calls whom. Each fact is told once. */
export function describe(drawing: Drawing): string {
  const boxes = drawing.parts.filter((part) => part.kind === 'box')
  const sentences = [
    drawing.sentence,
    ...boxes.flatMap(waitsIn),
    ...drawing.nets.map((net) => wakesOf(net, drawing)),
    ...drawing.arrows.map((arrow) => sayArrow(arrow, drawing)),
  ]
  return plain([...new Set(sentences)].join(' '))
}

function waitsIn({ name, lines }: Box): string[] {
  const say = (waits: 'thread' | 'function', what: string) => {
    const words = lines.filter((line) => line.waits === waits).map((line) => line.words)
    const calls = words.filter((text) => text.includes('`'))
    const where = calls.length > 0 ? ` at ${joined(calls)}` : ''
    return words.length === 0 ? [] : [`${what} in ${name}${where}.`]
  }
  return [
    ...say('thread', 'The thread sleeps'),
    ...say('function', 'A function waits, while the thread goes on,'),
  ]
}

function wakesOf({ to, from, says }: Net, { parts }: Drawing): string {
  const sources = from.map((anchor) => partOf(anchor, parts).name)
  return `News from ${joined([...new Set(sources)])} ${says ?? `wakes ${partOf(to, parts).name}`}.`
}

const VERBS = { calls: 'calls', wakes: 'wakes', switches: 'switches to', bytes: 'sends bytes to' }

function sayArrow({ kind, from, to, label, says }: Arrow, { parts }: Drawing): string {
  const [one, other] = [partOf(from, parts), partOf(to, parts)].map(({ name }) => name)
  const labelled = kind === 'calls' && label?.includes('`') ? `calls ${label} of` : VERBS[kind]
  return `${capitalised(one!)} ${says ?? `${labelled} ${other}`}.`
}

function joined(words: readonly string[]): string {
  if (words.length < 2) return words.join('')
  return `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`
}

function capitalised(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1)
}

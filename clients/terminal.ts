/** How the client commands print. Results go to stdout, all else to stderr. */
import { styleText } from 'node:util'

export type Row = readonly [label: string, value: string]

/** A title, and a line of two columns for each row. */
export function table(title: string, rows: readonly Row[]): string {
  const width = Math.max(...rows.map(([label]) => label.length))
  const lines = rows.map(([label, value]) => `  ${label.padEnd(width)}  ${value}`)
  return [bold(title), ...lines, ''].join('\n')
}

/** Progress and warnings, on stderr: one line per finished step, never redrawn. */
export function note(line: string): void {
  process.stderr.write(`${line}\n`)
}

/** Rounded to a whole number, with a space between groups of three digits: `1 234 567`. */
export function amount(value: number): string {
  return Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ' ')
}

/** `1 connection`, `1 000 connections`. */
export function plural(count: number, noun: string): string {
  return `${amount(count)} ${noun}${count === 1 ? '' : 's'}`
}

/** `512 B`, `1.5 KiB`, `64.0 MiB`. */
export function bytes(count: number): string {
  if (count < 1024) return `${count} B`
  const power = Math.min(3, Math.floor(Math.log2(count) / 10))
  return `${(count / 1024 ** power).toFixed(1)} ${['B', 'KiB', 'MiB', 'GiB'][power]}`
}

/** Bytes of a peer as text. Control characters, which could change the terminal, as `\x1b`. */
export function printable(chunk: Uint8Array): string {
  const text = Buffer.from(chunk).toString('utf8')
  return text.replace(/\p{Cc}/gu, (char) => `\\x${Buffer.from(char).toString('hex')}`)
}

/** Lines of whole words, at most 80 columns wide; all but the first have the indent. */
export function wrapped(text: string, indent = '', width = 80): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(/(?<=\S) /)) {
    if (line && line.length + 1 + word.length > width) {
      lines.push(line)
      line = `${indent}${word}`
    } else line = line ? `${line} ${word}` : word
  }
  return [...lines, line]
}

function bold(text: string): string {
  const { NO_COLOR, CI } = process.env
  const plain = !process.stdout.isTTY || NO_COLOR || CI
  return plain ? text : styleText('bold', text)
}

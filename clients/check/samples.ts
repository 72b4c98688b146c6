/** What the cases send. The same on every run. */

import { createCipheriv } from 'node:crypto'

export const MiB = 2 ** 20

/** The longest noise that was made so far: a shorter one is its beginning. */
let longest = Buffer.alloc(0)

/** Bytes without an obvious pattern. Copy them before you change them. */
export function noise(length: number): Buffer {
  // A cipher is the fastest source of bytes that look random: some GB/s.
  const cipher = () => createCipheriv('aes-128-ctr', Buffer.alloc(16), Buffer.alloc(16))
  if (longest.length < length) longest = cipher().update(Buffer.alloc(length))
  return longest.subarray(0, length)
}

const LINE = 100
let longestLines = Buffer.alloc(0)

/** Lines of 99 hex digits and a newline, about `length` bytes: no server takes them for a command. */
export function lines(length: number): Buffer {
  const whole = length - (length % LINE)
  if (longestLines.length < whole) {
    longestLines = Buffer.from(noise(whole / 2).toString('hex'))
    for (let end = LINE; end <= whole; end += LINE) longestLines[end - 1] = 10
  }
  return longestLines.subarray(0, whole)
}

/** Lines of all lengths up to 200, of any bytes but the newline. */
export function anyLines(total: number): Buffer {
  const bytes = Buffer.from(noise(total))
  for (let i = 0; i < total; i++) if (bytes[i] === 10 && i % 7) bytes[i] = 11
  bytes[total - 1] = 10
  return bytes
}

export const SAMPLES: Record<string, Buffer> = {
  'a line': Buffer.from('Hello World!:0\n'),
  'pipelined lines': Buffer.from('one\ntwo\nthree\nfour\n'.repeat(500)),
  'empty lines': Buffer.from('\n\n\na\n\n\nb\n\n'),
  'carriage returns': Buffer.from('a\r\n\rb\n\r\n'),
  'every byte': Buffer.from([...Array.from({ length: 256 }, (_, i) => i), 10]),
  'the longest line': Buffer.from(`${'x'.repeat(16384)}\n${'y'.repeat(16384)}\n`),
}

/** What is answered, or answered in full, only at the FIN. */
export const UNTERMINATED: Record<string, Buffer> = {
  'an unterminated last line': Buffer.from('first\nsecond\nlast'),
  'one unterminated line': Buffer.from('only'),
  'nothing at all': Buffer.alloc(0),
}

/** Pieces of `size` bytes. */
export function cut(bytes: Buffer, size: number): Buffer[] {
  const count = Math.ceil(bytes.length / size)
  return Array.from({ length: count }, (_, i) => bytes.subarray(i * size, (i + 1) * size))
}

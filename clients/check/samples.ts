/** What the cases send. The same on every run. */

export const MiB = 2 ** 20

/** For each kind the longest that was made so far: a shorter one is its beginning. */
const made = new Map<(state: number, i: number) => number, Buffer>()

/** Bytes without an obvious pattern. Copy them before you change them. */
export function noise(length: number): Buffer {
  return generated(length, anyByte)
}

/** Lines of 99 letters and a newline, about `length` bytes: no server takes them for a command. */
export function lines(length: number): Buffer {
  return generated(length - (length % LINE), letter)
}

const anyByte = (state: number) => state >>> 24
const LINE = 100
const letter = (state: number, i: number) => (i % LINE === LINE - 1 ? 10 : 97 + (state >>> 28))

function generated(length: number, byteOf: (state: number, i: number) => number): Buffer {
  const longest = made.get(byteOf)
  if (longest && longest.length >= length) return longest.subarray(0, length)
  const bytes = Buffer.allocUnsafe(length)
  let state = 1
  for (let i = 0; i < length; i++) {
    // A linear congruential generator, with the constants of Numerical Recipes.
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    bytes[i] = byteOf(state, i)
  }
  made.set(byteOf, bytes)
  return bytes
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

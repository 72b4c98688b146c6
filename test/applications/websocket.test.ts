/** Frames, right and wrong, on the wire: the cases of the Autobahn test suite in our own words. */
import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { closeAfterEach, closing, echo, frame, OPCODE, open } from './websocket-harness.ts'

const { continuation, text, binary, close, ping, pong } = OPCODE

const KiB = 1024
const MiB = 1024 * KiB

closeAfterEach()

const PART = { fin: false } as const

/** What the server sends to a client that has sent these bytes, up to the end of the connection. */
async function answersTo(...pieces: readonly Buffer[]) {
  const { client } = await open(echo)
  for (const piece of pieces) client.socket.write(piece)
  return client.rest()
}

/** The end of a conversation that has been right: the client closes, and the server answers. */
const BYE = frame(close, closing(1000))
const BYE_TOO: [number, Buffer] = [close, closing(1000)]

describe('an echo', () => {
  const sizes = [0, 1, 125, 126, 127, 128, 65535, 65536, 65537, MiB]

  test.each(sizes)('of %i bytes, as text and as bytes', async (size) => {
    const letters = Buffer.alloc(size, 'ä1 z', 'latin1').map((byte) => byte & 0x7f)
    const bytes = randomBytes(size)
    const answers = await answersTo(frame(text, letters), frame(binary, bytes), BYE)
    expect(answers.map(([opcode]) => opcode)).toEqual([text, binary, close])
    expect(answers[0]![1].equals(letters)).toBe(true)
    expect(answers[1]![1].equals(bytes)).toBe(true)
  })

  test.each([
    [
      'in fragments',
      [frame(text, 'Hel', PART), frame(continuation, 'l', PART), frame(continuation, 'o')],
    ],
    [
      'in fragments, some of them empty',
      [frame(text, '', PART), frame(continuation, 'Hello', PART), frame(continuation)],
    ],
    ['with a mask of zeros', [frame(text, 'Hello', { mask: Buffer.alloc(4) })]],
    ['byte by byte', [...frame(text, 'Hello')].map((byte) => Buffer.of(byte))],
    ['after a pong that nobody has asked for', [frame(pong, 'here'), frame(text, 'Hello')]],
  ] as const)('of a text %s', async (_, pieces) => {
    expect(await answersTo(...pieces, BYE)).toEqual([[text, Buffer.from('Hello')], BYE_TOO])
  })

  test('of a letter that is cut into two fragments', async () => {
    const [first, ...others] = Buffer.from('😀')
    const pieces = [frame(text, Buffer.of(first!), PART), frame(continuation, Buffer.from(others))]
    expect(await answersTo(...pieces, BYE)).toEqual([[text, Buffer.from('😀')], BYE_TOO])
  })

  test('of 128 fragments', async () => {
    const middle = Array.from({ length: 126 }, () => frame(continuation, 'b', PART))
    const answers = await answersTo(
      frame(text, 'a', PART),
      ...middle,
      frame(continuation, 'c'),
      BYE,
    )
    expect(answers).toEqual([[text, Buffer.from(`a${'b'.repeat(126)}c`)], BYE_TOO])
  })
})

test.each([0, 1, 125])(
  'a ping of %i bytes is answered by a pong, between two fragments too',
  async (size) => {
    const said = randomBytes(size)
    const answers = await answersTo(
      frame(text, 'Hel', PART),
      frame(ping, said),
      frame(continuation, 'lo'),
      BYE,
    )
    expect(answers).toEqual([[pong, said], [text, Buffer.from('Hello')], BYE_TOO])
  },
)

describe('what breaks the protocol is answered by close frame', () => {
  const WRONG: readonly (readonly [code: number, what: string, pieces: readonly Buffer[]])[] = [
    [1002, 'a frame without a mask', [frame(text, 'Hello', { mask: undefined })]],
    [1002, 'a fragmented ping', [frame(ping, 'a', PART)]],
    [1002, 'a fragmented close', [frame(close, closing(1000), PART)]],
    [1002, 'a ping of 126 bytes', [frame(ping, randomBytes(126))]],
    [1002, 'a close of 126 bytes', [frame(close, closing(1000, 'a'.repeat(124)))]],
    [1002, 'a close of one byte', [frame(close, 'a')]],
    [1002, 'a continuation of nothing', [frame(continuation, 'a')]],
    [1002, 'a message inside of another', [frame(text, 'a', PART), frame(text, 'b')]],
    ...[1, 2, 4, 7].map(
      (bits) => [1002, `reserved bits ${bits}`, [frame(text, 'a', { reserved: bits })]] as const,
    ),
    ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map(
      (code) => [1002, `opcode ${code}`, [frame(code, 'a')]] as const,
    ),
    ...[0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2999, 5000, 65535].map(
      (code) => [1002, `close code ${code}`, [frame(close, closing(code))]] as const,
    ),
    [1007, 'a reason that is not UTF-8', [frame(close, closing(1000, Buffer.of(0xff)))]],
    ...['80', 'c3', 'c0af', 'eda080', 'f4908080', 'f8888080', 'fe', '61c328'].map(
      (bytes) =>
        [1007, `text of the bytes ${bytes}`, [frame(text, Buffer.from(bytes, 'hex'))]] as const,
    ),
    [
      1007,
      'text whose second fragment breaks it',
      [frame(text, 'κ', PART), frame(continuation, Buffer.of(0xed, 0xa0, 0x80))],
    ],
    [
      1008,
      '129 fragments',
      [
        frame(text, 'a', PART),
        ...Array.from({ length: 128 }, () => frame(continuation, 'b', PART)),
      ],
    ],
    [1009, 'a frame that is too long', [frame(binary, '', { length: MiB + 1 })]],
    [1009, 'a frame of 2^62 bytes', [frame(binary, '', { length: 2 ** 62 })]],
    [
      1009,
      'fragments that are too long',
      [frame(binary, randomBytes(MiB), PART), frame(continuation, 'a', PART)],
    ],
  ]

  test.each(WRONG)('%i: %s', async (code, _, pieces) => {
    // What came before is still answered, and nothing that comes after.
    const answers = await answersTo(frame(text, 'first'), ...pieces, frame(text, 'last'), BYE)
    expect(answers).toEqual([
      [text, Buffer.from('first')],
      [close, closing(code)],
    ])
  })
})

describe('the client closes', () => {
  const CODES = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999]

  test.each(CODES)('with %i, and gets the same back', async (code) => {
    const said = closing(code, 'because')
    expect(await answersTo(frame(close, said), frame(text, 'late'))).toEqual([[close, said]])
  })

  test('without a code', async () => {
    expect(await answersTo(frame(close))).toEqual([[close, Buffer.alloc(0)]])
  })
})

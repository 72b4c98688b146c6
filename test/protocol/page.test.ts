/** The examples in docs/protocol.md are true. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { createSession, type ProtocolName } from '../../servers/protocol/protocols.ts'

const page = readFileSync(new URL('../../docs/protocol.md', import.meta.url), 'utf8')
const [, section = ''] = page.split('\n## Byte by byte\n')
const rows = section
  .split('\n## ')[0]!
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => line.split('|').map((cell) => cell.trim()))

/** The text of a cell such as `one\n`, with its escapes. */
function bytes(cell: string | undefined): Buffer {
  return Buffer.from(JSON.parse(`"${cell!.replaceAll('`', '')}"`))
}

describe('docs/protocol.md, byte by byte', () => {
  test('has examples of every protocol', () => {
    expect(new Set(rows.map(([, protocol]) => protocol))).toEqual(
      new Set(['`previous`', '`line`', '`raw`']),
    )
  })

  test.each(rows)('%s| %s: %s %s → %s', (_, protocol, sent, then, answer) => {
    const name = protocol!.replaceAll('`', '') as ProtocolName
    const session = createSession({ protocol: name, maxLine: 16384 })
    const replies = [Buffer.from(session.receive(bytes(sent)))]
    if (then === 'FIN') replies.push(Buffer.from(session.end()))
    expect(Buffer.concat(replies)).toEqual(bytes(answer))
  })
})

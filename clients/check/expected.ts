import { NEWLINE_BYTE, NOTHING } from '../../servers/bytes/bytes.ts'
import type { ProtocolName } from '../../servers/protocol/protocols.ts'

/**
 * What a client that sends `sent` and then its FIN is owed in all. Written without any of the code
 * that it judges: on the whole input at once.
 */
export function expectedReply(protocol: ProtocolName, sent: Buffer, maxLine = 16384): Buffer {
  if (protocol === 'raw') return sent
  const lines = linesOf(sent)
  const bad = lines.findIndex(
    (line) => line.length - (line.at(-1) === NEWLINE_BYTE ? 1 : 0) > maxLine,
  )
  if (protocol === 'line' && bad < 0) return sent
  const good = bad < 0 ? lines : lines.slice(0, bad)
  const replies =
    protocol === 'previous' ? good.flatMap((line, i) => [good[i - 1] ?? NOTHING, line]) : good
  const end = bad < 0 ? '' : `error: line longer than ${maxLine} bytes\n`
  return Buffer.concat([...replies, Buffer.from(end)])
}

/** Each with its newline; the last one may have none. */
function linesOf(bytes: Buffer): Buffer[] {
  const lines = []
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf(NEWLINE_BYTE, at) + 1 || bytes.length
    lines.push(bytes.subarray(at, end))
    at = end
  }
  return lines
}

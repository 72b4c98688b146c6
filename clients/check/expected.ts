import type { ProtocolName } from '../../servers/protocol/protocols.ts'

/**
 * What a client that sends `sent` and then its FIN is owed in all. Written without any of the code
 * that it judges: on the whole input at once, in latin1, which maps bytes to characters one to one.
 */
export function expectedReply(protocol: ProtocolName, sent: Buffer, maxLine = 16384): Buffer {
  if (protocol === 'raw') return sent
  const lines = sent.toString('latin1').split(/(?<=\n)/)
  const bad = lines.findIndex((line) => line.replace(/\n$/, '').length > maxLine)
  const good = bad < 0 ? lines : lines.slice(0, bad)
  const replies = good.map(
    (line, i) => (protocol === 'previous' && i > 0 ? good[i - 1] : '') + line,
  )
  if (bad >= 0) replies.push(`error: line longer than ${maxLine} bytes\n`)
  return Buffer.from(replies.join(''), 'latin1')
}

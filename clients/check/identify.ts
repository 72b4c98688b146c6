/** What does a server speak? Users aim a check at the wrong port, or with the wrong protocol. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Address } from '../../servers/posix/api.ts'
import type { Protocol } from '../due-reply.ts'
import { ClientSession } from '../session.ts'
import { suspicion } from '../speaks.ts'
import { printable } from '../terminal.ts'

/** Milliseconds that a server has for its reply to a line. */
const REPLY = 2000
/** Milliseconds after which half a line is not answered any more. */
const HALF = 300
/** Milliseconds in which the rest of a reply comes. */
const MORE = 100

/** The protocol that a server seems to speak, or what it does instead. */
export type Identity = { readonly protocol: Protocol } | { readonly hint: string }

export async function identify(address: Address): Promise<Identity> {
  using session = await ClientSession.connect(address)
  const [one, two] = ['echo one\n', 'echo two\n']
  const first = await replyTo(session, one)
  if (first !== one) return { hint: await hintFor(address, first) }
  const second = await replyTo(session, two)
  if (second === `${one}${two}`) return { protocol: 'previous' }
  if (second !== two) return { hint: `it answers ${quoted(two)} with ${quoted(second ?? '')}` }
  return { protocol: (await replyTo(session, 'x', HALF)) === 'x' ? 'raw' : 'line' }
}

/** All that comes in reply; '' if nothing comes in time, undefined if the stream ends. */
async function replyTo(
  session: ClientSession,
  text: string,
  patience = REPLY,
): Promise<string | undefined> {
  try {
    await session.send(text)
    const first = await Promise.race([
      session.receive(1),
      sleep(patience, undefined, { ref: false }),
    ])
    if (!first) return ''
    // More than is due would follow at once.
    await sleep(MORE)
    const rest = await session.receive(session.unread)
    return Buffer.concat([first, rest]).toString('latin1')
  } catch {
    return undefined
  }
}

async function hintFor(address: Address, reply: string | undefined): Promise<string> {
  const first = Buffer.from(reply ?? '', 'latin1')
  const target = { host: address.address, port: address.port }
  const spoken = await suspicion(target, first)
  if (spoken) return spoken.replace(/^: the server/, 'it')
  if (reply === undefined) return 'it closes a connection before it answers a line'
  if (reply === '') return `it does not answer a line within ${REPLY / 1000} s`
  return `it answers "echo one\\n" with ${quoted(reply)}, which is no echo`
}

function quoted(text: string): string {
  const start = printable(Buffer.from(text.slice(0, 40), 'latin1'))
  return `"${start}${text.length > 40 ? '…' : ''}"`
}

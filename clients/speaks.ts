/** What a server seems to speak that gives no echo: TLS or HTTP, at which users aim by mistake. */
import { once } from 'node:events'
import { connect, type TLSSocket } from 'node:tls'
import { asBuffer } from '../servers/bytes/bytes.ts'
import { errorCode } from '../servers/support/error-code.ts'
import type { Endpoint } from './command.ts'

/** Milliseconds that a server has for a handshake. */
const HANDSHAKE = 1000

/**
 * What can be added to an error: `: the server seems to speak TLS`; empty if nothing is known.
 *
 * @param first what the server has sent first. If it is empty, the server is asked for a TLS
 *   handshake, on a connection of its own: TLS servers say nothing to a client that speaks none.
 */
export async function suspicion(target: Endpoint, first: Uint8Array): Promise<string> {
  const name = first.length > 0 ? nameOf(first) : (await speaksTls(target)) && 'TLS'
  return name ? `: the server seems to speak ${name}` : ''
}

function nameOf(first: Uint8Array): string | undefined {
  // A record that holds an alert: RFC 8446, 5.1.
  if (first[0] === 0x15 && first[1] === 0x03) return 'TLS'
  // To a line that is no request some servers answer as in HTTP/0.9: without a head.
  return /^(HTTP\/|<!doctype html|<html)/i.test(asBuffer(first).toString('latin1'))
    ? 'HTTP'
    : undefined
}

async function speaksTls({ host, port }: Endpoint): Promise<boolean> {
  const socket = connect({ host, port, rejectUnauthorized: false })
  const timer = setTimeout(() => socket.destroy(), HANDSHAKE)
  try {
    return await hasHandshake(socket)
  } finally {
    clearTimeout(timer)
    socket.destroy()
  }
}

/** True if the handshake succeeds, or if the server says why it refuses it. */
async function hasHandshake(socket: TLSSocket): Promise<boolean> {
  const closed = once(socket, 'close').then(() => false)
  try {
    return await Promise.race([once(socket, 'secureConnect').then(() => true), closed])
  } catch (error) {
    return /^ERR_SSL_.*_ALERT_/.test(errorCode(error) ?? '')
  }
}

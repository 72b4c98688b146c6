/** What the suites of asyncore share: a dispatcher that records its calls, and a listener. */
import { Dispatcher } from '../../servers/04-asyncore/dispatcher.ts'
import type { Address } from '../../servers/posix/api.ts'

export const LOOPBACK: Address = { family: 'IPv4', address: '127.0.0.1', port: 0 }
export const MiB = 2 ** 20

/** Records its calls and keeps what it reads. It asks to write only until it is connected. */
export class Recorder extends Dispatcher {
  readonly calls: string[] = []
  readonly errors: unknown[] = []
  received = ''

  override writable(): boolean {
    return this.connecting
  }
  override handleRead(): void {
    this.calls.push('read')
    this.received += Buffer.from(this.recv(65536)).toString()
    this.calls.push('read done')
  }
  override handleWrite(): void {
    this.calls.push('write')
  }
  override handleExpt(): void {
    this.calls.push('expt')
  }
  override handleConnect(): void {
    this.calls.push(`connect connected=${this.connected} connecting=${this.connecting}`)
  }
  override handleClose(error?: unknown): void {
    this.calls.push('close')
    if (error !== undefined) this.errors.push(error)
    this.close()
  }
  override handleError(error: unknown): void {
    this.calls.push('error')
    super.handleError(error)
  }
}

/** Closes a dispatcher and connects it again, as a handler may do at any time. */
export function reconnect(client: Dispatcher, address: Address): void {
  client.close()
  client.createSocket('IPv4')
  client.connect(address)
}

/** Makes a dispatcher listen on a free port, and returns its address. */
export function listen(listener: Dispatcher): Address {
  listener.createSocket('IPv4')
  listener.setReuseAddr()
  listener.bind(LOOPBACK)
  listener.listen(5)
  return listener.map.posix.getsockname(listener.fd)
}

import { writeSync } from 'node:fs'
import { expect, test, vi } from 'vitest'
import { DispatcherWithSend } from '../../servers/04-asyncore/dispatcher-with-send.ts'
import { loop } from '../../servers/04-asyncore/loop.ts'
import type { Address } from '../../servers/posix/api.ts'
import { listen, Recorder } from './asyncore-harness.ts'
import type { Channels } from './channels.ts'

/** A dispatcher that connects. */
export function connectingTests(channels: Channels): void {
  test('the first event calls handleConnect, sets connected, then delivers the event', () => {
    const { map, posix } = channels
    const listener = new Recorder(map)
    const address = listen(listener)
    listener.delChannel()
    const client = new Recorder(map)
    client.createSocket('IPv4')
    client.connect(address)
    expect(client.addr).toEqual(address)
    channels.until(() => client.connected)
    expect(client.calls).toEqual(['connect connected=false connecting=true', 'write'])
    expect(client.connecting).toBe(false)
    posix.close(listener.fd)
  })

  test('a refused connection calls handleError, which logs and closes', () => {
    const { map } = channels
    const client = new Recorder(map)
    client.createSocket('IPv4')
    client.connect(closedAddress(channels))
    vi.mocked(writeSync).mockClear()
    channels.until(() => map.size === 0)
    expect(client.calls).toEqual(['error', 'close'])
    expect(client.errors).toEqual([expect.objectContaining({ code: 'ECONNREFUSED' })])
    const logged = String(vi.mocked(writeSync).mock.calls[0]?.[1])
    expect(logged).toMatch(/^error: uncaptured exception, closing channel .*ECONNREFUSED/)
  })

  test('a channel that closes in handleConnect gets no event after that', () => {
    const { map, posix } = channels
    const listener = new Recorder(map)
    const address = listen(listener)
    listener.delChannel()
    const client = new Recorder(map)
    client.handleConnect = () => client.close()
    client.createSocket('IPv4')
    client.connect(address)
    channels.until(() => map.size === 0)
    expect(client.calls).toEqual([])
    expect(client.connected).toBe(false)
    posix.close(listener.fd)
  })

  test('a client and a server on the same loop talk to each other', () => {
    const { map } = channels
    class Server extends Recorder {
      override handleAccepted(socket: number): void {
        const echo = new DispatcherWithSend(map, socket)
        echo.handleRead = () => echo.send(echo.recv(65536))
      }
    }
    const server = new Server(map)
    const address = listen(server)
    const client = new DispatcherWithSend(map)
    let answer = ''
    client.handleConnect = () => client.send(Buffer.from('hello'))
    client.handleRead = () => {
      answer += Buffer.from(client.recv(65536)).toString()
      if (answer.length < 5) return
      client.close()
      server.close()
    }
    client.createSocket('IPv4')
    client.connect(address)
    loop(0.01, map, 1000)
    expect([answer, map.size]).toEqual(['hello', 0])
  })
}

/** An address at which nobody listens. */
function closedAddress({ map }: Channels): Address {
  const listener = new Recorder(map)
  const address = listen(listener)
  listener.close()
  return address
}

import { writeSync } from 'node:fs'
import { expect, test, vi } from 'vitest'
import { Dispatcher } from '../../servers/04-asyncore/dispatcher.ts'
import { DispatcherWithSend } from '../../servers/04-asyncore/dispatcher-with-send.ts'
import { loop } from '../../servers/04-asyncore/loop.ts'
import type { Address } from '../../servers/posix/api.ts'
import { listen, Recorder, reconnect } from './asyncore-harness.ts'
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

  const kinds = { Dispatcher, DispatcherWithSend }
  test.each(Object.entries(kinds))(
    'a %s that connects again in handleClose hears every line',
    (_, Kind) => {
      const { map, posix } = channels
      const server = new Recorder(map)
      const address = listen(server)
      const greetings = ['one ', 'two ', 'three']
      server.handleAccepted = (socket) => {
        posix.send(socket, Buffer.from(greetings.shift()!))
        posix.close(socket)
      }
      const client = new Kind(map)
      let heard = ''
      client.handleRead = () => {
        heard += Buffer.from(client.recv(100)).toString()
      }
      client.handleClose = () => {
        if (greetings.length > 0) reconnect(client, address)
        else client.close()
      }
      reconnect(client, address)
      channels.until(() => client.fd < 0)
      expect(heard).toBe('one two three')
    },
  )

  test('a channel that connects again after a reset is not closed by the events of the reset', () => {
    const { map } = channels
    const address = listen(new Recorder(map))
    const { accepted, peer } = channels.pair()
    const client = new Recorder(map, accepted.fd)
    client.handleClose = () => {
      client.calls.push('close')
      reconnect(client, address)
    }
    channels.closePeer(peer, 'reset')
    // Leave no lower number free: the next socket is to get the same one.
    while (channels.peer() < accepted.fd) {}
    channels.until(() => client.calls.includes('write'))
    expect(client.calls.filter((call) => call === 'close')).toHaveLength(1)
  })

  test('a channel that connects elsewhere in handleConnect is not connected yet', () => {
    const { map } = channels
    const [there, elsewhere] = [listen(new Recorder(map)), listen(new Recorder(map))]
    const client = new Recorder(map)
    client.handleConnect = () => {
      client.calls.push('connect')
      if (client.addr!.port === elsewhere.port) return
      reconnect(client, elsewhere)
    }
    reconnect(client, there)
    channels.until(() => client.calls.length > 0)
    expect([client.connected, client.connecting]).toEqual([false, true])
    channels.until(() => client.connected)
    expect(client.calls).toEqual(['connect', 'connect', 'write'])
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

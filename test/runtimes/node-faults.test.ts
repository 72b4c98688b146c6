/** `--faults` of the models on Node's sockets: chunks are cut, and `write` returns false. */
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { expect, test } from 'vitest'
import { breakSockets } from '../../servers/node/faults.ts'

test('chunks are cut, a full socket says so, and drains', async () => {
  breakSockets({ recv: 3, send: 1 })
  const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const client = connect(port, '127.0.0.1')
  const [socket] = (await once(server, 'connection')) as [Socket]
  const chunks: string[] = []
  socket.setEncoding('latin1').on('data', (chunk: string) => chunks.push(chunk))
  client.end('12345678')
  await once(socket, 'end')
  expect(chunks).toEqual(['123', '456', '78'])
  expect(socket.write('x')).toBe(false)
  await once(socket, 'drain')
  socket.end()
  client.resume()
  await once(client, 'close')
  server.close()
})

/**
 * callbacks, bare: a function that Node calls for each client, and one for each chunk.
 *
 *     node --import tsx servers/08-callbacks/bare.ts 8881
 *
 * Where does it wait?                   Nowhere in this file: Node's event loop does, beneath it.
 * Who calls whom?                       Node calls the functions that were handed to it.
 * Where does a connection's state live? In the variables that its callbacks have in common.
 * What breaks it?                       A `write` that returned false and was ignored; a throw.
 * What it leaves out:                   promises 3, 4, 5, 6, 8 and 9.
 */
import { createServer } from 'node:net'
import { serverAddress } from '../node/addresses.ts'
import { formatAddress } from '../posix/api.ts'

const port = Number(process.argv[2] ?? 8881)

const server = createServer((socket) => {
  socket.on('data', (chunk) => socket.write(chunk))
})
server.listen(port, '127.0.0.1', () => {
  console.log(`listening ${formatAddress(serverAddress(server))}`)
})

/**
 * cluster, bare: a process for each core, each with the server of `callbacks` in it.
 *
 *     node --import tsx servers/10-cluster/bare.ts 8881
 *
 * Where does it wait?                   In every process, where that one does: at each `await`.
 * Who calls whom?                       The primary accepts, and hands each connection to a worker.
 * Where does a connection's state live? In one worker's memory, which no other can see.
 * What breaks it?                       State that connections share: they may be in two processes.
 * What it leaves out:                   promises 3, 4, 5, 6, 8 and 9.
 */
import cluster from 'node:cluster'
import { createServer } from 'node:net'
import { availableParallelism } from 'node:os'

const port = Number(process.argv[2] ?? 8881)

if (cluster.isPrimary) {
  for (let i = 0; i < availableParallelism(); i++) cluster.fork()
  cluster.once('listening', (_, { address, port }) => console.log(`listening ${address}:${port}`))
} else {
  const server = createServer((socket) => {
    socket.on('data', (chunk) => socket.write(chunk))
  })
  server.listen(port, '127.0.0.1')
}

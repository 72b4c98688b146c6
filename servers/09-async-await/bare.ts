/**
 * async-await, bare: the loop of the serial server, once for each client, with an `await` at each wait.
 *
 *     node --import tsx servers/09-async-await/bare.ts 8881
 *
 * Where does it wait?                   At each `await`: the function does, the thread goes on.
 * Who calls whom?                       Node's event loop resumes the function where it stopped.
 * Where does a connection's state live? In the local variables of its function, kept across awaits.
 * What breaks it?                       Computing for long without an await, or a `drain` left out.
 * What it leaves out:                   promises 5, 6, 8 and 9.
 */
import { formatAddress } from '../posix/api.ts'
import type { StreamReader } from './stream-reader.ts'
import type { StreamWriter } from './stream-writer.ts'
import { startServer } from './streams.ts'

const port = Number(process.argv[2] ?? 8881)

async function echo(reader: StreamReader, writer: StreamWriter): Promise<void> {
  for (;;) {
    const chunk = await reader.read()
    if (chunk.length === 0) break
    writer.write(chunk)
    await writer.drain()
  }
}

const server = await startServer(echo, { host: '127.0.0.1', port })
console.log(`listening ${formatAddress(server.address)}`)

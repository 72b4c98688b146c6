/**
 * async-await: a function per connection that reads like blocking code, and gives the thread away
 * at every `await`.
 *
 * Where does it wait?                   At each `await`: the function does, the thread goes on.
 * Who calls whom?                       Node's event loop resumes the function where it stopped.
 * Where does a connection's state live? In the local variables of its function, kept across awaits.
 * What breaks it?                       Computing for long without an await, or a `drain` left out.
 */
import type { Address } from '../posix/api.ts'
import { Conversation, LINGER } from '../protocol/conversation.ts'
import { createSession } from '../protocol/protocols.ts'
import type { Serve } from '../server.ts'
import type { StreamReader } from './stream-reader.ts'
import type { StreamWriter } from './stream-writer.ts'
import { type StreamServer, startServer } from './streams.ts'

// #region converse
async function converse(reader: StreamReader, writer: StreamWriter, conversation: Conversation) {
  for (;;) {
    // #region read
    const chunk = await reader.read()
    const ended = chunk.length === 0 && reader.atEof()
    // #endregion read
    // #region reply
    writer.write(ended ? conversation.end() : conversation.receive(chunk))
    // #endregion reply
    // #region backPressure
    // While the client does not take what it is owed, nothing more is read from it. To await it
    // when there is nothing to wait for would be right as well, and cost 3 % of a message.
    if (writer.needsDrain) await writer.drain()
    // #endregion backPressure
    // #region end
    const step = conversation.next(0)
    if (step === 'close') return
    if (step === 'send FIN') {
      writer.writeEof()
      writer.abortAfter(LINGER)
    }
    // #endregion end
  }
}
// #endregion converse

// #region stop
/** Closing time: no more clients, and those that are open end when they have what they are owed. */
function closeAll(server: StreamServer, open: Map<StreamReader, Conversation>): void {
  server.close()
  for (const [reader, conversation] of open) {
    conversation.finish()
    reader.interrupt()
  }
}
// #endregion stop

export const serve: Serve = async (options, supervisor) => {
  const { address, backlog, highWater, idleTimeout, tls } = options
  const open = new Map<StreamReader, Conversation>()

  async function accepted(reader: StreamReader, writer: StreamWriter): Promise<void> {
    const conversation = new Conversation(createSession(options), highWater)
    const peer = writer.getExtraInfo('peername')
    open.set(reader, conversation)
    supervisor.connected(peer)
    writer.abortWhenIdle(idleTimeout)
    let failure: unknown
    try {
      await converse(reader, writer, conversation)
      writer.close()
    } catch (error) {
      failure = error
      writer.abort()
    }
    await writer.waitClosed()
    open.delete(reader)
    supervisor.disconnected(peer, failure)
  }

  const turnedAway = (peer: Address, error?: Error) => supervisor.turnedAway(peer, error)
  const where = { host: address.address, port: address.port, backlog }
  const limits = { places: supervisor.places, highWater, handshakeTimeout: idleTimeout }
  const server = await startServer(accepted, { ...where, ...limits, tls, turnedAway })
  const stop = () => closeAll(server, open)
  supervisor.listening(server.address, { stop, shut: () => server.close() })
  await server.waitClosed()
}

/** The command `client talk`: a small telnet, from stdin to the server and back to stdout. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { errorCode } from '../servers/support/error-code.ts'
import { EXIT } from '../servers/support/exit-codes.ts'
import { ClientError, clientCommand, connectError, ending, type Target } from './command.ts'
import { note } from './terminal.ts'

const EXAMPLES = `
Examples:
  npm run client -- talk
  printf 'a\\nb\\n' | npm run -s client -- talk

Ctrl-D ends your side; the server then sends what is still due and closes. Ctrl-C ends at once.`

export const talkCommand = clientCommand('talk', 'Type lines to a server and see what it answers.')
  .addHelpText('after', EXAMPLES)
  .action(ending(talk))

async function talk(target: Pick<Target, 'host' | 'port'>): Promise<number> {
  // Without allowHalfOpen, Node would answer the server's FIN before all of stdin has been sent.
  const socket = connect({ ...target, allowHalfOpen: true })
  try {
    await once(socket, 'connect')
  } catch (error) {
    throw connectError(error, target)
  }
  note(`connected to ${target.host}:${target.port}`)
  await converse(socket)
  note('closed by the server')
  return EXIT.done
}

/** Resolves at the server's FIN. The end of stdin sends our FIN; the other direction stays open. */
async function converse(socket: Socket): Promise<void> {
  process.stdin.pipe(socket)
  socket.pipe(process.stdout, { end: false })
  try {
    await once(socket, 'end')
  } catch (error) {
    const reason = errorCode(error) ?? error
    throw new ClientError(`the connection was lost: ${reason}`, EXIT.failed, { cause: error })
  } finally {
    // No server receives what is typed from now on: stdin must not keep the process alive.
    process.stdin.unpipe().destroy()
    socket.destroy()
  }
}

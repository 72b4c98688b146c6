/** The command `client talk`: a small telnet, from stdin to the server and back to stdout. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { NOTHING } from '../servers/bytes/bytes.ts'
import { errorCode } from '../servers/support/error-code.ts'
import { EXIT } from '../servers/support/exit-codes.ts'
import {
  ClientError,
  clientCommand,
  connectError,
  describeEndpoint,
  type Endpoint,
  ending,
} from './command.ts'
import { suspicion } from './speaks.ts'
import { note } from './terminal.ts'

/** Milliseconds without an answer to the first line, after which the server is suspected. */
const SILENCE = 2000

const EXAMPLES = `
Examples:
  npm run client -- talk
  printf 'a\\nb\\n' | npm run -s client -- talk

Ctrl-D ends your side; the server then sends what is still due and closes. Ctrl-C ends at once.`

export const talkCommand = clientCommand('talk', 'Type lines to a server and see what it answers.')
  .addHelpText('after', EXAMPLES)
  .action(ending(talk))

async function talk(target: Endpoint): Promise<number> {
  // Without allowHalfOpen, Node would answer the server's FIN before all of stdin has been sent.
  const socket = connect({ ...target, allowHalfOpen: true })
  try {
    await once(socket, 'connect')
  } catch (error) {
    throw connectError(error, target)
  }
  note(`connected to ${describeEndpoint(target)}`)
  await converse(socket, target)
  note('closed by the server')
  return EXIT.done
}

/** Resolves at the server's FIN. The end of stdin sends our FIN; the other direction stays open. */
async function converse(socket: Socket, target: Endpoint): Promise<void> {
  const answered = once(socket, 'data')
  const ended = once(socket, 'end')
  process.stdin.pipe(socket)
  socket.pipe(process.stdout, { end: false })
  const hint = async () => (socket.bytesRead === 0 ? suspicion(target, NOTHING) : '')
  try {
    await Promise.race([ended, answered, silence()])
    const seems = await hint()
    if (seems) throw new ClientError(`no byte has come${seems}`)
    await ended
  } catch (error) {
    if (error instanceof ClientError) throw error
    const reason = `${errorCode(error) ?? error}${await hint()}`
    throw new ClientError(`the connection was lost: ${reason}`, EXIT.failed, { cause: error })
  } finally {
    // No server receives what is typed from now on: stdin must not keep the process alive.
    process.stdin.unpipe().destroy()
    socket.destroy()
  }
}

/** Resolves when the first line that was typed has had some time to be answered. */
async function silence(): Promise<void> {
  await once(process.stdin, 'data')
  await sleep(SILENCE, undefined, { ref: false })
}

/** Answers lines, with await. At SIGTERM it sends what it owes, and ends. */
import { createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

const port = Number(process.argv[2] ?? 8881)
const [NEWLINE, QUESTION] = Buffer.from('\n?')

const open = new Set<Socket>()
/** Those whose lines are being answered. */
const busy = new Set<Socket>()
let isClosing = false

const server = createServer({ allowHalfOpen: true }, (socket) => {
  open.add(socket)
  socket.on('close', () => {
    open.delete(socket)
    busy.delete(socket)
  })
  serve(socket)
})
server.listen(port, '127.0.0.1')

async function serve(socket: Socket): Promise<void> {
  // It ends at the client's FIN. To leave it earlier would destroy the socket.
  for await (const chunk of socket) {
    // It is closing time: what comes now is thrown away.
    if (socket.writableEnded) continue
    busy.add(socket)
    for (const line of linesOf(chunk)) await send(socket, await answer(line))
    busy.delete(socket)
    if (isClosing) socket.end()
  }
  socket.end()
}

/** Resolves when the kernel has taken all. That is to wait more often than for 'drain'. */
function send(socket: Socket, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.write(bytes, (error) => (error ? reject(error) : resolve()))
  })
}

process.once('SIGTERM', () => {
  isClosing = true
  server.close()
  for (const socket of open) if (!busy.has(socket)) socket.end()
})

/** A line that begins with a question mark needs a question to a data base. */
async function answer(line: Uint8Array): Promise<Uint8Array> {
  if (line[0] === QUESTION) await sleep(50)
  return line
}

/** Each with its newline; the last one may have none yet. */
function linesOf(chunk: Uint8Array): Uint8Array[] {
  const lines = []
  for (let at = 0; at < chunk.length; ) {
    const end = chunk.indexOf(NEWLINE!, at) + 1 || chunk.length
    lines.push(chunk.subarray(at, end))
    at = end
  }
  return lines
}

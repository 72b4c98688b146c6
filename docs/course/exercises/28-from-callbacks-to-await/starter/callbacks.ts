/** Answers lines, with callbacks. At SIGTERM it sends what it owes, and ends. */
import { createServer } from 'node:net'

const port = Number(process.argv[2] ?? 8881)
const [NEWLINE, QUESTION] = Buffer.from('\n?')

/** For each client a function that looks whether its connection may be ended. */
const open = new Set<() => void>()
let isClosing = false

const server = createServer({ allowHalfOpen: true }, (socket) => {
  /** Lines that have been read, and are not answered yet. */
  let owed: Uint8Array[] = []
  let isBusy = false
  let hasEnded = false

  socket.on('data', (chunk) => {
    // It is closing time: what comes now is thrown away.
    if (socket.writableEnded) return
    socket.pause()
    isBusy = true
    owed = linesOf(chunk)
    next()
  })
  socket.on('end', () => {
    hasEnded = true
    stop()
  })
  socket.on('error', () => {})
  socket.on('close', () => open.delete(stop))
  open.add(stop)

  function next(): void {
    const line = owed.shift()
    if (line) answer(line, reply)
    else goOn()
  }

  function reply(bytes: Uint8Array): void {
    if (socket.write(bytes)) next()
    else socket.once('drain', next)
  }

  function goOn(): void {
    isBusy = false
    stop()
    socket.resume()
  }

  function stop(): void {
    if ((isClosing || hasEnded) && !isBusy) socket.end()
  }
})
server.listen(port, '127.0.0.1')

process.once('SIGTERM', () => {
  isClosing = true
  server.close()
  for (const stop of open) stop()
})

/** A line that begins with a question mark needs a question to a data base. */
function answer(line: Uint8Array, done: (reply: Uint8Array) => void): void {
  if (line[0] === QUESTION) setTimeout(done, 50, line)
  else setImmediate(done, line)
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

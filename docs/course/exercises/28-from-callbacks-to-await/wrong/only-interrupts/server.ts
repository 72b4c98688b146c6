/** Answers lines, with await. At SIGTERM it sends what it owes, and ends. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { StreamReader } from '#servers/09-async-await/stream-reader.ts'
import type { StreamWriter } from '#servers/09-async-await/stream-writer.ts'
import { startServer } from '#servers/09-async-await/streams.ts'

const port = Number(process.argv[2] ?? 8881)
const [NEWLINE, QUESTION] = Buffer.from('\n?')

const open = new Set<StreamReader>()

async function serve(reader: StreamReader, writer: StreamWriter): Promise<void> {
  open.add(reader)
  try {
    await converse(reader, writer)
    writer.writeEof()
    // A close with unread bytes would be a reset: until the client's FIN all is thrown away.
    while ((await reader.read()).length > 0);
  } finally {
    open.delete(reader)
  }
}

/** Until a read ends with no bytes: at the client's FIN, or at closing time. */
async function converse(reader: StreamReader, writer: StreamWriter): Promise<void> {
  for (;;) {
    const chunk = await reader.read()
    if (chunk.length === 0) return
    for (const line of linesOf(chunk)) {
      writer.write(await answer(line))
      await writer.drain()
    }
  }
}

const server = await startServer(serve, { host: '127.0.0.1', port })

process.once('SIGTERM', () => {
  server.close()
  for (const reader of open) reader.interrupt()
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

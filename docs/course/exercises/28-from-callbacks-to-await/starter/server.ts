/** Answers lines, with await: the port of callbacks.ts. So far there is the loop alone. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { StreamReader } from '#servers/09-async-await/stream-reader.ts'
import type { StreamWriter } from '#servers/09-async-await/stream-writer.ts'
import { startServer } from '#servers/09-async-await/streams.ts'

const port = Number(process.argv[2] ?? 8881)
const [NEWLINE, QUESTION] = Buffer.from('\n?')

async function serve(reader: StreamReader, writer: StreamWriter): Promise<void> {
  for (;;) {
    const chunk = await reader.read()
    if (chunk.length === 0) return
    for (const line of linesOf(chunk)) writer.write(await answer(line))
  }
}

await startServer(serve, { host: '127.0.0.1', port })

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

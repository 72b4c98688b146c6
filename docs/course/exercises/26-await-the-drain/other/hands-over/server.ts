/** Echoes bytes for a limited number of clients at a time. The others wait. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { StreamReader } from '#servers/09-async-await/stream-reader.ts'
import type { StreamWriter } from '#servers/09-async-await/stream-writer.ts'
import { startServer } from '#servers/09-async-await/streams.ts'

const port = Number(process.argv[2] ?? 8881)
const flag = process.argv.indexOf('--limit')
const limit = flag < 0 ? Number.POSITIVE_INFINITY : Number(process.argv[flag + 1])

let free = limit
/** Those that wait for a place, in order. */
const waiting: (() => void)[] = []

async function serve(reader: StreamReader, writer: StreamWriter): Promise<void> {
  // A place is handed from one to the next: who is woken need not look.
  if (free > 0) free -= 1
  else await new Promise<void>((resolve) => waiting.push(resolve))
  try {
    if (await isWelcome()) await echo(reader, writer)
  } finally {
    const next = waiting.shift()
    if (next) next()
    else free += 1
  }
}

async function echo(reader: StreamReader, writer: StreamWriter): Promise<void> {
  for (;;) {
    const chunk = await reader.read()
    if (chunk.length === 0) break
    writer.write(chunk)
    await writer.drain()
  }
}

/** It stands for a question to a data base. */
async function isWelcome(): Promise<boolean> {
  await sleep(50)
  return true
}

await startServer(serve, { host: '127.0.0.1', port })

/** Echoes bytes for a limited number of clients at a time. The others wait. */
import { EventEmitter, once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { StreamReader } from '#servers/09-async-await/stream-reader.ts'
import type { StreamWriter } from '#servers/09-async-await/stream-writer.ts'
import { startServer } from '#servers/09-async-await/streams.ts'

const port = Number(process.argv[2] ?? 8881)
const flag = process.argv.indexOf('--limit')
const limit = flag < 0 ? Number.POSITIVE_INFINITY : Number(process.argv[flag + 1])

/** Clients that are being served, at most `limit`. */
let serving = 0
const exits = new EventEmitter()
// Any number may wait.
exits.setMaxListeners(0)

async function serve(reader: StreamReader, writer: StreamWriter): Promise<void> {
  // All that wait are woken by one exit: so each looks again.
  while (serving >= limit) await once(exits, 'exit')
  // Nothing is awaited between the look and this.
  serving += 1
  try {
    if (await isWelcome()) await echo(reader, writer)
  } finally {
    serving -= 1
    exits.emit('exit')
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

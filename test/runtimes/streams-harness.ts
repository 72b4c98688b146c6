/** Streams to test with: over real connections, or made of exactly the chunks that a test wants. */
import type { Socket } from 'node:net'
import { Readable } from 'node:stream'
import { setImmediate as nextRound } from 'node:timers/promises'
import { afterEach } from 'vitest'
import { ClientSession } from '../../clients/session.ts'
import { StreamReader } from '../../servers/09-async-await/stream-reader.ts'
import type { StreamWriter } from '../../servers/09-async-await/stream-writer.ts'
import {
  type StreamHandler,
  type StreamServer,
  type StreamServerOptions,
  startServer,
} from '../../servers/09-async-await/streams.ts'

export const KiB = 1024
export const MiB = 1024 * KiB
export const LIMIT = 65536

const opened: StreamServer[] = []
const clients: ClientSession[] = []
const writers: StreamWriter[] = []

/** Closes after each test what it has opened, so that no test can hold up the next one. */
export function closeAfterEach(): void {
  afterEach(closeAll)
}

async function closeAll(): Promise<void> {
  for (const client of clients.splice(0)) client[Symbol.dispose]()
  for (const writer of writers.splice(0)) writer.abort()
  for (const server of opened.splice(0)) {
    server.close()
    await server.waitClosed()
  }
}

export async function serve(
  handler: StreamHandler,
  options: Partial<StreamServerOptions> = {},
): Promise<StreamServer> {
  const server = await startServer(handler, { host: '127.0.0.1', port: 0, ...options })
  opened.push(server)
  return server
}

export async function connect(server: StreamServer): Promise<ClientSession> {
  const client = await ClientSession.connect(server.address)
  clients.push(client)
  return client
}

interface Pair {
  readonly server: StreamServer
  readonly client: ClientSession
  readonly reader: StreamReader
  readonly writer: StreamWriter
}

/** One connection: the client's end as a session, the server's as a reader and a writer. */
export async function pair(options: Partial<StreamServerOptions> = {}): Promise<Pair> {
  let accepted: (ends: [StreamReader, StreamWriter]) => void = () => {}
  const ends = new Promise<[StreamReader, StreamWriter]>((resolve) => {
    accepted = resolve
  })
  const server = await serve((reader, writer) => {
    accepted([reader, writer])
    return writer.waitClosed()
  }, options)
  const client = await connect(server)
  const [reader, writer] = await ends
  writers.push(writer)
  return { server, client, reader, writer }
}

export function text(chunk: Uint8Array): string {
  return Buffer.from(chunk).toString('latin1')
}

/**
 * A reader whose bytes come in exactly these chunks, without the empty ones. No network promises
 * that.
 */
export function readerOf(chunks: readonly (Uint8Array | string)[], limit?: number): StreamReader {
  const stream = Readable.from(chunks.filter(({ length }) => length > 0).map((c) => Buffer.from(c)))
  return new StreamReader(stream as unknown as Socket, limit)
}

/** Whether a promise is still open after a hundred rounds of the event loop. */
export async function stillWaits(promise: Promise<unknown>): Promise<boolean> {
  let settled = false
  const settle = () => {
    settled = true
  }
  promise.then(settle, settle)
  for (let round = 0; round < 100; round++) await nextRound()
  return !settled
}

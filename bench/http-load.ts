/**
 * Loads a server with HTTP, by autocannon, and prints what came of it as a LoadResult: one JSON
 * object. A program of its own, so that the benchmark's process has no part in the measurement.
 *
 *     node --import tsx bench/http-load.ts HOST PORT CONNECTIONS DURATION WARMUP PID
 *
 * Each connection asks for the same path, and asks again when the reply has come. Every body is
 * compared. autocannon counts latencies in whole milliseconds.
 */
import autocannon, { type Result } from 'autocannon'
import type { LoadResult } from '../clients/load-result.ts'
import { cpuSeconds, residentBytes } from '../clients/process-stats.ts'

const [host = '', port, connections = 1, duration = 1, warmup = 0, pid = 0] = process.argv
  .slice(2)
  .map((text, i) => (i === 0 ? text : Number(text))) as [string, ...number[]]

const PATH = '/hello'
const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}${PATH}`
const residentBefore = residentBytes(pid) ?? null
if (warmup > 0) await shoot(warmup)
const from = { client: process.cpuUsage(), server: cpuSeconds(pid) }
const result = await shoot(duration)
const clientCpu = process.cpuUsage(from.client)
const serverCpu = cpuSeconds(pid)
process.stdout.write(`${JSON.stringify(summary(result))}\n`)
process.exit(result['2xx'] > 0 && result.mismatches === 0 ? 0 : 1)

function shoot(seconds: number): Promise<Result> {
  return autocannon({ url, connections, duration: seconds, expectBody: `${PATH}\n` })
}

function summary({ latency, requests, ...shot }: Result): Partial<LoadResult> {
  const messages = shot['2xx']
  const perMessage = (seconds: number | null) => seconds && (seconds * 1e6) / messages
  const known = serverCpu !== undefined && from.server !== undefined
  const ofServer = known ? serverCpu - from.server! : null
  const ofClient = (clientCpu.user + clientCpu.system) / 1e6
  const microseconds = (milliseconds: number) => milliseconds * 1000
  return {
    connected: connections,
    seconds: shot.duration,
    messages,
    messagesPerSecond: messages / shot.duration,
    latency: {
      mean: microseconds(latency.mean),
      p50: microseconds(latency.p50),
      p90: microseconds(latency.p90),
      p99: microseconds(latency.p99),
      p999: microseconds(latency.p99_9),
      max: microseconds(latency.max),
    },
    client: { cpuSeconds: ofClient, cpuPerMessage: perMessage(ofClient) },
    server: {
      pid,
      cpuSeconds: ofServer,
      cpuPerMessage: perMessage(ofServer),
      residentBefore,
      residentAfter: residentBytes(pid) ?? null,
    },
    errors: counted({
      error: shot.errors,
      timeout: shot.timeouts,
      'wrong status': shot.non2xx,
      'wrong body': shot.mismatches,
    }),
    mismatch: null,
  }
}

/** Only what has happened. */
function counted(errors: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(errors).filter(([, count]) => count > 0))
}

/**
 * Loads a server with HTTP, by autocannon, and prints the result as one JSON object: a LoadResult.
 * This is a program of its own, so that the benchmark's process takes no part in the measurement.
 *
 *     node servers/boot/boot.mjs bench/run/http-load.ts HOST PORT CONNECTIONS DURATION WARMUP PID
 *
 * Each connection asks for the same path, and asks again when the reply has come. Every body is
 * compared. autocannon measures latencies in whole milliseconds.
 */
import autocannon, { type Result } from 'autocannon'
import type { LoadResult } from '../../clients/load/result.ts'
import { contention, readClocks, ServerWatch, usage } from '../../clients/load/server.ts'

const [host = '', port, connections = 1, duration = 1, warmup = 0, pid = 0] = process.argv
  .slice(2)
  .map((text, i) => (i === 0 ? text : Number(text))) as [string, ...number[]]

const PATH = '/hello'
const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}${PATH}`
const server = new ServerWatch(pid)
if (warmup > 0) judge(await shoot(warmup))
const start = readClocks(server)
// While the connections are open: autocannon closes them at the end.
const looking = setTimeout(() => server.look(), duration * 800)
const result = await shoot(duration)
clearTimeout(looking)
const end = readClocks(server)
process.stdout.write(`${JSON.stringify(summary(result))}\n`)
judge(result)

function shoot(seconds: number): Promise<Result> {
  return autocannon({ url, connections, duration: seconds, expectBody: `${PATH}\n` })
}

/** Exits with 1 if a reply was wrong, or if there was none: the figures would mean nothing. */
function judge(shot: Result): void {
  const { 'wrong body': bodies = 0, 'wrong status': statuses = 0 } = errorsOf(shot)
  const wrong = bodies + statuses
  if (wrong === 0 && shot['2xx'] > 0) return
  const what = wrong > 0 ? `${wrong} wrong replies` : 'not one complete reply'
  process.stderr.write(`error: the run is void: ${what}\n`)
  process.exit(1)
}

function summary(shot: Result): Partial<LoadResult> {
  const { latency } = shot
  const messages = shot['2xx']
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
    sinceSent: null,
    lateness: null,
    achieved: null,
    warnings: [],
    fairness: null,
    client: usage(end.clientCpu - start.clientCpu, messages),
    server: server.usage(start, end, messages),
    machine: contention(start, end),
    errors: errorsOf(shot),
    mismatch: null,
  }
}

/** Only the kinds of errors that have happened. */
function errorsOf(shot: Result): Record<string, number> {
  const errors = {
    error: shot.errors,
    timeout: shot.timeouts,
    'wrong status': shot.non2xx,
    'wrong body': shot.mismatches,
  }
  return Object.fromEntries(Object.entries(errors).filter(([, count]) => count > 0))
}

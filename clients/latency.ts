/** Latencies, collected in Node's histogram: an HdrHistogram, which needs no memory per value. */
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks'
import { amount } from './terminal.ts'

/** The longest latency that the histogram can hold, in nanoseconds: about 11 days. */
const LONGEST = 1e15

/** All in microseconds. Percentiles are exact to three digits. */
export interface Latency {
  readonly mean: number
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly p999: number
  readonly max: number
}

export class LatencyHistogram {
  readonly #histogram: RecordableHistogram = createHistogram({ highest: LONGEST })

  record(milliseconds: number): void {
    // The histogram takes whole numbers from 1 on.
    this.#histogram.record(Math.max(1, Math.round(milliseconds * 1e6)))
  }

  /** Null if nothing was recorded. */
  summary(): Latency | null {
    const histogram = this.#histogram
    if (histogram.count === 0) return null
    const at = (percent: number) => histogram.percentile(percent) / 1000
    return {
      mean: histogram.mean / 1000,
      p50: at(50),
      p90: at(90),
      p99: at(99),
      p999: at(99.9),
      max: histogram.max / 1000,
    }
  }
}

/** `p50 412  p90 …  max 9 120  (µs)`. */
export function latencyText({ p50, p90, p99, p999, max }: Latency): string {
  const named = Object.entries({ p50, p90, p99, 'p99.9': p999, max })
  return `${named.map(([name, value]) => `${name} ${amount(value)}`).join('  ')}  (µs)`
}

/** An axis: where a value lies on it, and at which round values it has ticks. */

export interface Scale {
  readonly isLog: boolean
  /** From 0, the near end of the axis, to 1, the far end; values beyond an end lie at that end. */
  readonly at: (value: number) => number
  /** In ascending order, all within the axis. */
  readonly ticks: readonly Tick[]
}

export interface Tick {
  readonly value: number
  /** True for the two ticks that have a label even where a chart has little room. */
  readonly isMajor: boolean
}

/** The most ticks of an even axis, and of a logarithmic one. */
const EVEN_TICKS = 5
const LOG_TICKS = 10
/** From this ratio of largest to smallest on, an even axis shows small values too near zero. */
const WIDE = 5

/** An axis where small values matter: logarithmic if all are positive and they differ by much. */
export function scaleForSmall(values: readonly number[]): Scale {
  const [low, high] = [Math.min(...values), Math.max(...values)]
  return low > 0 && high / low > WIDE ? logScale(values) : evenScale(values)
}

/** An even axis that includes zero: a place twice as far from zero is twice the value. */
export function evenScale(values: readonly number[]): Scale {
  const low = Math.min(0, ...values)
  const span = Math.max(0, ...values) - low || 1
  const step = rungs(span, span).find((rung) => rounded(rung * EVEN_TICKS) > span) ?? span
  const first = Math.ceil(rounded(low / step))
  const count = Math.floor(rounded((low + span) / step)) - first + 1
  const ticks = Array.from({ length: count }, (_, i) => ({
    value: rounded((first + i) * step),
    isMajor: first + i === 0 || i === count - 1,
  }))
  return { isLog: false, at: (value) => clamped((value - low) / span), ticks }
}

/** An axis on which equal ratios have equal lengths. Values of 0 or less lie at its near end. */
export function logScale(values: readonly number[]): Scale {
  const known = values.filter((value) => value > 0)
  if (known.length === 0) return logScale([1])
  const [low, high] = [Math.min(...known), Math.max(...known)]
  const ladder = rungs(low, high)
  const from = ladder.findLastIndex((rung) => rung <= low)
  const to = ladder.findIndex((rung, i) => rung >= high && i > from)
  const within = ladder.slice(from, to + 1)
  const [first = low, last = high] = [within[0], within.at(-1)]
  const at = (value: number) =>
    value > 0 ? clamped(Math.log(value / first) / Math.log(last / first)) : 0
  return { isLog: true, at, ticks: logTicks(within) }
}

/** All rungs, or only the powers of ten if there would be too many ticks. */
function logTicks(all: readonly number[]): Tick[] {
  const powers = all.filter((rung) => Number.isInteger(rounded(Math.log10(rung))))
  const shown = all.length > LOG_TICKS ? powers : all
  const round = powers.length > 1 ? powers : all
  const majors = [round[0], round.at(-1)]
  return shown.map((value) => ({ value, isMajor: majors.includes(value) }))
}

/** The round numbers 1, 2, 5, 10, 20 … from below `low` to above `high`. */
function rungs(low: number, high: number): number[] {
  const from = Math.floor(Math.log10(low)) - 1
  const powers = Array.from({ length: Math.ceil(Math.log10(high)) + 2 - from }, (_, i) => from + i)
  return powers.flatMap((power) => [1, 2, 5].map((digit) => Number(`${digit}e${power}`)))
}

/** Without the error of binary fractions: 0.3, not 0.30000000000000004. */
function rounded(value: number): number {
  return Number(value.toPrecision(12))
}

function clamped(share: number): number {
  return Math.min(1, Math.max(0, share))
}

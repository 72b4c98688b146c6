/** Where on an axis a value lies, and at which round values the axis has its ticks. */

export interface Scale {
  readonly isLog: boolean
  /** From 0, the near end of the axis, to 1, the far end; a value beyond an end is put there. */
  readonly at: (value: number) => number
  /** In ascending order, all within the axis. */
  readonly ticks: readonly Tick[]
}

export interface Tick {
  readonly value: number
  /** One of the two that have a label where there is little room. */
  readonly isMajor: boolean
}

/** Ticks at most, of an even axis and of a logarithmic one. */
const EVEN_TICKS = 5
const LOG_TICKS = 10
/** From this ratio on, the smallest values of an even axis can't be told apart. */
const WIDE = 5

/** An axis for small values above all: logarithmic if the values, all positive, differ by much. */
export function scaleForSmall(values: readonly number[]): Scale {
  const [low, high] = [Math.min(...values), Math.max(...values)]
  return low > 0 && high / low > WIDE ? logScale(values) : evenScale(values)
}

/** An even axis that has zero on it: a place twice as far from it is twice the value. */
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

/** Equal ratios have equal lengths. Only positive values have a place; others are put at the end. */
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

/** Of many only the powers of ten. */
function logTicks(all: readonly number[]): Tick[] {
  const powers = all.filter((rung) => Number.isInteger(rounded(Math.log10(rung))))
  const shown = all.length > LOG_TICKS ? powers : all
  const round = powers.length > 1 ? powers : all
  const majors = [round[0], round.at(-1)]
  return shown.map((value) => ({ value, isMajor: majors.includes(value) }))
}

/** The round numbers 1, 2, 5, 10, 20 … around `low` and `high`, with some to spare. */
function rungs(low: number, high: number): number[] {
  const from = Math.floor(Math.log10(low)) - 1
  const powers = Array.from({ length: Math.ceil(Math.log10(high)) + 2 - from }, (_, i) => from + i)
  return powers.flatMap((power) => [1, 2, 5].map((digit) => Number(`${digit}e${power}`)))
}

/** Without what binary fractions leave over: 0.3, not 0.30000000000000004. */
function rounded(value: number): number {
  return Number(value.toPrecision(12))
}

function clamped(share: number): number {
  return Math.min(1, Math.max(0, share))
}

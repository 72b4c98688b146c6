/** Figures as the charts show them. */
import { amount } from '../../../clients/terminal.ts'

/** A time in the unit that fits best, with three digits: `38.0 µs`, `4.62 ms`, `213 ms`. */
export function timeText(microseconds: number): string {
  const [value, unit] = inUnit(microseconds)
  const size = Math.abs(value)
  return `${size >= 99.95 ? amount(value) : value.toFixed(size >= 9.995 ? 1 : 2)} ${unit}`
}

/** A round value as a time: `50 µs`, `2 ms`. */
export function timeTick(microseconds: number): string {
  const [value, unit] = inUnit(microseconds)
  return `${tickText(value)} ${unit}`
}

/** A round value: `0.5`, `20`, `150 000`. */
export function tickText(value: number): string {
  return Math.abs(value) >= 100 ? amount(value) : String(Number(value.toPrecision(6)))
}

function inUnit(microseconds: number): [number, string] {
  const size = Math.abs(microseconds)
  if (size >= 999_500) return [microseconds / 1e6, 's']
  return size >= 999.5 ? [microseconds / 1e3, 'ms'] : [microseconds, 'µs']
}

/** A share of the width as a coordinate: `12.35%`. */
export function percent(share: number): string {
  return `${Number((share * 100).toFixed(2))}%`
}

/** The number of characters of the longest text. */
export function longest(texts: readonly string[]): number {
  return Math.max(0, ...texts.map((text) => text.length))
}

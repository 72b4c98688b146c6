/**
 * The time axis of a picture. Most of a scene is waiting, and what is worth seeing takes microseconds:
 * on a true scale nothing of it would be seen. So each stretch between two changes has a width of its
 * own, which grows with the logarithm of its time. Times are written where they are.
 */
import type { Timeline } from './timeline.ts'

/** Changes that are closer together than this, in milliseconds, share a place. */
const CLOSEST = 0.02

export interface Axis {
  /** The times of the changes, in milliseconds, in order. */
  readonly times: readonly number[]
  /** The place of a time, from 0 to 1. */
  place(time: number): number
}

export function axisOf({ lanes }: Pick<Timeline, 'lanes'>): Axis {
  const all = lanes.flatMap(({ spans }) => spans.flatMap(({ from, to }) => [from, to]))
  const times: number[] = []
  for (const time of all.sort((a, b) => a - b)) {
    if (times.length === 0 || time - times.at(-1)! >= CLOSEST) times.push(time)
  }
  const places = [0]
  for (let i = 1; i < times.length; i++) {
    places.push(places[i - 1]! + weight(times[i]! - times[i - 1]!))
  }
  const width = places.at(-1) || 1
  return { times, place: (time) => between(times, places, time) / width }
}

function weight(time: number): number {
  return 1 + Math.log2(1 + time / 0.2)
}

function between(times: readonly number[], places: readonly number[], time: number): number {
  const next = times.findIndex((each) => each >= time)
  if (next === 0) return 0
  if (next < 0) return places.at(-1) ?? 0
  const share = (time - times[next - 1]!) / (times[next]! - times[next - 1]!)
  return places[next - 1]! + share * (places[next]! - places[next - 1]!)
}

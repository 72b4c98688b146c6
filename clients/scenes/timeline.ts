/**
 * A scene as it was played, ready to be drawn: what each thread of the server and each client was
 * doing, as spans that follow each other on its lane.
 */
import { readFileSync } from 'node:fs'
import { ROOT } from '../../servers/boot/root.mjs'

export interface Timeline {
  readonly scene: string
  readonly model: string
  /** `libc poll`, `node`. */
  readonly wait: string
  /** From top to bottom: the server's threads, then the clients, in the order of the scene. */
  readonly lanes: readonly TimelineLane[]
}

export interface TimelineLane {
  readonly name: string
  readonly kind: 'server' | 'client'
  /** In order, and none begins before the one before it has ended. */
  readonly spans: readonly Span[]
}

/**
 * On a server's lane: the thread runs (for a client, if one is named), sleeps in a call, or sleeps
 * although there is no client at all. On a client's lane: it thinks; it waits for a reply or for a
 * place; it is served; the server owes it bytes that it does not take.
 */
export type State = 'runs' | 'waits' | 'idle' | 'thinks' | 'served' | 'owed'

export interface Span {
  readonly state: State
  /** Milliseconds since the scene began, to three places. */
  readonly from: number
  readonly to: number
  /** A sentence for somebody who cannot see the picture. */
  readonly text: string
  /** The client for which a thread runs. */
  readonly who?: string
  /** The line of the source where the call is made. */
  readonly at?: Place
}

/** The text is kept with the number, so that the line is found again when others move it. */
export interface Place {
  readonly file: string
  readonly line: number
  readonly code: string
}

/** The part of the trace that is shown, in its microseconds. */
export interface Clock {
  readonly start: number
  readonly end: number
}

/** A time of the trace in milliseconds since the start. */
export function milliseconds(at: number, { start, end }: Clock): number {
  return Math.round(Math.min(Math.max(at, start), end) - start) / 1000
}

const sources = new Map<string, string[]>()

function linesOf(file: string): string[] {
  const known = sources.get(file) ?? readFileSync(new URL(file, ROOT), 'utf8').split('\n')
  sources.set(file, known)
  return known
}

/** The place as the file is now: the nearest line with the same text. */
export function found(place: Place): Place {
  const lines = linesOf(place.file)
  const same = lines.flatMap((text, i) => (text.trim() === place.code ? i + 1 : []))
  const distance = (line: number) => Math.abs(line - place.line)
  const [line = place.line] = same.toSorted((a, b) => distance(a) - distance(b))
  return { ...place, line }
}

/** @param at such as `servers/03-poll-loop/echo.ts:78`, as traces have it */
export function placeOf(at: unknown): Place | undefined {
  const [, file = '', number = ''] = /^(.+):(\d+)$/.exec(String(at)) ?? []
  if (file === '') return undefined
  return { file, line: Number(number), code: linesOf(file)[Number(number) - 1]?.trim() ?? '' }
}

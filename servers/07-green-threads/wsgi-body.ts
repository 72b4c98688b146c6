/**
 * How does a server run an application that may be a function or a generator, and may return a
 * piece, an array, or anything that can be iterated? It takes the pieces as they come, and lends
 * the application its own greenlet to wait in.
 */
import { call } from './greenlet.ts'
import type { Green } from './hub.ts'
import type { Application, Body, Piece, Pieces } from './wsgi.ts'
import type { Response } from './wsgi-response.ts'

export type Result = ReturnType<Application>

/** The whole body, if it can be seen at once: nothing, a piece, or an array of one piece. */
export function onlyPiece(result: Result): Piece | undefined {
  if (result === undefined) return ''
  if (typeof result === 'string' || result instanceof Uint8Array) return result
  if (!Array.isArray(result) || result.length > 1) return undefined
  return result.length === 0 ? '' : (result[0] as Piece)
}

/** True if the body wants to be told of its end. */
export function hasClose(result: Result): result is Exclude<Body, Piece> {
  return typeof (result as { close?: unknown } | undefined)?.close === 'function'
}

/** Sends all that an application has returned, and closes it, whatever happens. */
export function* sendBody(response: Response, first: Result): Green<void> {
  let result = first
  while (isGenerator(result)) result = yield* drive(response, result)
  try {
    const piece = onlyPiece(result)
    if (piece !== undefined) yield* response.finish(piece)
    else yield* iterate(response, result as Exclude<Body, Piece>)
  } finally {
    if (hasClose(result)) yield* call(() => result.close?.())
  }
}

// #region drive
/** Runs a generator; what it returns is the rest of the body. */
function* drive(response: Response, frame: Pieces): Green<Result> {
  let step: IteratorResult<Piece | undefined, Result> = frame.next()
  try {
    while (!step.done) {
      if (step.value === undefined) {
        step = yield* resume(frame)
      } else {
        yield* response.write(step.value)
        if (response.isBodiless) return undefined
        step = frame.next()
      }
    }
    return step.value
  } finally {
    if (!step.done) yield* finish(frame)
  }
}

/** A wait of the application: what ends it, a value or an error, is the application's. */
function* resume(frame: Pieces): Green<IteratorResult<Piece | undefined, Result>> {
  let value: unknown
  try {
    value = yield
  } catch (error) {
    return frame.throw(error)
  }
  return frame.next(value)
}

// #endregion drive

/** Ends a generator that isn't asked for more: it may still have to wait, but not to send. */
function* finish(frame: Pieces): Green<void> {
  let step = frame.return(undefined)
  while (!step.done) {
    if (step.value !== undefined) throw new Error('a body that was closed has yielded a piece')
    step = yield* resume(frame)
  }
}

/** The loop ends the iterator itself, wherever it stops. */
function* iterate(response: Response, body: Exclude<Body, Piece>): Green<void> {
  if (typeof body?.[Symbol.iterator] !== 'function') {
    throw new TypeError(`a body is a piece or an iterable of pieces, not ${typeof body}`)
  }
  for (const piece of body) {
    yield* response.write(piece)
    if (response.isBodiless) break
  }
  yield* response.finish()
}

function isGenerator(result: Result): result is Pieces {
  return typeof (result as Partial<Pieces> | undefined)?.throw === 'function'
}

/**
 * Why did a connection end, or why was it never made? And what did a program ask of a reactor that
 * can't be done? Each answer is a class.
 */
import { errorCode } from '../support/error-code.ts'

/** A connection that was open has ended. `cause` is the failed system call, if there was one. */
export class ConnectionClosed extends Error {
  override readonly name: string = this.constructor.name
}

/** The connection was ended in order: by the peer, or by `loseConnection` on this side. */
export class ConnectionDone extends ConnectionClosed {
  constructor() {
    super('the connection was closed cleanly')
  }
}

/** The connection was ended by a reset, a failed system call, or the stop of the reactor. */
export class ConnectionLost extends ConnectionClosed {
  constructor(cause?: unknown, message = 'the connection was lost') {
    super(message, { cause })
  }
}

/** The connection was ended by this side's `abortConnection`. */
export class ConnectionAborted extends ConnectionLost {
  constructor() {
    super(undefined, 'the connection was aborted')
  }
}

/** A connection could not be made. */
export class ConnectError extends Error {
  override readonly name: string = this.constructor.name
}

/** No program listens at this address. */
export class ConnectionRefusedError extends ConnectError {}

/** The connector's timeout, or the system's own, has passed. */
export class TimeoutError extends ConnectError {}

/** The host's name has no address. */
export class DNSLookupError extends ConnectError {}

/** The program gave up: `stopConnecting`. */
export class UserError extends ConnectError {}

/** A port could not be opened. `code` is the errno's name, such as `EADDRINUSE`. */
export class CannotListenError extends Error {
  override readonly name = 'CannotListenError'
  readonly code: string

  constructor(cause: unknown) {
    super(`cannot listen: ${toError(cause).message}`, { cause })
    this.code = errorCode(cause) ?? ''
  }
}

/** A DelayedCall was used after its `cancel`. */
export class AlreadyCancelled extends Error {
  override readonly name = 'AlreadyCancelled'
}

/** A DelayedCall was used after it had been made. */
export class AlreadyCalled extends Error {
  override readonly name = 'AlreadyCalled'
}

/** `stop` before `run` or after the end, or something opened while a reactor closes everything. */
export class ReactorNotRunning extends Error {
  override readonly name = 'ReactorNotRunning'
}

export class ReactorAlreadyRunning extends Error {
  override readonly name = 'ReactorAlreadyRunning'
}

/** A reactor runs only once: its triggers have fired, and its poller is closed. */
export class ReactorNotRestartable extends Error {
  override readonly name = 'ReactorNotRestartable'
}

/** `stopConnecting` while the connector isn't connecting. */
export class NotConnectingError extends Error {
  override readonly name = 'NotConnectingError'
}

/** The error for `clientConnectionFailed`, of the class that the errno's name in `cause` says. */
export function connectError(cause: unknown): ConnectError {
  if (cause instanceof ConnectError) return cause
  const kind = CONNECT_ERRORS[errorCode(cause) ?? ''] ?? ConnectError
  return new kind(toError(cause).message, { cause })
}

const CONNECT_ERRORS: Record<string, typeof ConnectError> = {
  ECONNREFUSED: ConnectionRefusedError,
  ETIMEDOUT: TimeoutError,
  ENOTFOUND: DNSLookupError,
  EAI_AGAIN: DNSLookupError,
}

/** JavaScript can throw anything; a reason is always an Error. */
export function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown), { cause: thrown })
}

/**
 * A socket layer around another one, which records each call: what it was for, how long it took, and
 * whether the thread slept in it. No model knows of it.
 */
import { type Accepted, type Address, isSystemError, POLLIN, type Posix } from '../posix/api.ts'
import type { EpollPoller } from '../posix/epoll.ts'
import { around } from './around.ts'
import type { Clients } from './clients.ts'
import { type Details, now } from './events.ts'
import type { Recorder } from './recorder.ts'

/** A blocking send that takes longer than this has waited for room, in microseconds. */
const WAITED = 1000

/** How a call has ended, and when it began. */
interface Done {
  readonly from: number
  readonly result: unknown
}

/** `posix` itself, unless its calls are recorded. */
export function withTrace(posix: Posix, recording?: { readonly calls: Calls }): Posix {
  return recording ? traced(posix, recording.calls) : posix
}

/** The readiness loop's other call, which a poller makes by itself. */
export function traceEpoll(poller: typeof EpollPoller, calls: Calls): void {
  around(poller.prototype, 'wait', (wait, [timeout], self) => {
    const found = calls.polling('epoll_wait', timeout, () => wait(timeout))
    const { fd, events } = self as EpollPoller
    for (let i = 0; i < found; i++) {
      if (events.call(self, i) & POLLIN) calls.ready(fd.call(self, i))
    }
    return found
  })
}

function traced(posix: Posix, calls: Calls): Posix {
  return { ...unchanged(posix), ...sockets(posix, calls), ...waits(posix, calls) }
}

/** What says nothing about waiting. */
function unchanged(posix: Posix) {
  return {
    backend: posix.backend,
    forThread: () => posix.forThread(),
    getsockname: (fd) => posix.getsockname(fd),
    socketError: (fd) => posix.socketError(fd),
  } satisfies Partial<Posix>
}

/** The calls that return at once. */
function sockets(posix: Posix, calls: Calls) {
  return {
    socket(family, blocking) {
      const fd = calls.passing('socket', {}, () => posix.socket(family, blocking))
      calls.opened(fd, blocking)
      return fd
    },
    setsockopt: (fd, option, value) =>
      calls.passing('setsockopt', { fd, option, value }, () => posix.setsockopt(fd, option, value)),
    bind: (fd, address) => calls.passing('bind', { fd }, () => posix.bind(fd, address)),
    listen: (fd, backlog) => calls.passing('listen', { fd }, () => posix.listen(fd, backlog)),
    shutdown: (fd, how) => calls.passing('shutdown', { fd, how }, () => posix.shutdown(fd, how)),
    close(fd) {
      calls.passing('close', { fd }, () => posix.close(fd))
      calls.closed(fd)
    },
    getpeername(fd) {
      const peer = posix.getpeername(fd)
      calls.opened(fd, 'blocking', { peer })
      return peer
    },
  } satisfies Partial<Posix>
}

/** The calls that sleep until there is something to do: most of them on blocking sockets only. */
function waits(posix: Posix, calls: Calls) {
  return {
    accept(fd, blocking) {
      const accepted = calls.on(fd, 'accept', {}, () => posix.accept(fd, blocking)).result
      if (accepted) calls.opened(accepted.fd, blocking, accepted)
      return accepted
    },
    connect: (fd, address) => calls.on(fd, 'connect', {}, () => posix.connect(fd, address)).result,
    recv(fd, buffer) {
      const done = calls.on(fd, 'recv', {}, () => posix.recv(fd, buffer))
      calls.received(fd, done)
      return done.result
    },
    send(fd, bytes) {
      const done = calls.on(fd, 'send', { bytes: bytes.length }, () => posix.send(fd, bytes))
      calls.sent(fd, bytes.length, done)
      return done.result
    },
    poll: (set, count, timeout) => {
      const found = calls.polling('poll', timeout, () => posix.poll(set, count, timeout))
      for (let i = 0; i < count; i++) {
        if ((set[2 * i + 1]! >>> 16) & POLLIN) calls.ready(set[2 * i]!)
      }
      return found
    },
    getaddrinfo: (host) => calls.waiting('getaddrinfo', { host }, () => posix.getaddrinfo(host)),
  } satisfies Partial<Posix>
}

/** The calls of one thread, and what is known of the descriptors that they are about. */
export class Calls {
  readonly #recorder: Recorder
  readonly #clients: Clients
  readonly #nonblocking = new Set<number>()
  /** By descriptor: the client's port. */
  readonly #ports = new Map<number, number>()

  constructor(recorder: Recorder, clients: Clients) {
    this.#recorder = recorder
    this.#clients = clients
  }

  /** A call that doesn't wait. */
  passing<Result>(name: string, details: Details, call: () => Result): Result {
    const at = this.#recorder.stack()
    const from = now()
    const result = outcomeOf(call)
    this.#recorder.span(name, 'call', from, { ...details, ...said(result), at })
    return unwrap(result)
  }

  /** A call that sleeps until there is something to do. */
  waiting<Result>(name: string, details: Details, call: () => Result): Result {
    this.#recorder.begin(name, 'wait', { ...details, at: this.#recorder.stack() })
    this.#recorder.flush()
    const result = outcomeOf(call)
    this.#recorder.end(said(result))
    return unwrap(result)
  }

  /** A wait for readiness, which only looks and does not sleep if it is given no time. */
  polling(name: string, timeout: number, call: () => number): number {
    return timeout === 0
      ? this.passing(name, { timeout }, call)
      : this.waiting(name, { timeout }, call)
  }

  /** A call on a descriptor: it waits unless that is non-blocking. */
  on<Result>(fd: number, name: string, details: Details, call: () => Result) {
    const about = { fd, client: this.#ports.get(fd), ...details }
    const from = now()
    const result = this.#nonblocking.has(fd)
      ? this.passing(name, about, call)
      : this.waiting(name, about, call)
    return { from, result }
  }

  opened(fd: number, blocking: string, accepted?: { readonly peer: Address }): void {
    if (blocking === 'nonblocking') this.#nonblocking.add(fd)
    if (!accepted) return
    this.#ports.set(fd, accepted.peer.port)
    this.#clients.called(accepted.peer)
  }

  closed(fd: number): void {
    this.#nonblocking.delete(fd)
    this.#clients.closed(this.#ports.get(fd))
    this.#ports.delete(fd)
  }

  /** The port of the client behind a descriptor. */
  client(fd: number): number | undefined {
    return this.#ports.get(fd)
  }

  ready(fd: number): void {
    this.#clients.note(this.#ports.get(fd), 'ready')
  }

  received(fd: number, { from, result }: Done): void {
    // A blocking recv begins before there is anything to serve.
    const since = this.#nonblocking.has(fd) ? from : now()
    if (Number(result) > 0) this.#clients.note(this.#ports.get(fd), 'read', since)
  }

  sent(fd: number, bytes: number, { from, result }: Done): void {
    const port = this.#ports.get(fd)
    const hasWaited = !this.#nonblocking.has(fd) && now() - from > WAITED
    if (hasWaited) this.#clients.note(port, 'sent in part', from)
    this.#clients.note(port, Number(result) < bytes ? 'sent in part' : 'sent')
  }
}

type Outcome<Result> = { value: Result } | { error: unknown }

function outcomeOf<Result>(call: () => Result): Outcome<Result> {
  try {
    return { value: call() }
  } catch (error) {
    return { error }
  }
}

function unwrap<Result>(outcome: Outcome<Result>): Result {
  if ('error' in outcome) throw outcome.error
  return outcome.value
}

/** The result as the man pages have it: a number, or the name of the error. */
function said(outcome: Outcome<unknown>): Details {
  if ('error' in outcome) {
    return { error: isSystemError(outcome.error) ? outcome.error.code : String(outcome.error) }
  }
  const { value } = outcome
  if (typeof value === 'number' || typeof value === 'boolean') return { result: value }
  const accepted = value as Accepted | null | undefined
  return accepted?.fd === undefined ? {} : { result: accepted.fd, client: accepted.peer.port }
}

/**
 * What happens on a connection of HTTP? One greenlet reads a request, runs the application, sends
 * what that returns, and begins anew, until the client or the server wants no more.
 */
import type { Socket } from 'node:net'
import type { RequestHead } from '../protocol/http-head.ts'
import { RequestParser } from '../protocol/http-parser.ts'
import { REASONS, Refusal } from '../protocol/http-refusal.ts'
import { type Persistence, Replies } from '../protocol/http-reply.ts'
import { GreenletExit } from './greenlet.ts'
import { DONE, type Green, hub } from './hub.ts'
import type { GreenSocket } from './socket.ts'
import type { Application, Detached, StartResponse } from './wsgi.ts'
import { hasClose, onlyPiece, sendBody } from './wsgi-body.ts'
import { makeEnviron, type Surroundings } from './wsgi-environ.ts'
import { BodyFile, type Inlet, NO_BODY, RequestBody } from './wsgi-input.ts'
import { type Outlet, Response } from './wsgi-response.ts'
import { Wire } from './wsgi-wire.ts'

/** Times are in seconds. */
export interface Limits {
  /** For a head, from its first byte. */
  readonly headTime: number
  /** Without a byte, between two requests and while the client takes nothing of its response. */
  readonly idleTime: number
  /** For all waits of an application for the body of its request. */
  readonly bodyTime: number
  /** Bytes of a body. */
  readonly maxBody: number
}

/** What all connections of a server share. */
export interface Site {
  readonly application: Application
  readonly limits: Limits
  readonly log: ((entry: Entry) => void) | undefined
  /** True once the server stops: no connection goes on after its request. */
  isStopping: boolean
}

/** A request and its response, for the access log. */
export interface Entry {
  readonly peerName: string
  readonly request: RequestHead
  readonly status: string
  /** Bytes of the body that were sent. */
  readonly sent: number
  readonly seconds: number
}

export class Connection implements Inlet, Outlet {
  readonly #wire: Wire
  readonly #site: Site
  readonly #around: Surroundings
  readonly #parser: RequestParser
  /** When the head that still comes was begun. */
  #headBegun: number | undefined
  /** The request that is being answered. */
  #request: RequestHead | undefined
  #body: RequestBody | undefined
  #detached: Socket | undefined

  constructor(socket: GreenSocket, site: Site, around: Surroundings) {
    this.#wire = new Wire(socket, site.limits.idleTime)
    this.#site = site
    this.#around = around
    this.#parser = new RequestParser(site.limits.maxBody, true)
  }

  // #region serve
  /** Serves the client, request by request, to the end of the connection. */
  *serve(): Green<void> {
    try {
      for (let goesOn = true; goesOn; ) {
        this.#request = yield* this.#nextRequest()
        goesOn = this.#request !== undefined && (yield* this.#answer(this.#request))
      }
      if (!this.#detached) yield* this.#wire.linger()
    } catch (error) {
      if (this.#detached) throw error
      // Otherwise the client has gone, or was silent for too long, or it is closing time.
      if (error instanceof Refusal && !this.#site.isStopping) yield* this.#refuse(error)
    }
  }
  // #endregion serve

  /** Closing time: the connection ends as soon as no request is being answered. */
  finish(): void {
    if (this.#request === undefined) this.#wire.close()
  }

  send(bytes: Uint8Array | string): Green<void> {
    return this.#wire.send(bytes)
  }

  receive(seconds: number, late: string): Green<Buffer> {
    return this.#wire.receive(seconds, late)
  }

  persistence(): Persistence {
    const isUnclear = this.#body?.answered()
    return isUnclear || this.#site.isStopping ? 'close' : this.#request!.connection
  }

  /** Waits for the head of a request. Undefined if none comes any more, or none is wanted. */
  *#nextRequest(): Green<RequestHead | undefined> {
    this.#request = undefined
    this.#headBegun = undefined
    while (!this.#site.isStopping) {
      const part = this.#parser.nextPart()
      // Between two requests, the next part can only be a head.
      if (part) return part as RequestHead
      const chunk = this.#parser.midHead ? yield* this.#restOfHead() : yield* this.#wire.recv()
      if (chunk.length === 0) return
      this.#parser.feed(chunk)
    }
  }

  #restOfHead(): Green<Buffer> {
    const now = performance.now()
    this.#headBegun ??= now
    const { headTime } = this.#site.limits
    const left = headTime - (now - this.#headBegun) / 1000
    return this.receive(left, `a head may take ${headTime} s`)
  }

  /** Runs the application. True if another request may follow. */
  *#answer(request: RequestHead): Green<boolean> {
    const begun = this.#site.log ? performance.now() : 0
    const response = new Response(request, this)
    this.#body = this.#bodyOf(request)
    try {
      const sending = this.#run(request, response)
      if (sending !== DONE) yield* sending
    } catch (error) {
      yield* this.#fail(error, response)
    }
    this.#log(request, response, begun)
    if (this.#detached || !response.isComplete || response.connection === 'close') return false
    return this.#body === undefined || (yield* this.#body.drain())
  }

  #bodyOf({ hasBody, awaitsContinue }: RequestHead): RequestBody | undefined {
    if (!hasBody) return undefined
    return new RequestBody(this.#parser, this, awaitsContinue, this.#site.limits.bodyTime)
  }

  #run(request: RequestHead, response: Response): Green<void> {
    const start: StartResponse = (status, headers, excInfo) => {
      response.start(status, headers, excInfo)
      return (piece) => response.write(piece)
    }
    const input = this.#body ? new BodyFile(this.#body) : NO_BODY
    const environ = makeEnviron(request, this.#around, input, () => this.#detach(response))
    const result = this.#site.application(environ, start)
    const piece = hasClose(result) ? undefined : onlyPiece(result)
    return piece === undefined ? sendBody(response, result) : response.finish(piece)
  }

  #detach(response: Response): Detached {
    response.detach()
    const head = this.#parser.rest()
    this.#detached = this.#wire.detach()
    return { socket: this.#detached, head: Buffer.from(head) }
  }

  /** The request has failed: a client must not take what it has got for a whole response. */
  *#fail(error: unknown, response: Response): Green<void> {
    if (this.#detached) {
      this.#detached.destroy()
      throw error
    }
    const isOurs = !(this.#wire.isLost || error instanceof Refusal || error instanceof GreenletExit)
    if (isOurs) hub.report(`${this.#request!.method} ${this.#request!.path}`, error)
    if (response.isComplete) {
      if (isOurs) return
      throw error
    }
    if (response.headSent) this.#wire.cut(response.endsWithConnection)
    else yield* this.#refuse(refusalFor(error), response)
  }

  *#refuse(refusal: Refusal, response?: Response): Green<void> {
    const replies = new Replies()
    replies.refuse(refusal, this.#parser.isHead || this.#request?.method === 'HEAD')
    if (response) response.status = `${refusal.status} ${REASONS[refusal.status]}`
    yield* this.send(replies.bytes())
    yield* this.#wire.linger()
  }

  #log(request: RequestHead, { status, sent }: Response, begun: number): void {
    const { peerName } = this.#around
    const seconds = (performance.now() - begun) / 1000
    this.#site.log?.({ peerName, request, status, sent, seconds })
  }
}

/** What a client is told when nothing of a response has been sent. */
function refusalFor(error: unknown): Refusal {
  if (error instanceof Refusal) return error
  if (error instanceof GreenletExit) return new Refusal(503, 'the server stops')
  return new Refusal(500, 'the application has failed')
}

/**
 * What do a web server and a web application agree on? The interface of PEP 3333, WSGI: a function
 * that is given the request as a dictionary, announces the head of its answer, and returns the body.
 *
 *     const application: Application = (environ, startResponse) => {
 *       startResponse('200 OK', [['Content-Type', 'text/plain']])
 *       return `Hello, ${environ.PATH_INFO}\n`
 *     }
 *
 * Neither side knows the other, so that any server runs any application; and a function that calls
 * an application, and is one itself, is called middleware.
 */
import type { Socket } from 'node:net'
import type { Green } from './hub.ts'

/** A piece of a body. Text is sent as UTF-8. */
export type Piece = Uint8Array | string

export type Header = readonly [name: string, value: string]

/** Sends a piece of the body; `yield*` what this returns. New applications yield their pieces. */
export type Write = (piece: Piece) => Green<void>

/**
 * Announces the answer: a status such as `404 Not Found`, and its fields. Nothing is sent before
 * the first piece that is not empty. Until then an application that fails may call it once more,
 * with the error as `excInfo`; later such a call throws that error, since the head has been sent.
 */
export type StartResponse = (status: string, headers: readonly Header[], excInfo?: unknown) => Write

/**
 * The body: a piece, or what can be iterated for pieces. If there is a `close`, it is called when
 * the request is over, however that happened.
 */
export type Body = Piece | (Iterable<Piece> & { close?: () => Green<unknown> | unknown })

// biome-ignore lint/suspicious/noConfusingVoidType: what a function returns without `return`
type Nothing = void

// #region pieces
/**
 * An application that waits is a generator. What it yields is a piece, or undefined, which is what
 * a `yield*` of something that waits yields. What it returns is the rest of the body.
 *
 *     function* application(environ, startResponse) {
 *       startResponse('200 OK', [['Content-Type', 'text/plain']])
 *       yield 'one\n'
 *       yield* sleep(1)
 *       return 'two\n'
 *     }
 *
 * gevent needs no such distinction: there any function may wait.
 */
export type Pieces = Generator<Piece | undefined, Body | Pieces | Nothing, unknown>

export type Application = (
  environ: Environ,
  startResponse: StartResponse,
) => Body | Pieces | Nothing

// #endregion pieces

/**
 * The body of the request. Each call waits until the client has sent enough; at the end of the body
 * there is nothing more. Modelled on the file `wsgi.input` of PEP 3333.
 *
 * Where it differs: `for line in input` is a loop around `readline`, since a wait inside of a
 * JavaScript `for` can't be seen.
 */
export interface BodyReader {
  /** Up to `size` bytes, fewer only at the end of the body; without `size`, all. */
  read(size?: number): Green<Buffer>
  /** A line with its newline, or only the first `size` bytes of it. */
  readline(size?: number): Green<Buffer>
  /** All lines, or those until which there are `hint` bytes. */
  readlines(hint?: number): Green<Buffer[]>
}

/** Where an application writes what its operator should know. */
export interface ErrorStream {
  write(text: string): void
  writelines(lines: Iterable<string>): void
  flush(): void
}

/** A connection that an application has taken over. */
export interface Detached {
  /** Node's own socket, or its TLSSocket. It is paused. */
  readonly socket: Socket
  /** The bytes that came after the head of the request, and were read ahead. */
  readonly head: Buffer
}

/**
 * The request, under the names that CGI gave to its parts (RFC 3875). Applications and middleware
 * may change it and add to it. All values are text, but for those of `wsgi.` and `gevent.`.
 */
export interface Environ {
  REQUEST_METHOD: string
  SCRIPT_NAME: string
  /**
   * The path without percent-encoding, as UTF-8. Bytes that are not UTF-8 become U+FFFD: then only
   * REQUEST_URI tells what was sent. Python has one character for each byte instead.
   */
  PATH_INFO: string
  /** What follows the question mark, as it was sent. */
  QUERY_STRING: string
  /** The target as it was sent, or `*`. */
  REQUEST_URI: string
  CONTENT_TYPE?: string
  /** Absent if there is no body, or its length is not known before its end. */
  CONTENT_LENGTH?: string
  SERVER_NAME: string
  SERVER_PORT: string
  SERVER_PROTOCOL: string
  SERVER_SOFTWARE: string
  GATEWAY_INTERFACE: string
  REMOTE_ADDR: string
  REMOTE_PORT: string
  /** The fields of the request, such as HTTP_USER_AGENT. One character for each byte. */
  [field: `HTTP_${string}`]: string | undefined
  'wsgi.version': readonly [major: number, minor: number]
  'wsgi.url_scheme': 'http' | 'https'
  'wsgi.input': BodyReader
  /** True: `wsgi.input` ends with the body, so that nobody has to count to CONTENT_LENGTH. */
  'wsgi.input_terminated': boolean
  'wsgi.errors': ErrorStream
  'wsgi.multithread': boolean
  'wsgi.multiprocess': boolean
  'wsgi.run_once': boolean
  /**
   * Takes the connection over, as for WebSocket. The server sends nothing more; it goes on to run
   * the application until that returns, which keeps its place in the pool.
   */
  'gevent.detach': () => Detached
  /** What middleware adds, such as `my.user`. */
  [added: `${string}.${string}`]: unknown
}

/**
 * How does a request become the dictionary that an application is given? Its parts get the names
 * that CGI gave them (RFC 3875, 4.1; PEP 3333, "environ Variables").
 */
import type { RequestHead } from '../protocol/http-head.ts'
import type { BodyReader, Detached, Environ, ErrorStream } from './wsgi.ts'

const VERSION = [1, 0] as const

/** What all requests of a connection have in common. */
export interface Surroundings {
  readonly scheme: 'http' | 'https'
  readonly serverName: string
  readonly serverPort: string
  readonly peerName: string
  readonly peerPort: string
  readonly errors: ErrorStream
}

export function makeEnviron(
  head: RequestHead,
  around: Surroundings,
  input: BodyReader,
  detach: () => Detached,
): Environ {
  const environ = withoutFields(head, around, input, detach)
  addFields(environ, head.fields)
  return environ
}

/** In one piece: V8 makes an object much faster from a literal than from parts. */
function withoutFields(
  head: RequestHead,
  around: Surroundings,
  input: BodyReader,
  detach: () => Detached,
): Environ {
  return {
    REQUEST_METHOD: head.method,
    SCRIPT_NAME: '',
    PATH_INFO: pathOf(head.path),
    QUERY_STRING: queryOf(head.path),
    REQUEST_URI: head.path,
    SERVER_NAME: around.serverName,
    SERVER_PORT: around.serverPort,
    SERVER_PROTOCOL: head.version,
    SERVER_SOFTWARE: 'echo-architectures',
    GATEWAY_INTERFACE: 'CGI/1.1',
    REMOTE_ADDR: around.peerName,
    REMOTE_PORT: around.peerPort,
    'wsgi.version': VERSION,
    'wsgi.url_scheme': around.scheme,
    'wsgi.input': input,
    'wsgi.input_terminated': true,
    'wsgi.errors': around.errors,
    'wsgi.multithread': false,
    'wsgi.multiprocess': false,
    'wsgi.run_once': false,
    'gevent.detach': detach,
  }
}

/**
 * `Accept-Language: de` becomes HTTP_ACCEPT_LANGUAGE. A name with an underscore is dropped: X_A and
 * X-A would be the same variable, and a client could set what a proxy before this server removes
 * or sets itself. nginx and gevent drop such names too.
 */
function addFields(environ: Environ, fields: readonly string[]): void {
  for (let at = 0; at < fields.length; at += 2) {
    const variable = variableOf(fields[at]!)
    if (variable === undefined) continue
    const value = fields[at + 1]!
    const before = environ[variable]
    environ[variable] = before === undefined ? value : `${before}${separator(variable)}${value}`
  }
}

/** RFC 9110, 5.3: fields of the same name are one list; cookies have their own (RFC 6265, 4.2.1). */
function separator(variable: string): string {
  return variable === 'HTTP_COOKIE' ? '; ' : ', '
}

type Variable = 'CONTENT_TYPE' | 'CONTENT_LENGTH' | `HTTP_${string}` | undefined

/** Clients send the same few names all the time. The limit is for clients that invent names. */
const variables = new Map<string, Variable>()
const MOST_VARIABLES = 500

function variableOf(name: string): Variable {
  const known = variables.get(name)
  if (known !== undefined) return known
  if (name.includes('_')) return undefined
  const upper = name.toUpperCase().replaceAll('-', '_')
  const isBare = upper === 'CONTENT_TYPE' || upper === 'CONTENT_LENGTH'
  const variable = isBare ? upper : (`HTTP_${upper}` as const)
  if (variables.size < MOST_VARIABLES) variables.set(name, variable)
  return variable
}

/** Without percent-encoding. `*`, which is not a path, has none: REQUEST_URI tells. */
function pathOf(target: string): string {
  if (target === '*') return ''
  const question = target.indexOf('?')
  const path = question < 0 ? target : target.slice(0, question)
  if (!path.includes('%')) return path
  try {
    return decodeURIComponent(path)
  } catch {
    const bytes = path.replace(/%(..)/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
    return Buffer.from(bytes, 'latin1').toString()
  }
}

function queryOf(target: string): string {
  const question = target.indexOf('?')
  return question < 0 ? '' : target.slice(question + 1)
}

/**
 * The peers, as data: small servers for the same protocol, which the models are compared with. Each
 * is the original of a model: the same architecture in the language or the framework that the model
 * re-creates.
 *
 * `callbacks` and `cluster` have no original here, since theirs is Node itself.
 */
import { findModel, type Model } from '../../servers/models.ts'
import { C_EPOLL, PYWSGI } from './yardsticks.ts'

export interface Peer {
  readonly name: string
  /** The models that this server is compared with, the nearest first; or `pywsgi`. */
  readonly originalOf: readonly string[]
  /** The system call or the library in which the server waits. */
  readonly wait: string
  /** A file in bench/peers. Its extension decides which interpreter or compiler it needs. */
  readonly source: string
  /** The Python module that must be installed. */
  readonly module?: string
  /** How to install what the server needs, if that is missing. */
  readonly remedy: string
  /** Its flags, in addition to --protocol. */
  readonly flags?: readonly string[]
  /** How many connections the server can serve at a time, and why no more. */
  readonly places?: Model['places']
  /** The server can use more than one core. */
  readonly isParallel?: boolean
  /** The server speaks HTTP, and nothing else. It takes no flags. */
  readonly onlyHttp?: boolean
  /** The server only echoes bytes: it doesn't speak `previous`, and takes no flags. */
  readonly onlyBytes?: boolean
  /** Why this machine can't run the server, whatever is installed; undefined if it can. */
  readonly refusal?: Model['refusal'] | undefined
}

/** The originals of these models. */
export function originalsOf(models: readonly string[]): readonly Peer[] {
  return PEERS.filter(({ originalOf }) => originalOf.some((id) => models.includes(id)))
}

const PYTHON = 'apt-get install python3'
const GCC = 'apt-get install gcc'

export const PEERS: readonly Peer[] = [
  {
    name: 'Python serial',
    originalOf: ['blocking-serial'],
    wait: 'recv',
    source: 'serial-loop.py',
    module: 'socket',
    remedy: PYTHON,
    places: { count: 1, reason: 'It serves one client at a time.' },
  },
  {
    name: 'Python socketserver',
    originalOf: ['threads'],
    wait: 'recv',
    source: 'socketserver-threads.py',
    module: 'socketserver',
    remedy: PYTHON,
    isParallel: true,
  },
  {
    name: 'C threads',
    originalOf: ['threads'],
    wait: 'recv',
    source: 'threads.c',
    remedy: GCC,
    isParallel: true,
  },
  {
    name: 'Python select',
    originalOf: ['poll-loop'],
    wait: 'select',
    source: 'select-loop.py',
    module: 'select',
    remedy: PYTHON,
    places: { count: 1000, reason: 'select ends at descriptor 1023.' },
  },
  {
    name: C_EPOLL,
    originalOf: ['poll-loop', 'completion'],
    wait: 'epoll',
    source: 'epoll-loop.c',
    remedy: GCC,
    onlyBytes: true,
  },
  {
    name: 'Python asyncore',
    originalOf: ['asyncore'],
    wait: 'poll',
    source: 'asyncore-echo.py',
    module: 'asyncore',
    remedy: 'Python has it up to 3.11; for a later one, pip install pyasyncore',
  },
  {
    name: 'Python asynchat',
    originalOf: ['asynchat'],
    wait: 'poll',
    source: 'asynchat-echo.py',
    module: 'asynchat',
    remedy: 'Python has it up to 3.11; for a later one, pip install pyasynchat',
  },
  {
    name: 'Twisted',
    originalOf: ['reactor'],
    wait: 'epoll',
    source: 'twisted-protocol.py',
    module: 'twisted',
    remedy: 'apt-get install python3-twisted',
  },
  {
    name: 'gevent',
    originalOf: ['green-threads'],
    wait: 'libev',
    source: 'gevent-server.py',
    module: 'gevent',
    remedy: 'apt-get install python3-gevent',
  },
  {
    name: 'gevent pywsgi',
    originalOf: [PYWSGI],
    wait: 'libev',
    source: 'gevent-wsgi.py',
    module: 'gevent',
    remedy: 'apt-get install python3-gevent',
    onlyHttp: true,
  },
  {
    name: 'Go',
    originalOf: ['green-threads'],
    wait: 'epoll',
    source: 'go/main.go',
    remedy: 'apt-get install golang-go',
    isParallel: true,
  },
  {
    name: 'asyncio streams',
    originalOf: ['async-await'],
    wait: 'epoll',
    source: 'asyncio-streams.py',
    module: 'asyncio',
    remedy: PYTHON,
  },
  {
    name: 'uvloop streams',
    originalOf: ['async-await'],
    wait: 'libuv',
    source: 'asyncio-streams.py',
    module: 'uvloop',
    remedy: 'apt-get install python3-uvloop',
    flags: ['--loop', 'uvloop'],
  },
  {
    name: 'C io_uring',
    originalOf: ['completion'],
    wait: 'io_uring',
    source: 'io-uring.c',
    remedy: GCC,
    onlyBytes: true,
    refusal: findModel('completion')?.refusal,
  },
]

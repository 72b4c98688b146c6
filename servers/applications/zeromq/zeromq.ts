/**
 * zeromq: a request and its reply between two green threads, over ZeroMQ's sockets.
 *
 *     npm run app -- zeromq
 *
 * Where does it wait?  In a promise of the package, which `promised` makes green.
 * What does it show?   Two greenlets that take turns; then a server that is gone. No error comes
 *                      then: the request waits in the socket, and only a time limit ends the wait.
 * What breaks it?      A request socket may not ask again before it has its reply. The remedy is
 *                      the "lazy pirate" of the ZeroMQ guide, chapter 4: ask on a new socket.
 */
import { Reply, Request } from 'zeromq'
import { Event, type Green, joinall, spawn, Timeout } from '../../07-green-threads/gevent.ts'
import { errorCode } from '../../support/error-code.ts'
import type { Start } from '../application.ts'
import { promised } from '../promised.ts'

/** Seconds that the client waits for a reply, and how often it asks before it gives up. */
const PATIENCE = 0.25
const ATTEMPTS = 3
/** Set when the client has waited in vain. */
const missed = new Event()

function* serve(socket: Reply, requests: number): Green<void> {
  for (let request = 1; request <= requests; request++) {
    const [question] = yield* promised(socket.receive())
    console.log(`server got: ${question}`)
    yield* promised(socket.send(`World ${request}`))
  }
}

// #region ask
function* ask(socket: Request, requests: number): Green<void> {
  for (let request = 1; request <= requests; request++) {
    yield* promised(socket.send(`Hello ${request}`))
    const [answer] = yield* promised(socket.receive())
    console.log(`client got: ${answer}`)
  }
}
// #endregion ask

function* bind(endpoint: string): Green<Reply> {
  const socket = new Reply({ linger: 0 })
  yield* promised(socket.bind(endpoint))
  return socket
}

function connect(endpoint: string): Request {
  // A request that can't be sent now is an error, and doesn't wait.
  const socket = new Request({ linger: 0, sendTimeout: 0 })
  socket.connect(endpoint)
  return socket
}

// #region attempt
/** One request on a socket of its own. Undefined if no reply comes in time. */
function* attempt(endpoint: string, question: string): Green<string | undefined> {
  const socket = connect(endpoint)
  try {
    yield* promised(socket.send(question))
    const [answer] = yield* promised(socket.receive(), PATIENCE)
    return String(answer)
  } catch (error) {
    if (!(error instanceof Timeout)) throw error
    console.log(`no reply in ${PATIENCE} s`)
    missed.set()
  } finally {
    // The socket still waits for its reply, and could do nothing else.
    socket.close()
  }
}
// #endregion attempt

/** The lazy pirate: asks again, on a new socket each time, and gives up at last. */
function* askPatiently(endpoint: string, question: string): Green<string | undefined> {
  for (let asked = 1; asked <= ATTEMPTS; asked++) {
    console.log(`attempt ${asked} of ${ATTEMPTS}`)
    const answer = yield* attempt(endpoint, question)
    if (answer !== undefined) return answer
  }
}

/** Two requests on one socket, though no reply comes. */
function* askTwice(socket: Request): Green<void> {
  yield* promised(socket.send('Hello?'))
  try {
    yield* promised(socket.send('Hello?'))
  } catch (error) {
    console.log(`the second request: ${errorCode(error)}, not before the reply to the first`)
  }
}

/** A server that opens only when a client has missed it. */
function* comeBack(endpoint: string): Green<void> {
  yield* missed.wait()
  const reply = yield* bind(endpoint)
  console.log('the server is back')
  // It may also get questions whose sender has lost patience.
  yield* serve(reply, ATTEMPTS)
}

export const start: Start = function* () {
  const reply = yield* bind('tcp://127.0.0.1:*')
  const endpoint = reply.lastEndpoint!
  const request = connect(endpoint)
  yield* joinall([spawn(serve, reply, 3), spawn(ask, request, 3)], null, true)

  yield* promised(reply.unbind(endpoint))
  reply.close()
  console.log('the server is gone')
  yield* askTwice(request)
  request.close()

  spawn(comeBack, endpoint)
  const answer = yield* askPatiently(endpoint, 'Is anybody there?')
  console.log(answer === undefined ? 'client gives up' : `client got: ${answer}`)
}

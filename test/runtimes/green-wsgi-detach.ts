/** An application may take the connection over, as for WebSocket. */
import { expect } from 'vitest'
import { Event, GreenletExit, sleep } from '../../servers/07-green-threads/gevent.ts'
import type { Application } from '../../servers/07-green-threads/wsgi.ts'
import { caught, green, watchFailures } from './green-harness.ts'
import { recvAll } from './green-io-harness.ts'
import { dial } from './green-server-spawn.ts'
import { answerOf, GET, serving, stopped, talk } from './green-wsgi-harness.ts'

export function detachTests(): void {
  const seen = watchFailures()

  green('detach gives the socket away, and what was read after the head', function* () {
    let places = -1
    const taken = new Event()
    const application: Application = function* (environ, startResponse) {
      const { socket, head } = environ['gevent.detach']()
      expect(() => environ['gevent.detach']()).toThrow('detached')
      expect(() => startResponse('200 OK', [])).toThrow('detached')
      socket.end(`taken: ${head}`)
      yield* taken.wait()
      return 'never sent'
    }
    yield* serving(application, { spawn: 1 }, function* (server) {
      expect(yield* talk(server, `${GET}and more`)).toBe('taken: and more')
      places = Number(server.full())
      taken.set()
      expect(yield* talk(server, `${GET}.`)).toBe('taken: .')
    })
    expect(places).toBe(1)
    expect(seen.failures).toEqual([])
  })

  green('detach: too late once the response has begun', function* () {
    yield* answerOf(function* (environ, startResponse) {
      startResponse('200 OK', [])
      yield 'x'
      environ['gevent.detach']()
    })
    expect(seen.failures.map(String)).toEqual([expect.stringContaining('has begun')])
  })

  green('detach: the socket of an application that fails or is killed is closed', function* () {
    const failing: Application = function* (environ) {
      environ['gevent.detach']()
      yield* sleep(0)
      throw new Error('after detach')
    }
    yield* serving(failing, {}, function* (server) {
      expect(yield* talk(server, GET)).toBe('')
      const client = yield* dial(server)
      yield* client.sendall(GET)
      expect(yield* recvAll(client)).toHaveLength(0)
    })
    expect(seen.failures.map(String)).toEqual(Array(2).fill('Error: after detach'))
    const waiting: Application = function* (environ) {
      environ['gevent.detach']()
      expect(yield* caught(() => sleep(1000))).toBeInstanceOf(GreenletExit)
      throw new GreenletExit('passed on')
    }
    expect(yield* stopped(waiting, 0)).toBe('')
  })
}

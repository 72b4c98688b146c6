import type { Server } from 'node:net'
import { expect, vi } from 'vitest'
import {
  type Green,
  hub,
  Listener,
  StreamServer,
  sleep,
} from '../../servers/07-green-threads/gevent.ts'
import { green, watchFailures } from './green-harness.ts'
import { listening } from './green-server-life.ts'
import { ask, dial, echo, serving } from './green-server-spawn.ts'

function failure(code: string): Error {
  return Object.assign(new Error(`accept ${code}`), { code })
}

/** A listener that fails `times` times before it accepts. */
class Failing extends Listener {
  readonly #code: string
  #times: number

  constructor(server: Server, code: string, times: number) {
    super(server)
    this.#code = code
    this.#times = times
  }

  override *waitAcceptable(): Green<void> {
    if (this.#times-- > 0) throw failure(this.#code)
    yield* super.waitAcceptable()
  }
}

/** Errors of accept, and the number of connections that are accepted at a time. */
export function acceptTests(): void {
  const seen = watchFailures()

  green('after a failed accept the server rests, longer each time, and serves again', function* () {
    for (const code of ['EMFILE', 'ENFILE', 'ENOBUFS', 'ECONNABORTED']) {
      const server = new StreamServer(new Failing(yield* listening(), code, 5), echo)
      server.minDelay = 0.001
      server.maxDelay = 0.004
      const after = vi.spyOn(hub, 'after')
      yield* server.start()
      expect(yield* ask(yield* dial(server), 'hello')).toBe('hello')
      expect(after.mock.calls.map(([seconds]) => seconds)).toEqual([
        0.001, 0.002, 0.004, 0.004, 0.004,
      ])
      after.mockRestore()
      expect(seen.failures.splice(0)).toMatchObject(Array(5).fill({ code }))
      yield* server.stop(0)
    }
  })

  green('an error event of Node’s server counts as a failed accept', function* () {
    const node = yield* listening()
    const server = new StreamServer(node, echo)
    yield* server.start()
    node.emit('error', failure('EMFILE'))
    expect(yield* ask(yield* dial(server), 'hello')).toBe('hello')
    expect(seen.failures).toMatchObject([{ code: 'EMFILE' }])
    yield* server.stop(0)
  })

  green('EBADF, EINVAL and ENOTSOCK close the server', function* () {
    for (const code of ['EBADF', 'EINVAL', 'ENOTSOCK']) {
      const server = new StreamServer(new Failing(yield* listening(), code, 1), echo)
      yield* server.serveForever()
      expect([server.started, server.closed]).toEqual([false, true])
      expect(seen.failures.splice(0)).toMatchObject([{ code }])
    }
  })

  green('a burst of connections does not hold up other greenlets', function* () {
    const order: string[] = []
    yield* serving(
      () => order.push('c'),
      { spawn: 'none' },
      function* (server) {
        server.maxAccept = 3
        server.stopAccepting()
        for (let i = 0; i < 10; i++) yield* dial(server)
        yield* sleep(0.02)
        server.startAccepting()
        for (let i = 0; i < 10; i++) {
          order.push('|')
          yield* sleep(0)
        }
      },
    )
    expect(order.join('')).toMatch(/^[|]+ccc[|]ccc[|]ccc[|]c[|]+$/)
  })
}

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import {
  Actor,
  type Green,
  hub,
  joinall,
  local,
  run,
  sleep,
  spawn,
} from '../../servers/07-green-threads/gevent.ts'
import { green, turns, watchFailures } from './green-harness.ts'

/** local: what belongs to one greenlet. */
export function localTests(): void {
  interface Request {
    user: string
    depth: number
  }

  green('what one greenlet sets, no other greenlet sees', function* () {
    const request = local<Request>()
    const serve = function* (user: string) {
      request.user = user
      yield* turns(2)
      return request.user
    }
    const both = [spawn(serve, 'ada'), spawn(serve, 'bob')]
    expect([yield* both[0]!.get(), yield* both[1]!.get()]).toEqual(['ada', 'bob'])
    expect(request.user).toBeUndefined()
  })

  green('in, delete, keys and assignment work as with any object', function* () {
    const request = local<Request>()
    expect('user' in request).toBe(false)
    Object.assign(request, { user: 'ada', depth: 1 })
    expect('user' in request).toBe(true)
    expect(Object.keys(request)).toEqual(['user', 'depth'])
    expect({ ...request }).toEqual({ user: 'ada', depth: 1 })
    delete request.user
    expect(request).toEqual({ depth: 1 })
    expect(yield* spawn(() => Object.keys(request)).get()).toEqual([])
  })

  green('init makes the attributes that each greenlet starts with', function* () {
    const request = local<Request>(() => ({ depth: 0 }))
    request.depth = 7
    expect(yield* spawn(() => request.depth).get()).toBe(0)
    expect(request.depth).toBe(7)
  })

  green('two locals have nothing in common', function* () {
    const [one, other] = [local<Request>(), local<Request>()]
    one.user = 'ada'
    yield* sleep(0)
    expect([one.user, other.user]).toEqual(['ada', undefined])
  })

  green('the hub has attributes of its own', function* () {
    const request = local<Request>()
    request.user = 'greenlet'
    let inHub: string | undefined = 'not called'
    hub.runCallback(() => {
      inHub = request.user
    })
    yield* turns(2)
    expect(inHub).toBeUndefined()
  })

  test('the attributes are freed with their greenlet', async () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const store = local<{ large: object }>()
    const large = await run(function* () {
      const greenlet = spawn(() => {
        store.large = { of: 'some size' }
        return new WeakRef(store.large)
      })
      return (yield* greenlet.get()) as WeakRef<object>
    })
    // A WeakRef holds on to its object until the turn in which it was made is over.
    for (let i = 0; i < 10 && large.deref(); i++) {
      await new Promise((resolve) => setImmediate(resolve))
      collect()
    }
    expect(large.deref()).toBeUndefined()
    expect(store.large).toBeUndefined()
  })
}

/** Actor: a greenlet with an inbox. */
export function actorTests(): void {
  const seen = watchFailures()

  class Adder extends Actor<number | 'end'> {
    sum = 0

    override *receive(message: number | 'end'): Green<void> {
      yield* sleep(0)
      if (message === 'end') this.running = false
      else this.sum += message
    }
  }

  green('an actor takes its messages one by one, in order, until it stops running', function* () {
    const adder = new Adder()
    adder.start()
    for (const message of [1, 2, 3, 'end', 100] as const) yield* adder.inbox.put(message)
    yield* adder.join()
    expect([adder.sum, adder.inbox.qsize()]).toEqual([6, 1])
  })

  green('two actors that answer each other take turns', function* () {
    const trace: string[] = []
    class Player extends Actor<number> {
      readonly #name: string
      other: Player | undefined

      constructor(name: string) {
        super()
        this.#name = name
      }

      override receive(ball: number): void {
        trace.push(`${this.#name}${ball}`)
        if (ball === 5) this.running = false
        else this.other?.inbox.putNowait(ball + 1)
      }
    }
    const [ping, pong] = [new Player('ping'), new Player('pong')]
    ping.other = pong
    pong.other = ping
    for (const player of [ping, pong]) player.start()
    ping.inbox.putNowait(1)
    yield* ping.join()
    yield* pong.kill()
    expect(trace).toEqual(['ping1', 'pong2', 'ping3', 'pong4', 'ping5'])
  })

  green('a receive that throws ends its actor, like any greenlet', function* () {
    const failure = new Error('from receive')
    class Failing extends Actor<string> {
      override receive(): void {
        throw failure
      }
    }
    const actor = new Failing()
    actor.start()
    actor.inbox.putNowait('anything')
    yield* joinall([actor])
    expect(actor.exception).toBe(failure)
    expect(seen.failures).toEqual([failure])
  })

  green('an actor can be killed while it waits for a message', function* () {
    const adder = new Adder()
    adder.start()
    yield* sleep(0)
    expect(yield* adder.kill()).toBe(true)
    expect(adder.successful()).toBe(true)
  })
}

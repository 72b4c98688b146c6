/**
 * What a greenlet says of itself while it lives and when it has ended. An exception stays in its
 * greenlet: the hub is told, and others only if they ask with `get`. A kill counts as success.
 */
import {
  type Greenlet,
  hub,
  joinall,
  run,
  sleep,
  spawn,
} from '../../../servers/07-green-threads/gevent.ts'

// Without this line the hub writes a failure to stderr, with its stack.
hub.handleError = (_, error) => console.log(`the hub was told: ${(error as Error).message}`)

function show(name: string, diver: Greenlet) {
  const { started, value, exception } = diver
  const state = { started, ready: diver.ready(), successful: diver.successful() }
  const end = exception ? `exception ${(exception as Error).message}` : `value ${value}`
  console.log(`${name}: ${JSON.stringify(state)}, ${end}`)
}

await run(function* () {
  const finder = spawn(() => 'a pearl')
  const loser = spawn((): string => {
    throw new Error('the line has snapped')
  })
  const dreamer = spawn(() => sleep(1000))
  show('finder', finder)

  yield* joinall([finder, loser])
  yield* dreamer.kill()
  show('finder', finder)
  show('loser', loser)
  show('dreamer', dreamer)

  console.log(`get: ${yield* finder.get()}`)
  try {
    yield* loser.get()
  } catch (error) {
    console.log(`get throws: ${(error as Error).message}`)
  }
})

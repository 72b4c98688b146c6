/**
 * A Semaphore has so many permits: who finds none waits its turn. `scope` gives the permit back
 * however its block ends. An RLock is for one at a time, who may take it again.
 */
import {
  BoundedSemaphore,
  Group,
  RLock,
  run,
  sleep,
} from '../../../servers/07-green-threads/gevent.ts'

const telescopes = new BoundedSemaphore(2)
const logbook = new RLock()

function* byHand(name: string) {
  yield* telescopes.acquire()
  console.log(`${name} looks, telescopes left: ${telescopes.counter}`)
  yield* sleep(0)
  telescopes.release()
}

function* inAScope(name: string) {
  yield* telescopes.scope(function* () {
    console.log(`${name} looks, telescopes left: ${telescopes.counter}`)
    yield* sleep(0)
  })
}

function* note(name: string) {
  yield* logbook.scope(function* () {
    console.log(`${name} writes the date`)
    yield* sleep(0)
    yield* logbook.scope(() => console.log(`${name} writes the weather`))
  })
}

await run(function* () {
  const group = new Group()
  yield* group.map(byHand, ['Vera', 'Edwin', 'Jocelyn'])
  yield* group.map(inAScope, ['Caroline', 'Tycho', 'Cecilia'])
  yield* group.map(note, ['Henrietta', 'Subrahmanyan'])
  try {
    telescopes.release()
  } catch (error) {
    console.log(`one permit too many: ${(error as Error).message}`)
  }
})

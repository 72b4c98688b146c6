/**
 * The ways to start a greenlet: a function and its arguments, a closure, later, or a class of your
 * own that overrides `run`. A plain function will do where nothing waits.
 */
import {
  Greenlet,
  joinall,
  run,
  sleep,
  spawn,
  spawnLater,
} from '../../../servers/07-green-threads/gevent.ts'

function* announce(train: string, platform: number) {
  yield* sleep(0)
  console.log(`${train} arrives on platform ${platform}`)
}

/** A clock that strikes so many times. */
class Clock extends Greenlet<void> {
  readonly #hours: number

  constructor(hours: number) {
    super()
    this.#hours = hours
  }

  override *run() {
    for (let hour = 1; hour <= this.#hours; hour++) {
      yield* sleep(0)
      console.log(`the clock strikes ${hour}`)
    }
  }
}

await run(function* () {
  const clock = new Clock(3)
  const all = [
    Greenlet.spawn(announce, 'the night train', 4),
    spawn(announce, 'the mail train', 7),
    spawn(() => announce('the milk train', 1)),
    spawn(() => console.log('the station opens')),
    clock,
  ]
  console.log('nothing has run yet')
  clock.start()
  yield* joinall(all)
  yield* spawnLater(0.01, () => console.log('the station closes')).join()
})

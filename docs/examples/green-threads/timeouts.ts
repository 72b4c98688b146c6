/**
 * A Timeout limits whatever is waited for in its block. It throws itself, or an exception of your
 * own, into the greenlet that started it. Timeouts nest; the one you catch is the one that fired.
 */
import {
  run,
  sleep,
  spawn,
  Timeout,
  withTimeout,
} from '../../../servers/07-green-threads/gevent.ts'

class TeaIsCold extends Error {}

/** A guest who comes after so many seconds. */
function* guest(seconds: number) {
  yield* sleep(seconds)
  return 'the guest'
}

await run(function* () {
  try {
    using _ = Timeout.startNew(0.01, TeaIsCold)
    yield* guest(1000)
  } catch (error) {
    console.log(`with an exception of our own: ${(error as Error).constructor.name}`)
  }

  const late = spawn(guest, 1000)
  console.log(`join says whether it has ended: ${yield* late.join(0.01)}`)
  console.log(`or a value in its place: ${yield* withTimeout(0.01, () => late.get(), 'nobody')}`)
  const silent = new Timeout(0.01, false)
  console.log(`one that is silent: ${yield* silent.scope(() => late.get())}`)
  late.kill()

  using outer = Timeout.startNew(0.01)
  using inner = Timeout.startNew(1000)
  try {
    yield* guest(1000)
  } catch (error) {
    console.log(`two, one in the other: ${error === outer ? 'the outer' : 'the inner'} one fired`)
    console.log(`the inner one still runs: ${inner.pending}`)
  }

  using enough = Timeout.startNew(1000)
  console.log(`in time: ${yield* guest(0.01)}, and the Timeout is pending: ${enough.pending}`)
})

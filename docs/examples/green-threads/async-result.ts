/**
 * An AsyncResult is a value that will be there later. Any number of greenlets may wait for it; if
 * it can't be had, all of them get the exception.
 */
import {
  AsyncResult,
  joinall,
  run,
  sleep,
  spawn,
} from '../../../servers/07-green-threads/gevent.ts'

function* reader(name: string, forecast: AsyncResult<string>) {
  try {
    console.log(`${name} reads: ${yield* forecast.get()}`)
  } catch (error) {
    console.log(`${name} goes without: ${(error as Error).message}`)
  }
}

await run(function* () {
  const monday = new AsyncResult<string>()
  const tuesday = new AsyncResult<string>()
  const readers = [monday, tuesday].flatMap((forecast) => [
    spawn(reader, 'the pilot', forecast),
    spawn(reader, 'the farmer', forecast),
  ])
  yield* sleep(0.01)
  console.log(`before: ready is ${monday.ready()}`)
  monday.set('wind from the west')
  yield* sleep(0.01)
  tuesday.setException(new Error('the barometer is broken'))
  yield* joinall(readers)

  console.log(`afterwards there is no wait: ${monday.getNowait()}`)
  console.log(`successful: ${monday.successful()} and ${tuesday.successful()}`)
})

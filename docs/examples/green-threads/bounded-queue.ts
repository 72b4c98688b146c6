/**
 * A Queue with two places: whoever puts a third item waits until somebody has taken one, and so the
 * quick side is slowed down to the pace of the slow one. A getter gives up after a while.
 */
import {
  Empty,
  Full,
  joinall,
  Queue,
  run,
  sleep,
  spawn,
} from '../../../servers/07-green-threads/gevent.ts'

const shelf = new Queue<string>(2)

function* potter() {
  for (const pot of ['a jug', 'a bowl', 'a vase', 'a cup']) {
    if (shelf.full()) console.log(`  no room for ${pot} yet`)
    yield* shelf.put(pot)
    console.log(`  ${pot} is on the shelf`)
  }
}

function* painter() {
  try {
    for (;;) {
      console.log(`the painter takes ${yield* shelf.get(0.05)}`)
      for (let coat = 0; coat < 3; coat++) yield* sleep(0)
    }
  } catch (error) {
    if (!(error instanceof Empty)) throw error
    console.log('the painter has waited long enough')
  }
}

await run(function* () {
  yield* joinall([spawn(potter), spawn(painter)])
  shelf.putNowait('a plate')
  shelf.putNowait('a pan')
  try {
    shelf.putNowait('a pot')
  } catch (error) {
    console.log(`without a wait, it is an error: ${error instanceof Full && error.name}`)
  }
})

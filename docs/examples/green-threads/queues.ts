/**
 * A Queue between one greenlet that puts and three that get. Who waits longest is served first; a
 * JoinableQueue also knows when all that was put is done with.
 */
import {
  JoinableQueue,
  killall,
  PriorityQueue,
  run,
  sleep,
  spawn,
} from '../../../servers/07-green-threads/gevent.ts'

const letters = new JoinableQueue<string>()

function* clerk(name: string) {
  for (;;) {
    const letter = yield* letters.get()
    console.log(`${name} stamps the letter to ${letter}`)
    yield* sleep(0)
    letters.taskDone()
  }
}

await run(function* () {
  const clerks = ['Ada', 'Ben', 'Cleo'].map((name) => spawn(clerk, name))
  for (const town of ['Bergen', 'Lyon', 'Porto', 'Riga', 'Turin']) yield* letters.put(town)
  console.log(`${letters.qsize()} letters in, none stamped`)
  yield* letters.join()
  console.log(`${letters.qsize()} letters left, and all are done with`)
  yield* killall(clerks)

  const urgent = new PriorityQueue<number>()
  for (const days of [9, 1, 4]) urgent.putNowait(days)
  console.log(`the most urgent first: ${urgent.getNowait()}, ${urgent.getNowait()}`)
})

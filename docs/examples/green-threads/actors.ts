/**
 * An Actor is a greenlet with an inbox. What it knows is touched by itself only, and others reach
 * it by messages: no lock, and one thing at a time.
 */
import { Actor, type Green, joinall, run, sleep } from '../../../servers/07-green-threads/gevent.ts'

/** One half of a counting lesson: says its number, and hands the next one to the other. */
class Pupil extends Actor<number> {
  readonly #name: string
  readonly #last: number
  neighbour: Pupil | undefined

  constructor(name: string, last: number) {
    super()
    this.#name = name
    this.#last = last
  }

  override *receive(number: number): Green<void> {
    if (number <= this.#last) console.log(`${this.#name}: ${number}`)
    yield* sleep(0)
    this.neighbour?.inbox.putNowait(number + 1)
    // The neighbour hears the number after the last one too, and so knows that it may go.
    if (number >= this.#last) this.running = false
  }
}

await run(function* () {
  const [ida, jon] = [new Pupil('Ida', 5), new Pupil('Jon', 5)]
  ida.neighbour = jon
  jon.neighbour = ida
  for (const pupil of [ida, jon]) pupil.start()
  ida.inbox.putNowait(1)
  yield* joinall([ida, jon])
  console.log('the lesson is over')
})

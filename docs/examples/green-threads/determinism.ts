/**
 * Greenlets switch where the program says so and nowhere else: the same input gives the same order,
 * on every run. It gives the same race as well, where a value is read before a wait and written
 * after it.
 */
import { joinall, Pool, run, sleep, spawn } from '../../../servers/07-green-threads/gevent.ts'

/** Takes so many turns, and says which number it was. */
function* climb(floors: number) {
  for (let floor = 0; floor < floors; floor++) yield* sleep(0)
  return floors
}

let free = 5

function* book(seats: number) {
  const seen = free
  yield* sleep(0)
  free = seen - seats
}

await run(function* () {
  const orders = new Set<string>()
  for (let i = 0; i < 100; i++) {
    const pool = new Pool(3)
    orders.add((yield* pool.imapUnordered(climb, [4, 9, 2, 6, 1, 3]).toArray()).join(' '))
  }
  console.log(`100 runs, ${orders.size} order: ${[...orders]}`)

  yield* joinall([spawn(book, 1), spawn(book, 2)])
  console.log(`5 seats, 1 and 2 are booked, ${free} are left: the first booking is lost`)
})

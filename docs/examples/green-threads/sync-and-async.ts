/**
 * The same three errands, one after the other and side by side. Side by side they take as long as
 * the longest of them, and end in the order of their lengths.
 */
import { joinall, run, sleep, spawn } from '../../../servers/07-green-threads/gevent.ts'

const errands = { library: 0.03, pharmacy: 0.01, 'post office': 0.02 }
let onTheWay = 0
let mostOnTheWay = 0

function* fetch(place: string, seconds: number) {
  onTheWay++
  mostOnTheWay = Math.max(mostOnTheWay, onTheWay)
  yield* sleep(seconds)
  onTheWay--
  console.log(`  back from the ${place}`)
}

await run(function* () {
  console.log('one messenger:')
  for (const [place, seconds] of Object.entries(errands)) yield* fetch(place, seconds)
  console.log(`  on the way at a time: ${mostOnTheWay}`)

  console.log('a messenger for each:')
  yield* joinall(Object.entries(errands).map(([place, seconds]) => spawn(fetch, place, seconds)))
  console.log(`  on the way at a time: ${mostOnTheWay}`)
})

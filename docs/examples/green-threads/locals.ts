/**
 * The attributes of a `local` belong to the greenlet that sets them: functions further down find
 * what is theirs, and nobody has to pass it on.
 */
import { joinall, local, run, sleep, spawn } from '../../../servers/07-green-threads/gevent.ts'

const visit = local<{ guest: string; stops: number }>(() => ({ stops: 0 }))

function* show(room: string) {
  visit.stops = (visit.stops ?? 0) + 1
  console.log(`${visit.guest} sees ${room}`)
  yield* sleep(0)
}

function* tour(guest: string, rooms: string[]) {
  visit.guest = guest
  for (const room of rooms) yield* show(room)
  console.log(`${visit.guest} has made ${visit.stops} stops`)
}

await run(function* () {
  yield* joinall([
    spawn(tour, 'Mr Grey', ['the armoury', 'the kitchen']),
    spawn(tour, 'Ms Rose', ['the library', 'the tower', 'the garden']),
  ])
  console.log(`here there is no guest: ${'guest' in visit}`)
})

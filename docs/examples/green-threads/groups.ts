/**
 * A Group is greenlets that belong together: it is waited for and killed as one. It maps as well,
 * in the order of the items or in the order in which they are done.
 */
import { Group, getcurrent, run, sleep, spawn } from '../../../servers/07-green-threads/gevent.ts'

/** Swims so many lengths, one a turn. */
function* swim(lengths: number) {
  for (let i = 0; i < lengths; i++) yield* sleep(0)
  return `${lengths} lengths`
}

await run(function* () {
  const team = new Group()
  const captain = spawn(swim, 3)
  yield* team.add(captain)
  yield* team.spawn(swim, 1)
  console.log(`${team.size} in the water, the captain among them: ${team.has(captain)}`)
  yield* team.join()
  console.log(`${team.size} in the water`)

  const inside = yield* team.map(() => `${team.has(getcurrent())} of ${team.size}`, ['a', 'b'])
  console.log(`in the group: ${inside.join(', ')}`)

  console.log('by lane:')
  yield* team.imap(swim, [5, 1, 3]).each((result) => console.log(`  ${result}`))
  console.log('by time:')
  yield* team.imapUnordered(swim, [5, 1, 3]).each((result) => console.log(`  ${result}`))

  const lost = yield* team.spawn(() => sleep(1000))
  yield* team.kill()
  console.log(`called ashore: ${lost.ready()}, ${team.size} in the water`)
})

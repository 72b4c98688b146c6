/**
 * A Pool is a Group with so many places. Whoever comes when it is full waits, and gets the place of
 * the first one that ends, whether that went well or not.
 */
import {
  Greenlet,
  hub,
  Pool,
  PoolFull,
  run,
  sleep,
} from '../../../servers/07-green-threads/gevent.ts'

hub.handleError = (_, error) => console.log(`  ${(error as Error).message}`)

/** A boat trip of so many turns. */
function* row(name: string, turns: number) {
  console.log(`  ${name} rows out`)
  for (let turn = 0; turn < turns; turn++) yield* sleep(0)
  if (name === 'Milo') throw new Error('Milo has lost an oar')
  console.log(`  ${name} is back`)
}

await run(function* () {
  const boats = new Pool(2)
  for (const [name, turns] of [
    ['Lea', 9],
    ['Milo', 3],
    ['Nora', 5],
  ] as const) {
    console.log(`${name} asks for a boat, free: ${boats.freeCount()}`)
    yield* boats.spawn(row, name, turns)
  }
  try {
    boats.addNowait(new Greenlet(() => row('Otto', 1)))
  } catch (error) {
    console.log(`Otto will not wait: ${error instanceof PoolFull && error.name}`)
  }
  yield* boats.join()
  console.log(`all are back, free: ${boats.freeCount()}`)
})

/**
 * An Event has happened or not. All who wait for it go on when it is set, also if it is cleared in
 * the same breath; who comes after that waits for the next time.
 */
import { Event, joinall, run, sleep, spawn } from '../../../servers/07-green-threads/gevent.ts'

const bridgeIsUp = new Event()

function* ship(name: string) {
  console.log(`${name} waits at the bridge`)
  yield* bridgeIsUp.wait()
  console.log(`${name} goes through`)
}

await run(function* () {
  const early = [spawn(ship, 'Albatross'), spawn(ship, 'Bittern')]
  yield* sleep(0)
  console.log('the bridge goes up, and down again')
  bridgeIsUp.set()
  bridgeIsUp.clear()
  const late = spawn(ship, 'Cormorant')
  yield* joinall(early)
  console.log(`is it up? ${yield* bridgeIsUp.wait(0.01)}`)

  console.log('the bridge goes up, and stays so')
  bridgeIsUp.set()
  yield* late.join()
  console.log(`whoever comes now need not wait: ${yield* bridgeIsUp.wait()}`)
})

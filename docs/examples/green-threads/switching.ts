/**
 * Two greenlets that give way to each other. `sleep(0)` lets everybody else who can run do so once;
 * the lines on the screen come in the order of the switches.
 */
import { joinall, run, sleep, spawn } from '../../../servers/07-green-threads/gevent.ts'

function* baker() {
  console.log('baker: the dough is kneaded, now it rests')
  yield* sleep(0)
  console.log('baker: the loaves are shaped, now they rest')
  yield* sleep(0)
  console.log('baker: the bread is in the oven')
}

function* cook() {
  console.log('cook:  the beans are washed, now they soak')
  yield* sleep(0)
  console.log('cook:  the soup is on the stove')
}

await run(function* () {
  yield* joinall([spawn(baker), spawn(cook)])
  console.log('dinner is on its way')
})

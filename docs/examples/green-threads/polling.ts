/**
 * `waitRead` and `waitWrite` wait until a pipe or a socket is ready, without reading or writing:
 * one green thread sends letters through a program, another watches the letter-box, and gives up
 * when nothing has come for a while.
 */
import {
  Event,
  type Green,
  joinall,
  run,
  spawn,
  subprocess,
  waitRead,
  waitWrite,
} from '../../../servers/07-green-threads/gevent.ts'

const { PIPE, Popen } = subprocess

class NoMore extends Error {}

// Whatever it is sent, it sends back.
const post = new Popen(['cat'], { stdin: PIPE, stdout: PIPE })
const arrived = new Event()

function* sender(): Green<void> {
  for (const letter of ['a postcard', 'a parcel', 'a bill']) {
    yield* waitWrite(post.stdin!)
    console.log(`sends ${letter}`)
    yield* post.stdin!.write(`${letter}\n`)
    yield* post.stdin!.flush()
    yield* arrived.wait()
    arrived.clear()
  }
}

function* receiver(): Green<void> {
  try {
    for (;;) {
      yield* waitRead(post.stdout!, 0.3, NoMore)
      console.log(`  gets ${(yield* post.stdout!.readline()).toString().trimEnd()}`)
      arrived.set()
    }
  } catch (error) {
    if (!(error instanceof NoMore)) throw error
    console.log('  nothing has come for a while')
  }
}

await run(function* () {
  yield* joinall([spawn(sender), spawn(receiver)])
  yield* post.stdin!.close()
  console.log(`the post closes: ${yield* post.wait()}`)
})

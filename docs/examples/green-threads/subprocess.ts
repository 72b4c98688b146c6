/**
 * Programs as partners. Their output comes through pipes, and only the green thread that wants it
 * waits: the others go on. `communicate` sends the input and reads the output at the same time.
 */
import {
  type Green,
  joinall,
  run,
  sleep,
  spawn,
  subprocess,
} from '../../../servers/07-green-threads/gevent.ts'

const { CalledProcessError, checkOutput, PIPE, Popen, TimeoutExpired } = subprocess

// It ends at the end of its input, and not before.
const cat = new Popen(['cat'], { stdin: PIPE, stdout: PIPE })

function* reader(): Green<void> {
  console.log(`returncode while it runs: ${cat.poll()}`)
  console.log(`it says: ${(yield* cat.stdout!.readline()).toString().trimEnd()}`)
  console.log(`returncode at its end: ${yield* cat.wait()}`)
}

function* knitter(): Green<void> {
  for (const row of ['first', 'second', 'third']) {
    yield* sleep(0.01)
    console.log(`  meanwhile, the ${row} row is knitted`)
  }
  yield* cat.stdin!.write('the socks are done\n')
  yield* cat.stdin!.close()
}

function* sorting(): Green<void> {
  const child = new Popen(['sort'], { stdin: PIPE, stdout: PIPE })
  const [sorted] = yield* child.communicate('pear\napple\nquince\n')
  console.log(`sorted: ${sorted!.toString().trimEnd().split('\n').join(', ')}`)
}

function* failing(): Green<void> {
  try {
    yield* checkOutput(['sh', '-c', 'exit 4'])
  } catch (error) {
    if (!(error instanceof CalledProcessError)) throw error
    console.log(`it failed with ${error.completed.returncode}`)
  }
}

function* impatient(): Green<void> {
  const child = new Popen(['cat'], { stdin: PIPE })
  try {
    yield* child.wait(0.02)
  } catch (error) {
    if (!(error instanceof TimeoutExpired)) throw error
    child.terminate()
    console.log(`it would not end, and was ended by signal ${-(yield* child.wait())}`)
  }
}

await run(function* () {
  yield* joinall([spawn(reader), spawn(knitter)])
  yield* sorting()
  yield* failing()
  yield* impatient()
})

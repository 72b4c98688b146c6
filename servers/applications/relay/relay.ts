/**
 * relay: messages through another program, over its pipes.
 *
 *     npm run app -- relay
 *
 * Where does it wait?  For a pipe to take bytes, for a pipe to have some, for the program's end: the
 *                      greenlet waits that wants it, and the others go on.
 * What does it show?   The other program is as serial as can be, a loop of the shell that blocks in
 *                      each `read`. It is a process: what blocks it holds up nobody here.
 * What breaks it?      Writing all before reading any: when both pipes are full, both sides wait
 *                      for ever. Here one greenlet writes and another one reads.
 */
import {
  type Green,
  joinall,
  sleep,
  spawn,
  subprocess,
  waitRead,
  waitWrite,
} from '../../07-green-threads/gevent.ts'
import type { Start } from '../application.ts'

const { PIPE, Popen } = subprocess

const MESSAGES = 10

// #region program
/** Sends each line back with its number, after a while. */
const RELAY = 'i=0; while read -r line; do sleep 0.1; echo "$line in $i"; i=$((i + 1)); done'
// #endregion program

// #region relay
function* putMessages({ stdin }: subprocess.Popen): Green<void> {
  for (let i = 0; i < MESSAGES; i++) {
    yield* waitWrite(stdin!)
    yield* stdin!.write('hi\n')
    yield* stdin!.flush()
  }
  yield* stdin!.close()
}

function* getMessages({ stdout }: subprocess.Popen): Green<void> {
  for (;;) {
    yield* waitRead(stdout!)
    const line = yield* stdout!.readline()
    if (line.length === 0) return
    process.stdout.write(line)
  }
}
// #endregion relay

/** Has its turn a hundred times a second, unless somebody holds the thread. */
function* tick(turns: { count: number }): Green<void> {
  for (;;) {
    yield* sleep(0.01)
    turns.count++
  }
}

export const start: Start = function* () {
  const turns = { count: 0 }
  const ticker = spawn(tick, turns)
  const relay = new Popen(['sh', '-c', RELAY], { stdin: PIPE, stdout: PIPE })
  yield* joinall([spawn(getMessages, relay), spawn(putMessages, relay)], null, true)
  console.log(`the relay has ended with ${yield* relay.wait()}`)
  console.log(`meanwhile another greenlet had its turn ${turns.count} times`)
  ticker.kill()
}

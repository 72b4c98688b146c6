import { Broken } from '../../../../clients/check/verdict.ts'
import { POLLHUP, POLLIN, POLLOUT, type Posix } from '../../../../servers/posix/api.ts'
import type { UnitCase } from '../../../build/course/exercise.ts'

interface Poller {
  add(fd: number, events: number): void
  modify(fd: number, events: number): void
  remove(fd: number): void
  wait(timeout: number): number
  fd(i: number): number
  events(i: number): number
}

interface Submission {
  readonly MyPoller: new (posix: Pick<Posix, 'poll'>) => Poller
}

type Note = (step: string) => void

/** A kernel that says what the case wants, and keeps what it was asked. */
class Kernel {
  /** Which descriptors are ready, and with which events. */
  readonly ready = new Map<number, number>()
  /** What it was asked for in the last call. */
  asked = new Map<number, number>()
  timeout = 0

  poll(set: Int32Array, count: number, timeout: number): number {
    this.asked = new Map()
    this.timeout = timeout
    let found = 0
    for (let i = 0; i < count; i++) {
      const fd = set[2 * i]
      // As poll(2): a negative descriptor is skipped, and nothing has come for it.
      if (fd === undefined) throw new Broken(`a set of at least ${count} entries`, `one of ${i}`)
      const wanted = fd < 0 ? 0 : set[2 * i + 1]! & 0xffff
      const came = fd < 0 ? 0 : (this.ready.get(fd) ?? 0) & (wanted | POLLHUP)
      if (fd >= 0) this.asked.set(fd, wanted)
      set[2 * i + 1] = wanted | (came << 16)
      if (came !== 0) found += 1
    }
    return found
  }
}

interface Tried {
  readonly kernel: Kernel
  readonly poller: Poller
  readonly note: Note
}

const tryPoller =
  (run: (tried: Tried) => void) =>
  ({ MyPoller }: Submission, note: Note): void => {
    const kernel = new Kernel()
    run({ kernel, poller: new MyPoller(kernel), note })
  }

export const units: readonly UnitCase[] = [
  {
    name: 'one that is ready is reported, with its events',
    points: 2,
    run: tryPoller(({ kernel, poller, note }) => {
      poller.add(7, POLLIN | POLLOUT)
      note('7 is watched; it is writable, and its peer has hung up')
      kernel.ready.set(7, POLLOUT | POLLHUP)
      same('7 with POLLOUT and POLLHUP', [[7, POLLOUT | POLLHUP]], batchOf(poller))
      note('nothing is ready any more')
      kernel.ready.clear()
      same('no descriptor', [], batchOf(poller))
    }),
  },
  {
    name: 'a thousand are watched, and those that are ready are found',
    points: 2,
    run: tryPoller(({ kernel, poller, note }) => {
      for (let fd = 3; fd < 1003; fd++) poller.add(fd, POLLIN)
      note('3 to 1002 are watched; 3, 500 and 1002 are readable')
      for (const fd of [3, 500, 1002]) kernel.ready.set(fd, POLLIN)
      const batch = batchOf(poller)
      const watched = kernel.asked.size
      if (watched !== 1000) throw new Broken('a set of 1000 descriptors', `one of ${watched}`)
      const expected = [3, 500, 1002].map((fd): Ready => [fd, POLLIN])
      same('3, 500 and 1002 with POLLIN', expected, batch)
    }),
  },
  {
    name: 'modify changes what is asked for',
    points: 1,
    run: tryPoller(({ kernel, poller, note }) => {
      poller.add(5, POLLIN | POLLOUT)
      kernel.ready.set(5, POLLOUT)
      poller.wait(0)
      note('5 was watched for POLLIN and POLLOUT, and is now for POLLIN alone; it is writable')
      poller.modify(5, POLLIN)
      same('no descriptor: nobody asks for POLLOUT', [], batchOf(poller))
      note('now for nothing but a hang-up')
      poller.modify(5, 0)
      poller.wait(0)
      same('5 with no events in the set', [[5, 0]], [...kernel.asked])
    }),
  },
  {
    name: 'a time limit is whole milliseconds, rounded up, and −1 for ever',
    points: 1,
    run: tryPoller(({ kernel, poller, note }) => {
      const limits: [number, number][] = [
        [Number.POSITIVE_INFINITY, -1],
        [0, 0],
        [20, 20],
        [0.4, 1],
        [99.01, 100],
      ]
      for (const [timeout, expected] of limits) {
        note(`wait(${timeout})`)
        poller.wait(timeout)
        const { timeout: got } = kernel
        if (got !== expected) throw new Broken(`poll(…, ${expected})`, `poll(…, ${got})`)
      }
    }),
  },
  {
    name: 'one that was removed is watched no longer, and all others still are',
    points: 2,
    run: tryPoller(({ kernel, poller, note }) => {
      for (const fd of [5, 6, 7, 8]) poller.add(fd, POLLIN)
      note('5, 6, 7 and 8 are watched; 6 is removed, then 8 is watched for POLLOUT')
      poller.remove(6)
      poller.modify(8, POLLOUT)
      watches(kernel, poller, [
        [5, POLLIN],
        [7, POLLIN],
        [8, POLLOUT],
      ])
      note('8 is removed, and 6 is watched again')
      poller.remove(8)
      poller.add(6, POLLOUT)
      watches(kernel, poller, [
        [5, POLLIN],
        [6, POLLOUT],
        [7, POLLIN],
      ])
    }),
  },
  {
    name: 'what is left of a batch does not reach the next owner of a descriptor',
    points: 3,
    run: tryPoller(({ kernel, poller, note }) => {
      for (const fd of [5, 6, 7]) poller.add(fd, POLLIN)
      for (const fd of [5, 6, 7]) kernel.ready.set(fd, POLLIN)
      const ready = poller.wait(0)
      note(`one batch of ${ready}: 5, 6 and 7 are readable`)
      note('while 5 is served, 6 is closed, and its number is given to a new client')
      poller.remove(6)
      poller.add(6, POLLIN)
      const left = new Map(
        Array.from({ length: ready }, (_, i) => [poller.fd(i), poller.events(i)]),
      )
      if (left.get(6)) throw new Broken('no events for 6, which is another now', 'POLLIN for 6')
      if (left.get(7) !== POLLIN) throw new Broken('POLLIN for 7', 'none')
      same(
        '5, 6 and 7 in the next batch',
        [5, 6, 7].map((fd): Ready => [fd, POLLIN]),
        batchOf(poller),
      )
    }),
  },
  {
    name: 'any order of adding, changing and removing leaves the right list',
    points: 2,
    run: ({ MyPoller }: Submission, note) => {
      for (let seed = 1; seed <= 100; seed++) anyOrder(MyPoller, seed, note)
    },
  },
]

function anyOrder(MyPoller: Submission['MyPoller'], seed: number, note: Note): void {
  const kernel = new Kernel()
  const poller = new MyPoller(kernel)
  const model = new Map<number, number>()
  const random = randomFrom(seed)
  const steps: string[] = []
  for (let step = 0; step < 60; step++) {
    const fd = 3 + random(8)
    const events = [0, POLLIN, POLLOUT, POLLIN | POLLOUT][random(4)]!
    if (!model.has(fd)) poller.add(fd, events)
    else if (random(2) === 0) poller.modify(fd, events)
    else {
      steps.push(`remove(${fd})`)
      poller.remove(fd)
      model.delete(fd)
      continue
    }
    steps.push(`${model.has(fd) ? 'modify' : 'add'}(${fd}, ${events})`)
    model.set(fd, events)
  }
  try {
    watches(kernel, poller, [...model])
  } catch (error) {
    note(`seed ${seed}: ${steps.slice(0, 12).join(' ')} …`)
    throw error
  }
}

/** The same seed, the same numbers: a linear congruential generator. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

/** A descriptor and its events. */
type Ready = readonly [number, number]

function batchOf(poller: Poller): Ready[] {
  const ready = poller.wait(0)
  return Array.from({ length: ready }, (_, i): Ready => [poller.fd(i), poller.events(i)])
}

function watches(kernel: Kernel, poller: Poller, expected: readonly Ready[]): void {
  poller.wait(0)
  same(`a set of ${show(expected)}`, expected, [...kernel.asked])
}

function same(expected: string, due: readonly Ready[], got: readonly Ready[]): void {
  if (show(due) !== show(got)) throw new Broken(expected, show(got))
}

/** `5 POLLIN, 7 POLLIN|POLLOUT`: the order says nothing. */
function show(list: readonly Ready[]): string {
  const texts = [...list].sort(([a], [b]) => a - b).map(([fd, events]) => `${fd} ${names(events)}`)
  return texts.join(', ') || 'nothing'
}

function names(events: number): string {
  const known = { POLLIN, POLLOUT, POLLHUP }
  const set = Object.entries(known).filter(([, bit]) => events & bit)
  return set.map(([name]) => name).join('|') || 'no events'
}

import { expect } from 'vitest'
import {
  AsyncResult,
  BoundedSemaphore,
  Channel,
  Event,
  type Green,
  Greenlet,
  Group,
  hub,
  JoinableQueue,
  LifoQueue,
  type Patience,
  Pool,
  PriorityQueue,
  Queue,
  Semaphore,
  sleep,
  spawn,
  spawnLater,
  subprocess,
  Timeout,
  wait,
  waitRead,
  withTimeout,
} from '../../servers/07-green-threads/gevent.ts'
import { call } from '../../servers/07-green-threads/greenlet.ts'
import { caught, green, turns, untilKilled } from './green-harness.ts'

/** A number that is none, as plain JavaScript may pass it. */
const TEXT = 'soon' as unknown as number
const NAN = Number.NaN

/** What a call throws when it is made, or when it is waited for; undefined after two seconds. */
function* refusal(call: () => unknown): Green<unknown> {
  const calling = spawn(() => caught(call as () => Green<unknown>))
  return yield* calling.get(2)
}

/** Numbers that can't be meant are refused where they are given. twisted#3884 is the kind. */
export function numberTests(): void {
  const [never, event] = [new Greenlet(() => {}), new Event()]
  const cat = () => new subprocess.Popen(['true'])
  /** Every wait that takes seconds. */
  const waits: Record<string, (time: Patience) => Green<unknown>> = {
    sleep: (time) => sleep(time as number),
    Timeout: (time) => new Timeout(time as number).scope(() => sleep(1000)),
    'Timeout.startNew': (time) => call(() => Timeout.startNew(time as number)),
    withTimeout: (time) => withTimeout(time as number, () => sleep(1000)),
    waitRead: (time) => waitRead({ waitReadable: () => sleep(1000) }, time as number),
    'Greenlet.join': (time) => never.join(time),
    'Greenlet.get': (time) => never.get(time),
    'Greenlet.kill': function* (time) {
      const greenlet = spawn(untilKilled)
      yield* sleep(0)
      yield* greenlet.kill(undefined, time)
    },
    wait: (time) => wait([never], time),
    'Event.wait': (time) => event.wait(time),
    'AsyncResult.get': (time) => new AsyncResult().get(time),
    'Semaphore.acquire': (time) => new Semaphore(0).acquire(time),
    'Semaphore.wait': (time) => new Semaphore(0).wait(time),
    'Queue.get': (time) => new Queue().get(time),
    'Channel.put': (time) => new Channel().put(1, time),
    'Channel.get': (time) => new Channel().get(time),
    'Pool.add': (time) => new Pool(0).add(never, time),
    'Group.join': function* (time) {
      const group = new Group()
      group.addNowait(never)
      yield* group.join(time)
    },
    'Popen.wait': (time) => cat().wait(time),
    'Popen.communicate': (time) => cat().communicate('', time),
    'hub.after': (time) => call(() => hub.after(time as number, () => {})),
    spawnLater: (time) => call(() => spawnLater(time as number, () => {})),
    startLater: (time) => call(() => new Greenlet(() => {}).startLater(time as number)),
  }
  for (const [name, wait] of Object.entries(waits)) {
    green(`${name}: seconds that are NaN or no number are refused`, function* () {
      expect(yield* refusal(() => wait(NAN))).toBeInstanceOf(RangeError)
      expect(yield* refusal(() => wait(TEXT))).toBeInstanceOf(TypeError)
      expect(yield* refusal(() => wait('1' as unknown as number))).toBeInstanceOf(TypeError)
    })
  }

  green('a time that has passed already is none: the wait is over at once', function* () {
    yield* sleep(-1)
    yield* sleep(Number.NEGATIVE_INFINITY)
    const late = new Timeout(-1)
    expect(yield* caught(() => late.scope(() => sleep(1000)))).toBe(late)
    expect(yield* event.wait(-1)).toBe(false)
    expect(yield* spawnLater(-1, () => 'soon').get()).toBe('soon')
  })

  green('a startLater that is refused leaves the greenlet as it was', function* () {
    const greenlet = new Greenlet(() => 'value')
    expect(() => greenlet.startLater(NAN)).toThrow(RangeError)
    expect(greenlet.started).toBe(false)
    greenlet.start()
    expect(yield* greenlet.get()).toBe('value')
  })

  /** Everything that takes a number of something, with the least that it takes. */
  const counts: Record<string, [least: number, make: (count: number) => unknown]> = {
    Queue: [1, (count) => new Queue(count)],
    LifoQueue: [1, (count) => new LifoQueue(count)],
    PriorityQueue: [1, (count) => new PriorityQueue(count)],
    JoinableQueue: [1, (count) => new JoinableQueue(count)],
    Semaphore: [0, (count) => new Semaphore(count)],
    BoundedSemaphore: [0, (count) => new BoundedSemaphore(count)],
    Pool: [0, (count) => new Pool(count)],
    imap: [1, (count) => new Group().imap(() => {}, [], count)],
    imapUnordered: [1, (count) => new Group().imapUnordered(() => {}, [], count)],
    'wait count': [0, (count) => wait([never], null, count)],
  }
  for (const [name, [least, make]] of Object.entries(counts)) {
    green(`${name}: takes whole numbers from ${least}, and no others`, function* () {
      for (const bad of [NAN, -1, least - 1, 1.5, Number.POSITIVE_INFINITY]) {
        expect(yield* refusal(() => make(bad)), `${bad}`).toBeInstanceOf(RangeError)
      }
      for (const bad of ['5', TEXT, true, {}] as unknown as number[]) {
        expect(yield* refusal(() => make(bad)), `${bad}`).toBeInstanceOf(TypeError)
      }
      make(least)
    })
  }

  green('PriorityQueue: NaN is refused, and the order of the others holds', function* () {
    const queue = new PriorityQueue<number>()
    for (const item of [5, 3, 4]) queue.putNowait(item)
    expect(() => queue.putNowait(NAN)).toThrow(RangeError)
    for (const item of [1, 2]) queue.putNowait(item)
    const items: number[] = []
    while (!queue.empty()) items.push(yield* queue.get())
    expect(items).toEqual([1, 2, 3, 4, 5])
    yield* turns(1)
  })
}

import { Broken } from '../../../../clients/check/verdict.ts'
import type { UnitCase } from '../../../build/course/exercise.ts'

const HEAD = 0
const TAIL = 1
const FIRST = 2
/** What stands in a place that has never been written. */
const NOTHING = -7

interface Shared {
  read(word: number): number
  write(word: number, value: number): void
}

interface Submission {
  readonly SubmissionQueue: new (shared: Shared, size: number) => { push(entry: number): boolean }
  readonly CompletionQueue: new (shared: Shared, size: number) => { take(): number | undefined }
}

type Note = (step: string) => void

/** Memory of 32-bit words, and a kernel that may be at work between any two writes of the program. */
class Memory implements Shared {
  readonly words: Int32Array
  readonly size: number
  /** What the kernel does after each write of the program. */
  kernel: () => void = () => {}

  constructor(size: number, from: number) {
    this.size = size
    this.words = new Int32Array(FIRST + size).fill(NOTHING)
    this.words[HEAD] = this.words[TAIL] = from
  }

  read(word: number): number {
    this.#mustExist(word)
    return this.words[word]!
  }

  write(word: number, value: number): void {
    this.#mustExist(word)
    this.words[word] = value
    this.kernel()
  }

  /** Where the kernel keeps the entry of a counter. */
  place(counter: number): number {
    return FIRST + (counter & (this.size - 1))
  }

  get count(): number {
    return (this.words[TAIL]! - this.words[HEAD]!) | 0
  }

  #mustExist(word: number): void {
    if (Number.isInteger(word) && word >= 0 && word < this.words.length) return
    throw new Broken(`a word from 0 to ${this.words.length - 1}`, `word ${word}`)
  }
}

/** The kernel's side of a submission queue: takes what the tail says is written. */
function takeAll(memory: Memory, taken: number[]): void {
  while (memory.count > 0 && memory.count <= memory.size) {
    const head = memory.words[HEAD]!
    const at = memory.place(head)
    taken.push(memory.words[at]!)
    memory.words[at] = NOTHING
    memory.words[HEAD] = head + 1
  }
}

/** The kernel's side of a completion queue: adds as long as the head says that there is room. */
function addAll(memory: Memory, waiting: number[]): void {
  while (waiting.length > 0 && memory.count < memory.size) {
    const tail = memory.words[TAIL]!
    memory.words[memory.place(tail)] = waiting.shift()!
    memory.words[TAIL] = tail + 1
  }
}

const numbers = (count: number, from = 100) => Array.from({ length: count }, (_, i) => from + i)

export const units: readonly UnitCase[] = [
  {
    name: 'what is pushed, the kernel takes, in order',
    points: 1,
    run: ({ SubmissionQueue }: Submission, note) => {
      const memory = new Memory(8, 0)
      const queue = new SubmissionQueue(memory, 8)
      note('three entries are pushed into a queue of 8, then the kernel takes them')
      for (const entry of [100, 101, 102]) push(queue, entry)
      const taken: number[] = []
      takeAll(memory, taken)
      same('the kernel takes', [100, 101, 102], taken)
    },
  },
  {
    name: 'all places can be used, and no more',
    points: 2,
    run: ({ SubmissionQueue }: Submission, note) => {
      const memory = new Memory(4, 0)
      const queue = new SubmissionQueue(memory, 4)
      note('four entries are pushed into a queue of 4')
      for (const entry of numbers(4)) push(queue, entry)
      note('and a fifth one')
      if (queue.push(104)) throw new Broken('false: there is no room', 'true')
      const taken: number[] = []
      takeAll(memory, taken)
      same('the kernel takes', numbers(4), taken)
      note('now there is room again')
      push(queue, 105)
      takeAll(memory, taken)
      same('the kernel takes', [...numbers(4), 105], taken)
    },
  },
  {
    name: 'an entry is written before the tail says so',
    points: 2,
    run: ({ SubmissionQueue }: Submission, note) => {
      const memory = new Memory(4, 0)
      const queue = new SubmissionQueue(memory, 4)
      const taken: number[] = []
      memory.kernel = () => takeAll(memory, taken)
      note('the kernel looks at the queue after each single write of the program')
      for (const entry of numbers(10)) push(queue, entry)
      same('the kernel takes', numbers(10), taken)
    },
  },
  {
    name: 'what has completed is taken, in order',
    points: 1,
    run: ({ CompletionQueue }: Submission, note) => {
      const memory = new Memory(4, 0)
      const queue = new CompletionQueue(memory, 4)
      note('nothing has completed')
      same('take returns', [undefined], [queue.take()])
      note('the kernel adds four completions to a queue of 4')
      addAll(memory, numbers(4))
      const got = Array.from({ length: 5 }, () => queue.take())
      same('take returns', [...numbers(4), undefined], got)
    },
  },
  {
    name: 'an entry is read before the head gives its place away',
    points: 2,
    run: ({ CompletionQueue }: Submission, note) => {
      const memory = new Memory(4, 0)
      const queue = new CompletionQueue(memory, 4)
      const waiting = numbers(20)
      memory.kernel = () => addAll(memory, waiting)
      note('20 completions, and a kernel that fills each place as soon as the head allows it')
      memory.kernel()
      const got = Array.from({ length: 20 }, () => queue.take())
      same('take returns', numbers(20), got)
    },
  },
  {
    name: 'the counters go on where 32 bits end',
    points: 3,
    run: (module: Submission, note) => {
      for (const from of [2 ** 31 - 3, -3]) wrap(module, from, note)
    },
  },
]

/** Both queues, begun just before a counter wraps, over the end of it. */
function wrap({ SubmissionQueue, CompletionQueue }: Submission, from: number, note: Note): void {
  note(`head and tail have counted up to ${from}, and the queues are empty`)
  const memory = new Memory(4, from)
  const queue = new SubmissionQueue(memory, 4)
  const taken: number[] = []
  for (let round = 0; round < 3; round++) {
    for (const entry of numbers(4, 100 + 4 * round)) push(queue, entry)
    if (queue.push(0)) throw new Broken('false: there is no room', 'true')
    takeAll(memory, taken)
  }
  same('the kernel takes', numbers(12), taken)
  const completed = new Memory(4, from)
  const completions = new CompletionQueue(completed, 4)
  const got: (number | undefined)[] = []
  for (let round = 0; round < 3; round++) {
    addAll(completed, numbers(4, 100 + 4 * round))
    for (let i = 0; i < 4; i++) got.push(completions.take())
  }
  same('take returns', numbers(12), got)
  same('then take returns', [undefined], [completions.take()])
}

function push(queue: { push(entry: number): boolean }, entry: number): void {
  if (!queue.push(entry)) throw new Broken(`room for ${entry}`, 'false: no room')
}

function same(
  what: string,
  due: readonly (number | undefined)[],
  got: readonly (number | undefined)[],
): void {
  const show = (list: readonly (number | undefined)[]) =>
    list.map((entry) => (entry === NOTHING ? 'an entry that is not written' : entry)).join(', ') ||
    'nothing'
  if (show(due) !== show(got)) throw new Broken(`that ${what} ${show(due)}`, show(got))
}

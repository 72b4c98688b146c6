import { Broken } from '../../../../clients/check/verdict.ts'
import type { UnitCase } from '../../../build/course/exercise.ts'

interface Handler {
  collect(data: Uint8Array): void
  found(): void
}

interface Submission {
  readonly Finder: new (
    terminator: Uint8Array,
  ) => { feed(chunk: Uint8Array, handler: Handler): void }
}

type Note = (step: string) => void

/** What the next chunk is written over with: no case has this byte in its text. */
const OVERWRITTEN = '#'.charCodeAt(0)

/** What has come out so far, message by message; the last one is not complete. */
class Collected implements Handler {
  readonly messages = ['']

  collect(data: Uint8Array): void {
    if (data.length === 0) throw new Broken('collect with bytes', 'collect with none')
    this.messages[this.messages.length - 1] += Buffer.from(data).toString('latin1')
  }

  found(): void {
    this.messages.push('')
  }
}

/** One for all chunks, as that of a loop is. */
const shared = Buffer.alloc(64)

/** Feeds each chunk from the shared buffer, and then writes over it. */
function feedShared(submission: Submission, terminator: string, chunks: readonly string[]) {
  const finder = new submission.Finder(Buffer.from(terminator))
  const collected = new Collected()
  for (const chunk of chunks) {
    const length = shared.write(chunk, 'latin1')
    finder.feed(shared.subarray(0, length), collected)
    shared.fill(OVERWRITTEN, 0, length)
  }
  return collected.messages
}

/** Feeds each chunk from memory of its own. */
function feedApart(submission: Submission, terminator: string, chunks: readonly string[]) {
  const finder = new submission.Finder(Buffer.from(terminator))
  const collected = new Collected()
  for (const chunk of chunks) finder.feed(Buffer.from(chunk, 'latin1'), collected)
  return collected.messages
}

function expectMessages(
  submission: Submission,
  terminator: string,
  chunks: readonly string[],
  expected: readonly string[],
  note: Note,
  feed = feedApart,
): void {
  const got = feed(submission, terminator, chunks)
  if (show(got) === show(expected)) return
  note(`the terminator is ${JSON.stringify(terminator)}, and the chunks are ${show(chunks)}`)
  throw new Broken(`the messages ${show(expected)}`, show(got))
}

export const units: readonly UnitCase[] = [
  {
    name: 'messages that come whole',
    points: 1,
    run: (submission: Submission, note) => {
      expectMessages(submission, '\n', ['one\n'], ['one', ''], note)
      expectMessages(submission, '\r\n', ['one\r\ntwo\r\n\r\n'], ['one', 'two', '', ''], note)
    },
  },
  {
    name: 'a terminator that is cut in two',
    points: 2,
    run: (submission: Submission, note) => {
      const cuts = ['one\r', '\ntwo\r\n']
      expectMessages(submission, '\r\n', cuts, ['one', 'two', ''], note)
      const cutTwice = ['one\r', '\n.', '\r\n']
      expectMessages(submission, '\r\n.\r\n', cutTwice, ['one', ''], note)
    },
  },
  {
    name: 'the memory of a chunk is used again',
    points: 1,
    run: (submission: Submission, note) => {
      note('after each call, the memory of the chunk is written over')
      const cuts = ['one\r', '\ntwo\r\n']
      expectMessages(submission, '\r\n', cuts, ['one', 'two', ''], note, feedShared)
    },
  },
  {
    name: 'what only looks like the beginning of a terminator belongs to the message',
    points: 2,
    run: (submission: Submission, note) => {
      expectMessages(submission, '\r\n', ['one\r', 'two\r\n'], ['one\rtwo', ''], note)
      expectMessages(submission, '\r\n', ['one\r', '\r', '\n'], ['one\r', ''], note)
    },
  },
  {
    name: 'nothing is held back that can’t be the beginning of a terminator',
    points: 2,
    run: (submission: Submission, note) => {
      expectMessages(submission, '\r\n', ['one'], ['one'], note)
      expectMessages(submission, '\r\n.\r\n', ['one', 'two\r\n'], ['onetwo'], note)
      const long = 'x'.repeat(60_000)
      let collected = 0
      const finder = new submission.Finder(Buffer.from('\r\n'))
      for (let i = 0; i < 10; i++) {
        finder.feed(Buffer.from(long), {
          collect: ({ length }) => {
            collected += length
          },
          found: () => {},
        })
      }
      note('600 000 bytes come without a terminator')
      if (collected !== 600_000) throw new Broken('600000 bytes to be collected', `${collected}`)
    },
  },
  {
    name: 'all short texts of a and b, in all cuts into three',
    points: 3,
    run: (submission: Submission, note) => {
      for (const terminator of ['a', 'ab', 'aab', 'aba', 'abab', 'aabaa']) {
        for (const text of texts(8)) tryCuts(submission, terminator, text, note)
      }
    },
  },
]

/** All texts of `length` letters, each of them a or b. */
function texts(length: number): string[] {
  return Array.from({ length: 2 ** length }, (_, i) =>
    i.toString(2).padStart(length, '0').replaceAll('0', 'a').replaceAll('1', 'b'),
  )
}

function tryCuts(submission: Submission, terminator: string, text: string, note: Note): void {
  const messages = text.split(terminator)
  // The end of the text may be held back: a terminator may begin with it.
  const last = messages.pop()!
  const expected = [...messages, last.slice(0, last.length - beginningAtEnd(last, terminator))]
  for (let first = 0; first < text.length; first++) {
    for (let second = first + 1; second <= text.length; second++) {
      const chunks = [text.slice(0, first), text.slice(first, second), text.slice(second)]
      const cuts = chunks.filter((chunk) => chunk !== '')
      expectMessages(submission, terminator, cuts, expected, note, feedShared)
    }
  }
}

function beginningAtEnd(text: string, terminator: string): number {
  const lengths = Array.from({ length: terminator.length }, (_, i) => terminator.length - 1 - i)
  return lengths.find((length) => text.endsWith(terminator.slice(0, length))) ?? 0
}

/** `"one", "two"`. */
function show(texts: readonly string[]): string {
  return texts.map((text) => JSON.stringify(text)).join(', ')
}

/** The questions that every server answers in the comment at its head. */
import type { Model } from '../../../servers/models.ts'
import { textOf } from '../sources.ts'
import type { Cell, Fact } from './cells.ts'

const QUESTIONS = [
  'Where does it wait?',
  'Who calls whom?',
  "Where does a connection's state live?",
  'What breaks it?',
] as const

/** Only the bare servers say this. */
const LEFT_OUT = 'What it leaves out:'

export interface Header {
  /** The first paragraph, without the name of the server. */
  readonly summary: string
  /** By the question. */
  readonly answers: ReadonlyMap<string, string>
}

interface Named extends Header {
  readonly source: string
}

/** Reads the comment at the head of a file. An answer may go on in lines that are indented. */
export function parseHeader(text: string): Header {
  const comment = /^\/\*\*\n(.*?)\n \*\/$/ms.exec(text)?.[1] ?? ''
  const lines = comment.split('\n').map((line) => line.replace(/^ \* ?/, ''))
  const answers = new Map<string, string>()
  let last: string | undefined
  for (const line of lines) {
    const asked = [...QUESTIONS, LEFT_OUT].find((question) => line.startsWith(question))
    last = asked ?? (/^ {2,}\S/.test(line) ? last : undefined)
    if (last === undefined) continue
    const answer = line.slice(asked?.length ?? 0).trim()
    answers.set(last, [answers.get(last) ?? [], answer].flat().join(' '))
  }
  const end = lines.indexOf('')
  const summary = lines.slice(0, end < 0 ? undefined : end).join(' ')
  return { summary: summary.replace(/^[^:]*: /, ''), answers }
}

/** What echo.ts answers, and bare.ts where it answers something else. */
export function questionsCell({ folder }: Model): Cell {
  const echo = headerOf(folder, 'echo.ts')
  const bare = headerOf(folder, 'bare.ts')
  const answers = QUESTIONS.map((label): Fact => {
    const [all, small] = [answerOf(echo, label), answerOf(bare, label)]
    const text = all === small ? all : `${all} In \`bare.ts\`: ${small}`
    return { label, text, notes: [] }
  })
  const facts = [
    { label: 'What is it?', text: sentence(echo.summary), notes: [] },
    ...answers,
    { label: 'What does its bare form leave out?', text: leftOut(bare), notes: [] },
  ]
  return { kind: 'facts', facts, isBrief: false }
}

function headerOf(folder: string, name: string): Named {
  const source = `servers/${folder}/${name}`
  return { source, ...parseHeader(textOf(source)) }
}

function answerOf({ source, answers }: Named, question: string): string {
  const answer = answers.get(question)
  if (!answer) throw new Error(`${source}: the comment at its head does not answer: ${question}`)
  return answer
}

function leftOut(bare: Named): string {
  return sentence(answerOf(bare, LEFT_OUT))
}

function sentence(text: string): string {
  const end = /[.!?]$/.test(text) ? '' : '.'
  return `${text[0]!.toUpperCase()}${text.slice(1)}${end}`
}

/** `npm run learn` in a terminal: grades on save, and shows one failure at a time. */
import { mkdtempSync, rmSync, watch } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { emitKeypressEvents } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { renderLegend, renderTimeline } from '../../../clients/scenes/terminal.ts'
import { EXERCISES } from './all.ts'
import type { Exercise } from './exercise.ts'
import { gradeSubmission } from './grade.ts'
import type { Grade } from './grades.ts'
import { begin, noteHint, notePassed, readProgress, shownPath, workOf } from './place.ts'
import { renderGrade } from './report.ts'
import { renderHints, renderList, renderSolution, renderTask } from './texts.ts'
import { timelineOfTrace } from './timeline.ts'

/** An editor writes a file in several steps: it is graded when these are over, in milliseconds. */
const REST = 150

const KEYS = 'h hint · t timeline · n next · l list · c check all · q quit'
const KEYS_PASSED = 's solution · t timeline · n next · l list · c check all · q quit'

export class Session {
  readonly #folder = mkdtempSync(join(tmpdir(), 'echo-learn-'))
  #exercise: Exercise
  #grade: Grade | undefined
  #watcher: { close(): void } | undefined
  #isGrading = false
  #isDue = false
  #end = () => {}

  constructor(exercise: Exercise) {
    this.#exercise = exercise
  }

  /** Resolves when the student quits. */
  async run(): Promise<void> {
    const ended = new Promise<void>((resolve) => {
      this.#end = resolve
    })
    emitKeypressEvents(process.stdin)
    process.stdin.setRawMode(true)
    process.stdin.on('keypress', (_, key: { name?: string; ctrl?: boolean }) => {
      if (key.ctrl && key.name === 'c') this.#end()
      else this.#press(key.name ?? '')
    })
    this.#open(this.#exercise)
    await ended
    this.#watcher?.close()
    process.stdin.setRawMode(false)
    process.stdin.pause()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  #open(exercise: Exercise): void {
    this.#exercise = exercise
    this.#grade = undefined
    begin(exercise)
    this.#watcher?.close()
    this.#watcher = watch(workOf(exercise), () => void this.#gradeSoon())
    say(`\n${renderTask(exercise)}`)
    void this.#gradeSoon()
  }

  /** One grading at a time; what is saved meanwhile is graded after it. */
  async #gradeSoon(): Promise<void> {
    this.#isDue = true
    if (this.#isGrading) return
    this.#isGrading = true
    while (this.#isDue) {
      await sleep(REST)
      this.#isDue = false
      await this.#gradeNow()
    }
    this.#isGrading = false
  }

  async #gradeNow(): Promise<void> {
    const exercise = this.#exercise
    say(`\ngrading ${shownPath(exercise)} …\n`)
    const options = { all: false, trace: join(this.#folder, `${exercise.id}.json`) }
    rmSync(options.trace, { force: true })
    const grade = await gradeSubmission(exercise, workOf(exercise), options)
    if (exercise !== this.#exercise) return
    this.#grade = grade
    if (grade.verdict === 'passed') notePassed(exercise)
    say(`${renderGrade(exercise, grade)}\n${this.#keys()}\n`)
  }

  #keys(): string {
    return this.#grade?.verdict === 'passed' ? KEYS_PASSED : KEYS
  }

  #press(key: string): void {
    const isPassed = readProgress().passed.includes(this.#exercise.id)
    if (key === 'q') {
      this.#end()
      return
    }
    if (key === 'h') say(renderHints(this.#exercise, noteHint(this.#exercise)))
    else if (key === 'l') say(renderList(readProgress()))
    else if (key === 'n') this.#next()
    else if (key === 't') this.#showTimeline()
    else if (key === 'c') void this.#checkAll()
    else if (key === 's') {
      say(isPassed ? renderSolution(this.#exercise) : 'The solution comes after a pass.\n')
    } else return
    say(`${this.#keys()}\n`)
  }

  #next(): void {
    const place = EXERCISES.indexOf(this.#exercise)
    const next = EXERCISES[place + 1]
    if (next) this.#open(next)
    else say('This is the last exercise.\n')
  }

  #showTimeline(): void {
    const { id } = this.#exercise
    try {
      const timeline = timelineOfTrace(join(this.#folder, `${id}.json`), id)
      if (!timeline) {
        say('Your server has met no client.\n')
        return
      }
      const width = Math.min(process.stdout.columns ?? 80, 120)
      say(
        `${renderTimeline(timeline, { width, colour: !process.env.NO_COLOR })}\n${renderLegend()}`,
      )
    } catch {
      say('There is no timeline of this run: only servers have one.\n')
    }
  }

  async #checkAll(): Promise<void> {
    for (const exercise of EXERCISES) {
      if (!readProgress().passed.includes(exercise.id)) continue
      const grade = await gradeSubmission(exercise, workOf(exercise), { all: false })
      say(`${exercise.id}: ${grade.verdict}\n`)
    }
  }
}

/** In raw mode a terminal needs the carriage return as well. */
function say(text: string): void {
  process.stdout.write(text.replaceAll('\n', '\r\n'))
}

import { amount } from '../../clients/terminal.ts'
import type { Cell, Outcome } from '../document/document.ts'
import { describeLoad } from '../workloads.ts'

/**
 * Shows on stderr how far the run is, and how long it will still take: on a terminal one line that
 * is redrawn, elsewhere a line per cell.
 */
export class Progress {
  readonly #total: number
  readonly #redraw = Boolean(process.stderr.isTTY) && !process.env.CI && !process.env.NO_COLOR
  readonly #started = performance.now()
  #finished = 0

  /** @param total how many measurements the run makes: cells × rounds */
  constructor(total: number) {
    this.#total = total
  }

  finished({ model, wait, load }: Cell, outcome: Outcome): void {
    this.#finished += 1
    const what = `${model}, ${wait}, ${describeLoad(load)}`
    const where = `[${this.#finished}/${this.#total}${this.#left()}]`
    this.#show(`${where} ${what}: ${describe(outcome)}`)
    if (this.#redraw && outcome.kind === 'failed') process.stderr.write('\n')
  }

  end(): void {
    if (this.#redraw) process.stderr.write(CLEAR_LINE)
  }

  /** `, 1 min 20 s left`, if the other cells take as long as those so far. */
  #left(): string {
    const perCell = (performance.now() - this.#started) / this.#finished
    const seconds = Math.round((perCell * (this.#total - this.#finished)) / 1000)
    if (seconds === 0) return ''
    const minutes = Math.floor(seconds / 60)
    return `, ${minutes > 0 ? `${minutes} min ` : ''}${seconds % 60} s left`
  }

  #show(line: string): void {
    if (!this.#redraw) process.stderr.write(`${line}\n`)
    else process.stderr.write(`${CLEAR_LINE}${line.slice(0, process.stderr.columns - 1)}`)
  }
}

function describe(outcome: Outcome): string {
  if (outcome.kind !== 'measured') return `${outcome.kind}: ${outcome.reason}`
  return `${amount(outcome.result.messagesPerSecond)} messages/s`
}

const CLEAR_LINE = '\r\x1b[2K'

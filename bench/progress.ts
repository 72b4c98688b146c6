import { amount } from '../clients/terminal.ts'
import type { Cell } from './cells.ts'
import type { Outcome } from './runner.ts'

/**
 * Says on stderr how far the run is: one line that is redrawn on a terminal, a line per cell
 * elsewhere.
 */
export class Progress {
  readonly #total: number
  readonly #redraw = Boolean(process.stderr.isTTY) && !process.env.CI && !process.env.NO_COLOR
  #finished = 0

  /** @param total how many cells will be measured, all rounds together */
  constructor(total: number) {
    this.#total = total
  }

  finished({ row, connections }: Cell, outcome: Outcome): void {
    this.#finished += 1
    const what = `${row.name}, ${row.wait}, ${amount(connections)} connections`
    this.#show(`[${this.#finished}/${this.#total}] ${what}: ${describe(outcome)}`)
    if (this.#redraw && outcome.kind === 'failed') process.stderr.write('\n')
  }

  end(): void {
    if (this.#redraw) process.stderr.write(CLEAR_LINE)
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

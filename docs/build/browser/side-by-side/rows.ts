/** The rows of the board: which of their cells are shown, and at which row the reader is. */
import type { Known } from '../../side-by-side/address.ts'
import { find, findAll } from './find.ts'

export class Rows implements Known {
  readonly models: Known['models']
  /** Their ids. */
  readonly rows: readonly string[]
  readonly #elements: readonly HTMLElement[]

  constructor(board: HTMLElement) {
    this.#elements = findAll(board, '.row')
    this.rows = this.#elements.map(({ id }) => id)
    this.models = findAll(this.#elements[0]!, '.cell').map(({ dataset }) => ({
      id: dataset.id!,
      folder: dataset.model!,
    }))
    // The columns that are shown fit in: nothing has to scroll.
    for (const cells of findAll(board, '.cells')) {
      for (const name of ['tabindex', 'role', 'aria-label']) cells.removeAttribute(name)
    }
  }

  /** Shows these models, in this order, which is also that in which they are read out. */
  show(models: readonly string[]): void {
    for (const row of this.#elements) {
      for (const cell of findAll(row, '.cell')) cell.hidden = true
      const shown = models.map((model) => cellOf(row, model))
      for (const cell of shown) cell.hidden = false
      find(row, '.cells').append(...shown)
    }
  }

  /** The cells of each row. */
  cells(models: readonly string[]): HTMLElement[][] {
    return this.#elements.map((row) => models.map((model) => cellOf(row, model)))
  }

  goTo(id: string): void {
    const row = this.#elements.find((one) => one.id === id)
    if (!row) return
    find(row, 'h2').focus({ preventScroll: true })
    row.scrollIntoView()
  }

  /** @param step 1 for the next row, -1 for the one before */
  move(step: 1 | -1): void {
    const at = this.#current()
    // Above the first row there is none to go back to, and the next one is the first.
    const id = this.rows[at < 0 ? 0 : at + step]
    if (id !== undefined) this.goTo(id)
  }

  /**
   * The row that has the focus, if the reader still sees it: the last rows can't be scrolled to the
   * top. Else that at the top of the screen; -1 above all rows.
   */
  #current(): number {
    const focused = this.#elements.findIndex((row) => row.contains(document.activeElement))
    const { top = 0, bottom = 0 } = this.#elements[focused]?.getBoundingClientRect() ?? {}
    if (bottom > 0 && top < innerHeight) return focused
    const margin = Number.parseFloat(getComputedStyle(this.#elements[0]!).scrollMarginTop)
    return this.#elements.findLastIndex((row) => row.getBoundingClientRect().top <= margin + 1)
  }
}

function cellOf(row: HTMLElement, model: string): HTMLElement {
  return find(row, `.cell[data-model="${model}"]`)
}

/**
 * Shows the models that were chosen, of those that the page side-by-side.html holds. What is chosen
 * stands in the address of the page, so that it can be kept and passed on.
 */
import { type Address, formatAddress, MOST, parseAddress } from '../side-by-side/address.ts'
import { find, findAll } from './side-by-side/find.ts'
import { markDifferences, unmark } from './side-by-side/marks.ts'
import { Rows } from './side-by-side/rows.ts'

/** What is shown at first: the loop that is written by hand, and the one that Node has. */
const FIRST = ['03-poll-loop', '09-async-await']

export function startSideBySide(): void {
  const board = new Board(find(document.body, '.board'))
  const follow = () => board.follow(location.hash)
  follow()
  // Again when all scripts have done their part: only now the rows have their heights.
  addEventListener('load', follow)
  addEventListener('hashchange', follow)
  document.addEventListener('keydown', (event) => {
    const { target, ctrlKey, altKey, metaKey, key } = event
    const isTyped = target instanceof Element && target.closest('input, select, textarea')
    if (isTyped || ctrlKey || altKey || metaKey || !board.press(key)) return
    event.preventDefault()
  })
}

class Board {
  readonly #element: HTMLElement
  readonly #rows: Rows
  readonly #selects: readonly HTMLSelectElement[]
  readonly #isMarked: HTMLInputElement
  /** The folders of the models that are shown, from left to right. */
  #shown = FIRST

  constructor(element: HTMLElement) {
    this.#element = element
    this.#rows = new Rows(element)
    this.#selects = findAll<HTMLSelectElement>(element, '.choice select')
    this.#isMarked = find<HTMLInputElement>(element, '[data-do=mark]')
    this.#selects.forEach((select, column) => {
      select.addEventListener('change', () => this.#choose(column, select.value))
      // The keys of the page do nothing in a choice, which takes them for names of models.
      select.addEventListener('keydown', ({ key }) => key === 'Escape' && select.blur())
    })
    this.#isMarked.addEventListener('change', () => this.#mark())
    for (const button of findAll(element, 'button')) {
      button.addEventListener('click', () => this.#press(button.dataset))
    }
    for (const one of findAll(document.body, '.without-script')) one.remove()
    const head = find(element, '.head')
    head.hidden = false
    // It covers the top of the screen: a row is scrolled to beneath it.
    const measure = () => element.style.setProperty('--head', `${head.offsetHeight}px`)
    new ResizeObserver(measure).observe(head)
  }

  /** Shows what an address asks for. Where it names no model, what is shown stays. */
  follow(hash: string): void {
    const { models, row, complaints } = this.#parse(hash)
    this.#show(models.length > 0 ? models : this.#shown)
    this.#complain(complaints.join(' '))
    if (row !== undefined) this.#rows.goTo(row)
  }

  /** Returns false for a key that means nothing here. */
  press(key: string): boolean {
    const column = ['1', '2', '3'].indexOf(key)
    if (column >= 0) this.#focus(column)
    else if (key === 's') this.#swap()
    else if (key === 'd') this.#isMarked.click()
    else if (key === 'j') this.#rows.move(1)
    else if (key === 'k') this.#rows.move(-1)
    else return false
    return true
  }

  #press({ do: what, column }: DOMStringMap): void {
    if (what === 'swap') this.#swap()
    else if (what === 'add') this.#focus(this.#shown.length)
    else this.#change(this.#shown.toSpliced(Number(column) - 1, 1))
  }

  #swap(): void {
    const [first, second, ...rest] = this.#shown
    if (first && second) this.#change([second, first, ...rest])
  }

  /** A model that is shown already changes places with the one that it is chosen instead of. */
  #choose(column: number, chosen: string): void {
    const replaced = this.#shown[column]!
    const others = this.#shown.map((folder) => (folder === chosen ? replaced : folder))
    this.#change(others.with(column, chosen))
  }

  /** A column that isn't there yet comes with the model that follows the last one in the list. */
  #focus(column: number): void {
    while (this.#shown.length <= column) {
      const folders = this.#rows.models.map(({ folder }) => folder)
      const start = folders.indexOf(this.#shown.at(-1)!)
      const next = [...folders.slice(start), ...folders].find((one) => !this.#shown.includes(one))
      this.#change([...this.#shown, next!])
    }
    this.#selects[column]!.focus()
  }

  /** As #show, for what the reader has chosen: it goes into the address, and is announced. */
  #change(models: string[]): void {
    this.#show(models)
    history.replaceState(null, '', formatAddress(models))
    this.#complain('')
    find(this.#element, '.said').textContent = `Shown: ${models.join(', ')}.`
  }

  #show(models: readonly string[]): void {
    this.#shown = [...models]
    this.#element.dataset.columns = String(models.length)
    this.#element.style.setProperty('--columns', String(models.length))
    this.#rows.show(models)
    this.#selects.forEach((select, column) => {
      select.closest<HTMLElement>('.choice')!.hidden = column >= models.length
      select.value = models[column] ?? ''
    })
    find(this.#element, '[data-do=add]').hidden = models.length === MOST
    find(this.#element, '[data-do=swap]').hidden = models.length === 1
    for (const link of findAll<HTMLAnchorElement>(document.body, '.rows a, .row > h2 > a')) {
      link.hash = formatAddress(models, this.#parse(link.hash).row)
    }
    this.#mark()
  }

  #mark(): void {
    if (this.#isMarked.checked) markDifferences(this.#rows.cells(this.#shown))
    else unmark()
  }

  #parse(hash: string): Address {
    return parseAddress(hash, this.#rows)
  }

  #complain(text: string): void {
    find(this.#element, '.complaint').textContent = text
  }
}

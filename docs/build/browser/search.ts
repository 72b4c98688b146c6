/**
 * The search box: a combobox over a list of sections, as the ARIA Authoring Practices describe it.
 * `/` leads to it, arrow keys move in the list, Enter opens a section, Escape leaves.
 */
import type MiniSearch from 'minisearch'
import { excerpt, find, openIndex, type Passage } from '../finder.ts'

export function startSearch(json: string, root: URL): void {
  const form = document.querySelector<HTMLFormElement>('form.search')
  if (form) new SearchBox(form, json, root)
}

class SearchBox {
  readonly #json: string
  readonly #root: URL
  readonly #input: HTMLInputElement
  readonly #list: HTMLElement
  readonly #status: HTMLElement
  #index: MiniSearch<Passage> | undefined
  #found: readonly Passage[] = []
  #chosen = -1

  constructor(form: HTMLFormElement, json: string, root: URL) {
    this.#json = json
    this.#root = root
    this.#input = form.querySelector('input')!
    this.#list = form.querySelector('ul')!
    this.#status = form.querySelector('[role=status]')!
    form.hidden = false
    form.addEventListener('submit', (event) => event.preventDefault())
    form.addEventListener('focusout', ({ relatedTarget }) => {
      if (!(relatedTarget instanceof Node && form.contains(relatedTarget))) this.#close()
    })
    this.#input.addEventListener('input', () => this.#search())
    this.#input.addEventListener('keydown', (event) => this.#pressed(event))
    // The press of a button would take the focus from the input, and so close the list.
    this.#list.addEventListener('mousedown', (event) => event.preventDefault())
    this.#list.addEventListener('click', (event) => this.#clicked(event))
    document.addEventListener('keydown', (event) => this.#pressedAnywhere(event))
  }

  #search(): void {
    const query = this.#input.value.trim()
    if (query === '') {
      this.#close()
      return
    }
    // Made at the first search: a page that is only read doesn't pay for it.
    this.#index ??= openIndex(this.#json)
    this.#found = find(this.#index, query)
    this.#list.replaceChildren(...this.#found.map((passage, i) => optionOf(passage, query, i)))
    this.#open(this.#found.length > 0)
    this.#choose(-1)
    const count = this.#found.length
    this.#status.textContent = count === 1 ? '1 section found' : `${count || 'no'} sections found`
  }

  #pressed(event: KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step !== undefined && this.#found.length > 0) {
      // From the input, which is place -1, one step up leads to the last of the list.
      const places = this.#found.length + 1
      this.#choose(((this.#chosen + 1 + step + places) % places) - 1)
    } else if (event.key === 'Enter' && this.#found.length > 0) {
      this.#go(Math.max(0, this.#chosen))
    } else if (event.key === 'Escape') {
      this.#leave()
    } else return
    event.preventDefault()
  }

  #pressedAnywhere(event: KeyboardEvent): void {
    const { key, target, ctrlKey, altKey, metaKey } = event
    const isTyping = target instanceof Element && target.closest('input, select, textarea')
    if (key !== '/' || isTyping || ctrlKey || altKey || metaKey) return
    event.preventDefault()
    this.#input.focus()
    this.#input.select()
  }

  #clicked({ target }: MouseEvent): void {
    const option = target instanceof Element ? target.closest('[role=option]') : null
    if (option) this.#go([...this.#list.children].indexOf(option))
  }

  #choose(place: number): void {
    this.#chosen = place
    const options = [...this.#list.children]
    const option = options[place]
    for (const each of options) each.setAttribute('aria-selected', String(each === option))
    if (option) this.#input.setAttribute('aria-activedescendant', option.id)
    else this.#input.removeAttribute('aria-activedescendant')
    option?.scrollIntoView({ block: 'nearest' })
  }

  #go(place: number): void {
    const passage = this.#found[place]
    if (!passage) return
    this.#close()
    location.href = new URL(passage.id, this.#root).href
  }

  /** The first Escape closes the list, the second empties the box and leaves it. */
  #leave(): void {
    if (!this.#list.hidden) {
      this.#close()
      return
    }
    this.#input.value = ''
    this.#input.blur()
  }

  #close(): void {
    this.#found = []
    this.#choose(-1)
    this.#open(false)
    this.#status.textContent = ''
  }

  #open(isOpen: boolean): void {
    this.#list.hidden = !isOpen
    this.#input.setAttribute('aria-expanded', String(isOpen))
  }
}

function optionOf({ page, heading, text }: Passage, query: string, place: number): HTMLElement {
  const option = document.createElement('li')
  option.id = `found-${place}`
  option.setAttribute('role', 'option')
  option.append(element('b', heading))
  if (page !== heading) option.append(' ', element('span', page))
  const line = document.createElement('p')
  const parts = excerpt(text, query)
  line.append(...parts.map((part) => (part.isHit ? element('mark', part.text) : part.text)))
  option.append(line)
  return option
}

function element(tag: string, text: string): HTMLElement {
  const made = document.createElement(tag)
  made.textContent = text
  return made
}

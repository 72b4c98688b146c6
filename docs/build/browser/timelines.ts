/** Steps through a timeline by keys: a line in the picture, and a sentence for each step. */

interface Step {
  readonly sentence: string
  /** How far from the left side of the picture, in its units. */
  readonly x: number
}

export function startTimelines(): void {
  for (const figure of document.querySelectorAll<HTMLElement>('figure.timeline')) addSteps(figure)
}

function addSteps(figure: HTMLElement): void {
  const picture = figure.querySelector<HTMLElement>('.picture')
  const steps = stepsOf(figure)
  if (!picture || steps.length === 0) return
  const said = document.createElement('output')
  said.textContent = 'Step through it with the arrow keys, or with these buttons.'
  let at = -1
  const go = (to: number) => {
    at = Math.max(0, Math.min(steps.length - 1, to))
    said.textContent = `${at + 1} of ${steps.length}: ${steps[at]!.sentence}`
    moveLine(figure, steps[at]!.x)
  }
  const bar = document.createElement('div')
  bar.className = 'steps'
  const back = button('Step back', '◀', () => go(at - 1))
  bar.append(
    back,
    button('Step on', '▶', () => go(at + 1)),
    said,
  )
  picture.after(bar)
  onKeys(picture, (key) => {
    const last = steps.length - 1
    const moves = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: last }
    const to = moves[key as keyof typeof moves]
    if (to !== undefined) go(to)
    return to !== undefined
  })
}

/** @param act returns whether the key means something here */
function onKeys(element: HTMLElement, act: (key: string) => boolean): void {
  element.addEventListener('keydown', (event) => {
    if (act(event.key)) event.preventDefault()
  })
}

function moveLine(figure: HTMLElement, x: number): void {
  const line = figure.querySelector('line.now')
  line?.setAttribute('x1', `${x}`)
  line?.setAttribute('x2', `${x}`)
}

function button(label: string, sign: string, act: () => void): HTMLButtonElement {
  const made = document.createElement('button')
  made.type = 'button'
  made.textContent = sign
  made.setAttribute('aria-label', label)
  made.addEventListener('click', act)
  return made
}

/** The rows of the table, which are in the order of time. */
function stepsOf(figure: HTMLElement): Step[] {
  return [...figure.querySelectorAll<HTMLTableRowElement>('tr[data-x]')].map((row) => {
    const [time = '', where = '', what = ''] = [...row.cells].map((cell) => cell.textContent ?? '')
    const [start] = time.split(' – ')
    return { sentence: `${start} ms: ${where}: ${what}.`, x: Number(row.dataset.x) }
  })
}

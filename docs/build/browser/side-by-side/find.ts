/** Finds elements of a page whose parts are known. */

/** Throws if there is none: then the page and its script don't fit together. */
export function find<E extends HTMLElement>(within: HTMLElement, selector: string): E {
  const found = within.querySelector<E>(selector)
  if (!found) throw new Error(`the page has no ${selector}`)
  return found
}

export function findAll<E extends HTMLElement>(within: HTMLElement, selector: string): E[] {
  return [...within.querySelectorAll<E>(selector)]
}

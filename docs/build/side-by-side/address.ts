/**
 * The part of the page's address behind `#`: which models are shown, and at which row.
 *
 *     #03-poll-loop,09-async-await         two models; ids such as poll-loop do as well
 *     #03-poll-loop,09-async-await/reply   the same, at a row
 *     #reply                               the row, whatever models are shown
 */
import leven from 'leven'

/** The most models that are shown beside each other. */
export const MOST = 3

export interface Known {
  readonly models: readonly { readonly id: string; readonly folder: string }[]
  readonly rows: readonly string[]
}

export interface Address {
  /** Their folders, each once, at most MOST; none if the address names no model. */
  readonly models: readonly string[]
  readonly row: string | undefined
  /** A sentence for each word that means nothing here. */
  readonly complaints: readonly string[]
}

export function parseAddress(hash: string, known: Known): Address {
  const [names = '', place] = decoded(hash).replace(/^#/, '').split('/')
  if (place === undefined && known.rows.includes(names)) {
    return { models: [], row: names, complaints: [] }
  }
  const words = names.split(',').filter((word) => word !== '')
  const found = words.map((word) => known.models.find((one) => isCalled(one, word)))
  const folders = [...new Set(found.flatMap((one) => one?.folder ?? []))]
  const unknown = words.filter((_, i) => !found[i])
  const isRow = place === undefined || known.rows.includes(place)
  const complaints = [
    ...unknown.map((word) => complain('model', word, namesOf(known))),
    ...(isRow ? [] : [complain('row', place, known.rows)]),
    ...(folders.length > MOST ? [`At most ${MOST} models stand beside each other.`] : []),
  ]
  return { models: folders.slice(0, MOST), row: isRow ? place : undefined, complaints }
}

/** @param row the id of a row, or nothing for the top of the page */
export function formatAddress(models: readonly string[], row?: string): string {
  return `#${models.join(',')}${row === undefined ? '' : `/${row}`}`
}

function isCalled({ id, folder }: Known['models'][number], word: string): boolean {
  return word === id || word === folder
}

function namesOf({ models }: Known): string[] {
  return models.flatMap(({ id, folder }) => [id, folder])
}

function complain(what: string, word: string, names: readonly string[]): string {
  const [nearest = ''] = names.toSorted((a, b) => leven(a, word) - leven(b, word))
  return `There is no ${what} “${word}”. Did you mean ${nearest}?`
}

/** A `%` that begins no escape is left as it is. */
function decoded(hash: string): string {
  try {
    return decodeURIComponent(hash)
  } catch {
    return hash
  }
}

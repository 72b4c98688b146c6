/** The steps of serving, each as a row: the regions that bear its name, or what takes the step. */
import type { Model } from '../../../servers/models.ts'
import { type Role, type Step, TAKEN_BY_OTHERS } from '../../../servers/roles.ts'
import type { Cell, Explained } from './cells.ts'
import { filesOf, quoteOf } from './sources.ts'

/** As the comments of servers/roles.ts have it. */
export const STEPS: Readonly<Record<Role, { title: string; about: string }>> = {
  accept: { title: 'Accept', about: 'A client is accepted, unless there is no place for it.' },
  wait: { title: 'Wait', about: 'The thread sleeps until there is something to do.' },
  read: { title: 'Read', about: 'Bytes come in.' },
  reply: { title: 'Reply', about: 'Bytes go out, and what the kernel does not take is kept.' },
  backPressure: {
    title: 'Back pressure',
    about: 'A client that does not take its replies is not read from.',
  },
  end: { title: 'End', about: 'The conversation ends: the FINs, lingering, the close.' },
  idle: { title: 'Idle', about: 'A client that is silent for too long is closed.' },
  stop: { title: 'Stop', about: 'Closing time: what is owed is sent, and no more is answered.' },
}

export function roleCell({ id, folder }: Model, role: Role): Cell {
  const quotes = filesOf(folder).flatMap((source) => quoteOf(source, role) ?? [])
  if (quotes.length > 0) return { kind: 'code', quotes }
  const step = TAKEN_BY_OTHERS[id]?.[role]
  if (!step) throw new Error(`servers/roles.ts does not say what takes ${role} for ${id}`)
  return explain(step, role)
}

/** A place may name a region; if it does not, that of the same role is meant, if the file has one. */
function explain({ by, place }: Step, role: Role): Explained {
  const text = `It does not take this step itself. ${by}`
  if (!place) return { kind: 'explained', text, quotes: [] }
  const [source = '', region = role] = place.split('#')
  const quote = quoteOf(source, region)
  const line = quote?.pieces[0]?.firstLine ?? 1
  return { kind: 'explained', text, place: { source, line }, quotes: quote ? [quote] : [] }
}

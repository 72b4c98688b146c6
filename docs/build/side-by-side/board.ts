/**
 * The board: models beside each other, in rows that ask the same of all of them. The page
 * side-by-side.html and the command `npm run read` show the same board.
 */
import { SCENES } from '../../../clients/scenes/scenes.ts'
import type { Model } from '../../../servers/models.ts'
import { ROLES } from '../../../servers/roles.ts'
import type { Cell, Row } from './cells.ts'
import { breaksCell, costsCell, promisesCell, timelineCell } from './findings.ts'
import { questionsCell } from './questions.ts'
import { roleCell, STEPS } from './roles.ts'
import { quoteOf } from './sources.ts'

/** A row whose cells are still to be made. */
interface Question extends Omit<Row, 'cells'> {
  readonly cellOf: (model: Model) => Cell
}

const QUESTIONS: readonly Question[] = [
  {
    id: 'questions',
    title: 'The four questions',
    about: 'What each server says of itself, at the head of its `echo.ts`.',
    cellOf: questionsCell,
  },
  {
    id: 'bare',
    title: 'The whole server, bare',
    about: "`bare.ts`: the architecture in its smallest form, the textbook's program.",
    cellOf: ({ folder }) => ({ kind: 'code', quotes: [quoteOf(`servers/${folder}/bare.ts`)!] }),
  },
  ...ROLES.map((role) => ({
    id: role,
    ...STEPS[role],
    cellOf: (model: Model) => roleCell(model, role),
  })),
  {
    id: 'promises',
    title: 'Promises that the bare server keeps',
    about: 'What the cases of `npm run client -- check` found out about `bare.ts`.',
    cellOf: promisesCell,
  },
  ...SCENES.map(({ id, title, summary }) => ({
    id: `scene-${id}`,
    title: `Scene: ${title.charAt(0).toLowerCase()}${title.slice(1)}`,
    about: summary,
    cellOf: (model: Model) => timelineCell(model, id),
  })),
  {
    id: 'costs',
    title: 'What it costs',
    about: 'Measured in the full run that the page on benchmarks shows, and counted in the files.',
    cellOf: costsCell,
  },
  {
    id: 'breaks',
    title: 'What breaks it',
    about: "From the model's page.",
    cellOf: breaksCell,
  },
]

export const ROW_IDS: readonly string[] = QUESTIONS.map(({ id }) => id)

/** @param wanted the ids of the rows to be shown; all of them if left out */
export function boardOf(models: readonly Model[], wanted = ROW_IDS): Row[] {
  const asked = QUESTIONS.filter(({ id }) => wanted.includes(id))
  return asked.map(({ cellOf, ...row }) => ({ ...row, cells: models.map(cellOf) }))
}

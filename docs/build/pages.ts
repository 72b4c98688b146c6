/** The syllabus: which pages there are, and in which order they are read. */
import { readdirSync, readFileSync } from 'node:fs'
import { ROOT } from '../../servers/boot/root.mjs'
import { MODELS } from '../../servers/models.ts'

export interface Entry {
  /** Its path in the site. */
  readonly path: string
  /** Its name in the navigation. */
  readonly title: string
  /** The Markdown that it is made of, from ROOT; none for pages that a program makes. */
  readonly source?: string
  /** The number of a model, as its folder has it. */
  readonly number?: string
  /** It has a navigation of its own: no page leads on to it, and it leads to none. */
  readonly apart?: boolean
}

export interface Part {
  readonly title: string
  readonly entries: readonly Entry[]
}

const page = (path: string, title: string, source: string): Entry => ({ path, title, source })

const MODEL_PAGES: readonly Entry[] = MODELS.map(({ id, folder }) => ({
  path: `models/${id}.html`,
  title: id,
  source: `docs/models/${id}.md`,
  number: folder.slice(0, 2),
}))

/** `docs/course/03-readiness.md` -> `3 readiness`. */
const SESSION_PAGES: readonly Entry[] = namesIn('docs/course', /^\d\d-.+\.md$/).map((name) => ({
  ...page(
    `course/${name.replace(/md$/, 'html')}`,
    titleOf(`docs/course/${name}`),
    `docs/course/${name}`,
  ),
  number: name.slice(0, 2),
}))

const COURSE: readonly Entry[] = [
  page('course/index.html', 'The course', 'docs/course/README.md'),
  ...SESSION_PAGES,
  page('course/teaching.html', 'For teachers', 'docs/course/teaching.md'),
]

/** The map of the applications, and then their pages by name. */
const APPLICATIONS: readonly Entry[] = namesIn('docs/applications', /\.md$/)
  .toSorted((a, b) => Number(b === 'README.md') - Number(a === 'README.md'))
  .map((name) => {
    const source = `docs/applications/${name}`
    const path = name === 'README.md' ? 'index.html' : name.replace(/md$/, 'html')
    return page(`applications/${path}`, titleOf(source), source)
  })

/** The pages of the exercises, which the sessions lead to. */
export const EXERCISE_PAGES: readonly Entry[] = namesIn('docs/course/exercises', /^\d\d-/).map(
  (id) => {
    const source = `docs/course/exercises/${id}/exercise.md`
    return { ...page(`course/exercises/${id}.html`, titleOf(source), source), apart: true }
  },
)

function namesIn(folder: string, pattern: RegExp): string[] {
  return readdirSync(new URL(folder, ROOT))
    .filter((name) => pattern.test(name))
    .sort()
}

/** The first heading of a page. */
function titleOf(source: string): string {
  return /^# (?:\d+ )?(.+)$/m.exec(readFileSync(new URL(source, ROOT), 'utf8'))?.[1] ?? source
}

const SYLLABUS: readonly Part[] = [
  {
    title: 'Start',
    entries: [
      page('index.html', 'How should a server wait?', 'README.md'),
      page('protocol.html', 'The protocol', 'docs/protocol.md'),
    ],
  },
  { title: 'Eleven models', entries: MODEL_PAGES },
  {
    title: 'Compare',
    entries: [
      { path: 'side-by-side.html', title: 'Side by side' },
      page('scenes.html', 'See it wait', 'docs/scenes.md'),
      page('semantics.html', 'Who keeps which promise', 'docs/semantics.md'),
      page('benchmarks.html', 'Benchmarks', 'docs/benchmarks.md'),
      page('choosing.html', 'Choosing', 'docs/choosing.md'),
    ],
  },
  { title: 'Applications', entries: APPLICATIONS },
  { title: 'Course', entries: COURSE },
  {
    title: 'Look up',
    entries: [
      page('clients.html', 'Clients', 'docs/clients.md'),
      page('glossary.html', 'Glossary', 'docs/glossary.md'),
      { path: 'api/index.html', title: 'API', apart: true },
      page('servers.html', 'The map of the servers', 'servers/README.md'),
      { path: 'code/index.html', title: 'All code', apart: true },
      page('contributing.html', 'Contributing', 'CONTRIBUTING.md'),
      page('changelog.html', 'Changelog', 'CHANGELOG.md'),
    ],
  },
]

/** @param hasApi whether the pages of the API are built: without them, none leads there */
export function syllabus(hasApi: boolean): readonly Part[] {
  const isThere = ({ path }: Entry) => hasApi || path !== 'api/index.html'
  return SYLLABUS.map(({ title, entries }) => ({ title, entries: entries.filter(isThere) })).filter(
    ({ entries }) => entries.length > 0,
  )
}

/** All pages that one can go through with `next`. */
export const CHAIN: readonly Entry[] = SYLLABUS.flatMap(({ entries }) => entries).filter(
  ({ apart }) => !apart,
)

/** The page that is made of a Markdown file; undefined if there is none. */
export function pageOf(source: string): string | undefined {
  return [...CHAIN, ...EXERCISE_PAGES].find((entry) => entry.source === source)?.path
}

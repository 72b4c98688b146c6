/** The page of an exercise: its fields as a line below the title, and its hints folded. */
import { html } from './html.ts'

/** The text without the fields at its head. Its lines keep their numbers. */
export function withoutFields(text: string): string {
  return text.replace(/^---\n[\s\S]*?\n---\n/, (head) => head.replace(/[^\n]+/g, ''))
}

/** @param text of the Markdown. A page without fields at its head stays as it is. */
export function bodyOfExercise(body: string, text: string): string {
  const head = /^---\n([\s\S]*?)\n---\n/.exec(text)?.[1]
  if (head === undefined) return body
  const fields = new Map(head.split('\n').map((line) => line.split(': ') as [string, string]))
  const shown = html`<p class="fields">${describe(fields)}</p>\n`.markup
  return body
    .replace('</h1>', () => `</h1>\n${shown}`)
    .replace(
      /<h2 id="hints"[\s\S]*$/,
      (hints) => `<details><summary>Hints</summary>\n${hints}</details>\n`,
    )
}

function describe(fields: ReadonlyMap<string, string>): string {
  const promise = fields.get('promise')
  const seen = fields.get('seen')
  return [
    `Session ${fields.get('session')}`,
    fields.get('kind'),
    fields.get('model'),
    ...(promise ? [`promise ${promise}`] : []),
    `about ${fields.get('minutes')} minutes`,
    ...(seen ? [`seen in ${seen}`] : []),
    ...(fields.get('needs') === 'linux' ? ['needs Linux'] : []),
  ].join(' · ')
}

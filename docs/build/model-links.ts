/** What the page of a model leads to: the model beside another one, its timelines, its code. */
import { MODELS } from '../../servers/models.ts'
import { html } from './html.ts'
import { codeHref, pageHref } from './links.ts'

/** Puts the links before the first section; other pages stay as they are. */
export function withLinksToBoard(body: string, path: string): string {
  const place = MODELS.findIndex(({ id }) => path === `models/${id}.html`)
  const model = MODELS[place]
  if (!model) return body
  const other = MODELS[place === 0 ? 1 : place - 1]!
  const board = `${pageHref(path, 'side-by-side.html')}#${model.folder},${other.folder}`
  const links = html`<p class="beside">
<a href="${board}">Beside ${other.id}</a> ·
<a href="${pageHref(path, 'scenes.html')}">See it wait</a> ·
<a href="${codeHref(path, `servers/${model.folder}`)}">Its code</a></p>
`
  return body.replace('<h2', () => `${links.markup}<h2`)
}

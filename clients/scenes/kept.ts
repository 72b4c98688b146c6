/** The scenes that are kept in the repository, as `npm run scenes` has recorded them. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { ROOT } from '../../servers/boot/root.mjs'
import type { SceneEvent } from './order.ts'
import { found, type Timeline } from './timeline.ts'

export interface KeptScene {
  readonly timeline: Timeline
  /** What the clients have noticed, in order: what a test holds later runs against. */
  readonly order: readonly SceneEvent[]
}

function fileOf(scene: string, model: string): URL {
  return new URL(`docs/scenes/${scene}/${model}.json`, ROOT)
}

/** Undefined if this scene is not kept for this model. */
export function keptScene(scene: string, model: string): KeptScene | undefined {
  const file = fileOf(scene, model)
  if (!existsSync(file)) return undefined
  // A line of source may have been moved since by lines before it.
  return JSON.parse(readFileSync(file, 'utf8'), (key, value) =>
    key === 'at' && value?.code ? found(value) : value,
  )
}

/** One line for each span, so that a new recording is a change that can be read. */
export function keepScene({ timeline, order }: KeptScene): void {
  const { lanes, ...head } = timeline
  const list = (items: readonly unknown[]) => items.map((item) => JSON.stringify(item)).join(',\n')
  const shown = lanes.map(
    ({ spans, ...lane }) => `${JSON.stringify(lane).slice(0, -1)},"spans":[\n${list(spans)}\n]}`,
  )
  const text = `{"timeline":${JSON.stringify(head).slice(0, -1)},"lanes":[\n${shown.join(',\n')}\n]},
"order":[\n${list(order)}\n]}\n`
  const file = fileOf(timeline.scene, timeline.model)
  mkdirSync(new URL('.', file), { recursive: true })
  writeFileSync(file, text)
}

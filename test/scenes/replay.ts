/** Plays the scenes again, and holds what happens against what is kept. */
import { describe, expect, test } from 'vitest'
import { timelineOf } from '../../clients/scenes/compose.ts'
import { keptScene } from '../../clients/scenes/kept.ts'
import { differencesOfOrder, type SceneEvent, sceneEvents } from '../../clients/scenes/order.ts'
import { type Played, play } from '../../clients/scenes/player.ts'
import { SCENES, type Scene } from '../../clients/scenes/scenes.ts'
import { chooseWait, MODELS, type Model } from '../../servers/models.ts'
import { faultsOf } from './trace-format.ts'

/** A machine that is busy may keep a reply for longer than a client's patience: see scenes.ts. */
const RETRY = 3

const refusals = new Map(
  await Promise.all(MODELS.map(async (model) => [model.id, await model.refusal?.()] as const)),
)

export function replay(ids: readonly string[]): void {
  const models = MODELS.filter(({ id }) => ids.includes(id))
  describe.each(models)('$id', (model) => {
    test.each(SCENES)('$id', { retry: RETRY }, async (scene) => {
      await replayed(scene, model)
    })
  })
}

async function replayed(scene: Scene, model: Model): Promise<void> {
  if (refusals.get(model.id)) return
  const wait = chooseWait(model, {})
  const played = await play(scene, model, wait)
  const kept = keptScene(scene.id, model.id)
  expect(kept, 'npm run scenes').toBeDefined()
  expect(differencesOf(kept!.order, sceneEvents(played.clients), model, scene)).toEqual([])
  expect(faultsOf(played.trace)).toEqual([])
  expect(wronglyServed(played)).toEqual([])
  expect(overlaps(timelineOf(scene, model, wait, played).lanes)).toEqual([])
}

/**
 * Clients of a cluster that wait at different workers may get their places in another order: see
 * docs/models/cluster.md. All of them get one.
 */
function differencesOf(
  kept: readonly SceneEvent[],
  played: readonly SceneEvent[],
  model: Model,
  scene: Scene,
): string[] {
  const differences = differencesOfOrder(kept, played)
  const isAnyOrder = model.id === 'cluster' && scene.id === 'burst'
  return isAnyOrder ? differences.filter((text) => !text.includes(' came before ')) : differences
}

/** Clients that did not get what their handlers have replied: then one was taken for another. */
function wronglyServed({ clients, trace }: Played): string[] {
  const handlers = trace.filter(({ cat }) => cat === 'handler')
  return clients.flatMap(({ name, port, events }) => {
    const sum = (wanted: string) =>
      events.reduce((total, event) => total + (event.name === wanted ? event.bytes : 0), 0)
    const replied = handlers
      .filter(({ args }) => args?.client === port)
      .reduce((total, { args }) => total + Number(args?.reply), 0)
    const isRight = sum('hears') <= replied && replied <= sum('says')
    return isRight
      ? []
      : [`${name}: said ${sum('says')}, replied ${replied}, heard ${sum('hears')}`]
  })
}

function overlaps(lanes: ReturnType<typeof timelineOf>['lanes']): string[] {
  return lanes.flatMap(({ name, spans }) =>
    spans
      .filter((span, i) => span.to < span.from || (spans[i + 1]?.from ?? span.to) < span.to)
      .map(({ text, from }) => `${name}, ${from} ms: ${text}`),
  )
}

/** The timelines that the pages show. */
import { keptScene } from '../../../clients/scenes/kept.ts'
import type { Timeline } from '../../../clients/scenes/timeline.ts'

/** @param model its id. Undefined if this scene is not kept for this model. */
export function keptTimeline(scene: string, model: string): Timeline | undefined {
  return keptScene(scene, model)?.timeline
}

/** Makes a timeline of what the server and the clients have recorded in a scene. */
import { describeWait, type Model, type Wait } from '../../servers/models.ts'
import { clientLane } from './client-lanes.ts'
import type { Played } from './player.ts'
import type { Scene } from './scenes.ts'
import { serverLanes } from './server-lanes.ts'
import type { Timeline } from './timeline.ts'

/** How many microseconds before the first client the picture begins. */
const LEAD = 300

export function timelineOf(scene: Scene, model: Model, wait: Wait, played: Played): Timeline {
  const events = played.clients.flatMap((client) => client.events)
  const start = Math.min(...events.map(({ at }) => at)) - LEAD
  const end = Math.max(...events.map(({ at }) => at)) + LEAD
  const clock = { start, end }
  const lanes = [
    ...serverLanes(played, clock),
    ...played.clients.map((client) => clientLane(client, played.trace, clock)),
  ]
  return { scene: scene.id, model: model.id, wait: describeWait(wait), lanes }
}

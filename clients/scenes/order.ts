/**
 * The order in which things happen in a scene, as far as it says something: two events that lie
 * closer together than `TOGETHER` have no order, since on another day they may change places.
 */
import type { ClientEventName, PlayedClient } from './player.ts'

/** Milliseconds. */
const TOGETHER = 5

/** What a client notices: with its number, since it may notice the same more than once. */
export interface SceneEvent {
  /** `B hears 2`: the second time that B hears something. */
  readonly what: string
  /** Milliseconds since the first event. */
  readonly at: number
}

/** A reply may come in many pieces: it counts once, when its last piece has come. */
export function sceneEvents(clients: readonly PlayedClient[]): SceneEvent[] {
  const start = Math.min(...clients.flatMap(({ events }) => events.map(({ at }) => at)))
  const found = clients.flatMap(({ name, events }) => {
    const count = new Map<ClientEventName, number>()
    return events
      .filter((event, i) => event.name !== 'hears' || events[i + 1]?.name !== 'hears')
      .map((event) => {
        const number = (count.get(event.name) ?? 0) + 1
        count.set(event.name, number)
        const at = Math.round(event.at - start) / 1000
        return { what: `${name} ${event.name} ${number}`, at }
      })
  })
  return found.sort((a, b) => a.at - b.at)
}

/** What is in another order than it was kept: a sentence for each, none if the order holds. */
export function differencesOfOrder(
  kept: readonly SceneEvent[],
  played: readonly SceneEvent[],
): string[] {
  const at = new Map(played.map((event) => [event.what, event.at]))
  const known = new Set(kept.map(({ what }) => what))
  const missing = kept
    .filter(({ what }) => !at.has(what))
    .map(({ what }) => `${what}: did not happen`)
  const extra = played.filter(({ what }) => !known.has(what)).map(({ what }) => `${what}: is new`)
  const turned = kept.flatMap((first, i) =>
    kept
      .slice(i + 1)
      .filter((later) => later.at - first.at >= TOGETHER)
      .filter((later) => (at.get(first.what) ?? 0) > (at.get(later.what) ?? Infinity))
      .map((later) => `${first.what} came before ${later.what}, and does no more`),
  )
  return [...missing, ...extra, ...turned]
}

/** Timelines: how they are made, drawn and compared, without a server. */
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { axisOf } from '../../clients/scenes/axis.ts'
import { keptScene } from '../../clients/scenes/kept.ts'
import { differencesOfOrder } from '../../clients/scenes/order.ts'
import { SCENES } from '../../clients/scenes/scenes.ts'
import { renderTimeline } from '../../clients/scenes/terminal.ts'
import { ROOT } from '../../servers/boot/root.mjs'
import { MODELS } from '../../servers/models.ts'

const all = SCENES.flatMap((scene) => MODELS.map((model) => [scene.id, model.id] as const))

describe.each(all)('%s, %s', (scene, model) => {
  const kept = keptScene(scene, model)!

  test('is kept, with a lane for each client and one of the server', () => {
    const { lanes } = kept.timeline
    const clients = SCENES.find(({ id }) => id === scene)!.clients
    expect(lanes.filter(({ kind }) => kind === 'client').map(({ name }) => name)).toEqual(clients)
    expect(lanes.filter(({ kind }) => kind === 'server').length).toBeGreaterThan(0)
    expect(servedBy('A')).not.toEqual([])
  })

  test('its calls are in the source, where it says', () => {
    const places = kept.timeline.lanes.flatMap(({ spans }) => spans.flatMap(({ at }) => at ?? []))
    expect(places.length).toBeGreaterThan(0)
    const wrong = places.filter(({ file, line, code }) => lineOf(file, line) !== code)
    expect(wrong, 'npm run scenes keeps them anew').toEqual([])
  })

  test('fits into 80 columns', () => {
    const text = renderTimeline(kept.timeline, { width: 80, colour: false })
    expect(text.split('\n').filter((line) => line.length > 80)).toEqual([])
  })

  function servedBy(client: string): unknown[] {
    return kept.timeline.lanes.flatMap(({ spans }) => spans.filter(({ who }) => who === client))
  }
})

function lineOf(file: string, line: number): string | undefined {
  return readFileSync(new URL(file, ROOT), 'utf8').split('\n')[line - 1]?.trim()
}

test('an axis keeps the order of times, and gives each change a place of its own', () => {
  const times = fc.array(fc.double({ min: 0, max: 1e5, noNaN: true }), {
    minLength: 2,
    maxLength: 60,
  })
  fc.assert(
    fc.property(times, (chosen) => {
      const spans = chosen.map((from) => ({ state: 'runs' as const, text: '', from, to: from }))
      const axis = axisOf({ lanes: [{ name: '', kind: 'server', spans }] })
      const places = axis.times.map(axis.place)
      expect(
        places.every((place, i) => place >= 0 && place <= 1 && place > (places[i - 1] ?? -1)),
      ).toBe(true)
    }),
  )
})

describe('an order', () => {
  const kept = [
    { what: 'A says 1', at: 0 },
    { what: 'A hears 1', at: 1 },
    { what: 'B hears 1', at: 50 },
  ]

  test.each([
    ['the same', kept, []],
    [
      'events close together that change places',
      [kept[1]!, kept[0]!, kept[2]!].map((e, i) => ({ ...e, at: i * 30 })),
      [],
    ],
    [
      'another order',
      [kept[2]!, kept[0]!, kept[1]!].map((e, i) => ({ ...e, at: i })),
      [
        'A says 1 came before B hears 1, and does no more',
        'A hears 1 came before B hears 1, and does no more',
      ],
    ],
    ['one that is missing', kept.slice(0, 2), ['B hears 1: did not happen']],
    ['one that is new', [...kept, { what: 'C says 1', at: 60 }], ['C says 1: is new']],
  ])('%s', (_, played, differences) => {
    expect(differencesOfOrder(kept, played)).toEqual(differences)
  })
})

/** The drawings of the models: they are there, they are true down to the names, and readable. */
import { readdirSync, readFileSync } from 'node:fs'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { drawingOf, sentenceOf, wordsIn } from '../../docs/build/drawings/drawing.ts'
import { drawings } from '../../docs/build/drawings/files.ts'
import { wordsOfLegend } from '../../docs/build/drawings/legend.ts'
import { DRAWINGS } from '../../docs/build/drawings/models/all.ts'
import type { Drawing, Part } from '../../docs/build/drawings/parts.ts'
import { WIDTH } from '../../docs/build/drawings/parts.ts'
import { areaOfPart, frontOf, placeLine, wordsOf } from '../../docs/build/drawings/places.ts'
import { routeOf, routesOfNet } from '../../docs/build/drawings/routes.ts'
import { type Area, areaOf, codeIn, type PlacedWords } from '../../docs/build/drawings/words.ts'
import { ROOT } from '../../servers/boot/root.mjs'
import { findModel, MODELS } from '../../servers/models.ts'
import { chromiumPath } from '../browser.ts'

/** Models that are made of another one: its names are theirs. */
const ANCESTORS: Readonly<Record<string, string>> = {
  asynchat: 'asyncore',
  cluster: 'async-await',
}

function codeOf(model: string): string {
  const { folder } = findModel(model)!
  const url = new URL(`servers/${folder}/`, ROOT)
  const files = readdirSync(url).map((name) => readFileSync(new URL(name, url), 'utf8'))
  const ancestor = ANCESTORS[model]
  return files.join('\n') + (ancestor ? codeOf(ancestor) : '')
}

/** All words of a drawing, also those that are only in its description. */
function allWords(drawing: Drawing): string[] {
  const { sentence, parts, arrows, nets } = drawing
  const said = [...arrows, ...nets].flatMap(({ says }) => says ?? [])
  const names = parts.map(({ name }) => name)
  return [sentence, ...names, ...said, ...wordsIn(drawing).map(({ words }) => words)]
}

/** Names in a drawing that the code of the model doesn't have. */
function unknownNames(drawing: Drawing): string[] {
  const code = codeOf(drawing.model)
  const names = new Set(allWords(drawing).flatMap(codeIn))
  return [...names].filter((name) => {
    const escaped = name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    return !new RegExp(`(?<![\\w$])${escaped}(?![\\w$])`).test(code)
  })
}

/** Words that look like code and are not marked as code, so that nothing would check them. */
function unmarkedNames(drawing: Drawing): string[] {
  const words = allWords(drawing).map((text) => text.replace(/`[^`]*`/g, ''))
  return words.filter((text) => /[a-z][A-Z]|\w\(|\w_|[a-z]\.[a-z]/.test(text))
}

function overlap(a: Area, b: Area): boolean {
  const apart = a.x + a.width <= b.x || b.x + b.width <= a.x
  return !apart && !(a.y + a.height <= b.y || b.y + b.height <= a.y)
}

function isInside(inner: Area, outer: Area, margin = 0): boolean {
  const fits = (start: number, length: number, outerStart: number, outerLength: number) =>
    start >= outerStart + margin && start + length <= outerStart + outerLength - margin
  return (
    fits(inner.x, inner.width, outer.x, outer.width) &&
    fits(inner.y, inner.height, outer.y, outer.height)
  )
}

/** Its own parts: frames, groups and the ground contain others, and notes are text. */
const isSolid = ({ kind }: Part) => ['box', 'socket', 'client', 'ring'].includes(kind)

function pairs<Each>(all: readonly Each[]): [Each, Each][] {
  return all.flatMap((one, i) => all.slice(i + 1).map((other) => [one, other] as [Each, Each]))
}

/** Text that leaves its box, or lies on another text, or on a box that isn't its own. */
function badText(drawing: Drawing): string[] {
  const everything: Area = { x: 0, y: 0, width: WIDTH, height: drawing.height }
  const beyond = drawing.parts.flatMap((part) => {
    const [room, margin] = part.kind === 'box' ? [frontOf(part), 3] : [areaOfPart(part), 1]
    const outer = part.kind === 'note' ? everything : room
    return wordsOf(part).filter((text) => !isInside(areaOf(text), outer, margin))
  })
  const labels = wordsIn(drawing).slice(drawing.parts.flatMap(wordsOf).length)
  const solid = drawing.parts.filter(isSolid).map(areaOfPart)
  const onBoxes = labels.filter((text) => {
    const area = areaOf(text)
    return !isInside(area, everything) || solid.some((box) => overlap(area, box))
  })
  const legend = wordsOfLegend(drawing.height)
  const all = [...wordsIn(drawing), ...legend]
  const onText = pairs(all).filter(([a, b]) => overlap(areaOf(a), areaOf(b)))
  const offPage = legend.filter((text) => areaOf(text).x + areaOf(text).width > WIDTH)
  return [...beyond, ...onBoxes, ...onText.flat(), ...offPage].map(({ words }) => words)
}

/** Boxes that lie on one another, frames that cut a box, and queues that leave theirs. */
function badParts({ parts }: Drawing): string[] {
  const isFrame = ({ kind }: Part) => kind === 'thread' || kind === 'process'
  const bad = pairs(parts.filter((part) => isSolid(part) || isFrame(part))).filter(([a, b]) => {
    const [one, other] = [areaOfPart(a), areaOfPart(b)]
    const nested = isFrame(a) ? isInside(other, one, 2) : isFrame(b) && isInside(one, other, 2)
    return overlap(one, other) && !nested
  })
  return [...bad.map(([a, b]) => `${a.id} and ${b.id}`), ...parts.flatMap(longQueues)]
}

function longQueues(part: Part): string[] {
  if (part.kind !== 'box') return []
  const { x, width } = frontOf(part)
  const long = part.lines.filter((_, i) => placeLine(part, i).right > x + width)
  return long.map(() => `a queue of ${part.id}`)
}

/** Arrows that run through text, and ends that are beyond the side that they name. */
function badArrows(drawing: Drawing): string[] {
  const { arrows, nets, parts } = drawing
  const routes = [
    ...arrows.map((arrow) => ({ name: `${arrow.from} ${arrow.to}`, route: routeOf(arrow, parts) })),
    ...nets.flatMap((net) => routesOfNet(net, parts).map((route) => ({ name: net.to, route }))),
  ]
  const words = wordsIn(drawing).map(areaOf)
  const through = routes.filter(({ route }) =>
    route.slice(1).some((point, i) => {
      const [[x, y], [toX, toY]] = [route[i]!, point]
      const [left, top] = [Math.min(x, toX), Math.min(y, toY)]
      const line = { x: left, y: top, width: Math.abs(toX - x), height: Math.abs(toY - y) }
      return words.some((area) =>
        overlap(area, { ...line, x: line.x - 0.5, width: line.width + 1 }),
      )
    }),
  )
  const ends = [
    ...arrows.flatMap(({ from, to }) => [from, to]),
    ...nets.flatMap(({ from }) => from),
  ]
  return [...through.map(({ name }) => name), ...ends.filter((end) => !isOnSide(end, parts))]
}

function isOnSide(anchor: string, parts: readonly Part[]): boolean {
  const [, id, side, at] = /^([\w-]+)[^:]*:(\w+)@(\d+)$/.exec(anchor) ?? []
  if (at === undefined) return true
  const { x, y, width, height } = areaOfPart(parts.find((part) => part.id === id)!)
  const [start, length] = side === 'top' || side === 'bottom' ? [x, width] : [y, height]
  return Number(at) >= start && Number(at) <= start + length
}

test('every model has a drawing', () => {
  expect(DRAWINGS.map(({ model }) => model)).toEqual(MODELS.map(({ id }) => id))
})

describe.each(DRAWINGS)('$model', (drawing) => {
  test('its names are those of the code', () => {
    expect(unknownNames(drawing)).toEqual([])
    expect(unmarkedNames(drawing)).toEqual([])
  })

  test('nothing lies on anything else', () => {
    expect(badText(drawing)).toEqual([])
    expect(badParts(drawing)).toEqual([])
    expect(badArrows(drawing)).toEqual([])
  })

  test('its description says where it waits, in sentences', () => {
    const { description } = drawingOf(drawing.model)
    expect(description).toMatch(/^[A-Z][^`]+\.$/)
    expect(description).toContain('The thread sleeps in')
    const lines = drawing.parts.flatMap((part) => (part.kind === 'box' ? part.lines : []))
    const waits = lines.filter((line) => line.waits).flatMap(({ words }) => codeIn(words))
    expect(waits.filter((call) => !description.includes(call))).toEqual([])
  })

  test('its file is what the data give, and its page shows it', () => {
    const path = `docs/drawings/${drawing.model}.svg`
    expect(readFileSync(new URL(path, ROOT), 'utf8')).toBe(drawings().get(path))
    const page = readFileSync(new URL(`docs/models/${drawing.model}.md`, ROOT), 'utf8')
    expect(page).toContain(`![${sentenceOf(drawing.model)}](../drawings/${drawing.model}.svg)`)
  })
})

describe('these rules find', () => {
  const right = DRAWINGS.find(({ model }) => model === 'poll-loop')!
  const changed = (id: string, change: object): Drawing => ({
    ...right,
    parts: right.parts.map((part) => (part.id === id ? { ...part, ...change } : part)),
  })

  test('a name that the code has no more, and one that is not marked', () => {
    expect(unknownNames(changed('loop', { title: '`readLoop`' }))).toEqual(['readLoop'])
    expect(unmarkedNames(changed('loop', { title: 'readLoop' }))).toEqual(['readLoop'])
  })

  test('text that is too long for its box, or lies on other text', () => {
    expect(badText(changed('loop', { at: [48, 30, 100] }))).toContain('`connections.handle`')
    expect(badText(changed('clients', { at: [100, 60] }))).toContain('clients')
  })

  test('boxes that overlap, a box that sticks out of its thread, and an arrow that misses', () => {
    expect(badParts(changed('connection', { at: [140, 100, 184] }))).toEqual([
      'loop and connection',
    ])
    expect(badParts(changed('loop', { at: [48, 2, 172] }))).toEqual(['thread and loop'])
    const lines = [{ words: '`waiting`', cells: '#'.repeat(14) }]
    expect(badParts(changed('connection', { lines }))).toEqual(['a queue of connection'])
    expect(badArrows(changed('connection', { at: [10, 136, 184] }))).not.toEqual([])
  })
})

describe.skipIf(chromiumPath === undefined)(
  'in Chromium, if it is installed or $CHROMIUM is its path',
  () => {
    let browser: Browser
    let page: Page

    beforeAll(async () => {
      browser = await chromium.launch({ executablePath: chromiumPath! })
      page = await browser.newPage()
    })

    afterAll(() => browser?.close())

    /** What the browser measures, in the order of the words. */
    async function measure(svg: string): Promise<{ width: number; text: string }[]> {
      await page.setContent(svg)
      return page.$$eval('text', (texts) =>
        texts.map((text) => ({ width: text.getBBox().width, text: text.textContent ?? '' })),
      )
    }

    test.each(DRAWINGS)('no text of $model is wider than it was taken for', async (drawing) => {
      const taken: PlacedWords[] = [...wordsIn(drawing), ...wordsOfLegend(drawing.height)]
      const measured = await measure(drawings().get(`docs/drawings/${drawing.model}.svg`)!)
      expect(measured).toHaveLength(taken.length)
      const wider = measured.filter(({ width }, i) => width > areaOf(taken[i]!).width)
      expect(wider).toEqual([])
    })
  },
)

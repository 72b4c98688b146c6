/** The HTML report as Chromium shows it, from a file. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { renderHtml } from '../../bench/report/html.ts'
import { chromiumPath } from '../browser.ts'
import { wholeRun } from './html-documents.ts'

const SCREENS = [
  [360, 'light'],
  [360, 'dark'],
  [768, 'light'],
  [1280, 'light'],
  [1280, 'dark'],
] as const

/** What must stand out from the paper, by which property, and how much: WCAG 2, level AA. */
const VISIBLE = [
  ['h1, h2, h3, p, time, dt, dd, a, th, td, figcaption, strong', 'color', 4.5],
  ['svg text, svg tspan', 'fill', 4.5],
  ['svg circle:not(.hollow)', 'fill', 3],
] as const

describe.skipIf(chromiumPath === undefined)(
  'in Chromium, if it is installed or $CHROMIUM is its path',
  () => {
    let browser: Browser
    let folder: string
    let address: string

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'echo-html-test-'))
      const file = join(folder, 'report.html')
      await writeFile(file, renderHtml(wholeRun()))
      address = pathToFileURL(file).href
      browser = await chromium.launch({ executablePath: chromiumPath! })
    })

    afterAll(async () => {
      await browser?.close()
      await rm(folder, { recursive: true })
    })

    /** The page on a screen, and all that it has complained about or asked for. */
    async function open(width: number, colorScheme: 'light' | 'dark') {
      const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme })
      const complaints: string[] = []
      const requests: string[] = []
      page.on('console', (message) => complaints.push(message.text()))
      page.on('pageerror', (error) => complaints.push(error.message))
      page.on('request', (request) => requests.push(request.url()))
      await page.goto(address)
      return { page, complaints, requests }
    }

    test.each(SCREENS)(
      '%d pixels wide and %s: in order, and nothing sticks out',
      async (width, scheme) => {
        const { page, complaints, requests } = await open(width, scheme)
        expect(complaints).toEqual([])
        expect(requests).toEqual([address])
        expect(await widthOf(page)).toBe(width)
        expect(await cutOff(page, width)).toEqual([])
        expect(await overlaps(page)).toEqual([])
        await page.close()
      },
    )

    test.each(['light', 'dark'] as const)('%s: texts and marks stand out', async (scheme) => {
      const { page } = await open(1280, scheme)
      for (const [selector, property, needed] of VISIBLE) {
        const all = await contrasts(page, selector, property)
        expect(all.length).toBeGreaterThan(20)
        expect(all.filter(({ contrast }) => contrast < needed)).toEqual([])
      }
      await page.close()
    })

    test('on paper it is dark on white, and no table is cut off', async () => {
      const { page } = await open(700, 'dark')
      await page.emulateMedia({ media: 'print', colorScheme: 'dark' })
      expect(await widthOf(page)).toBe(700)
      expect(await colourOfPaper(page)).toBe('rgb(255, 255, 255)')
      await page.close()
    })

    test('headings go down by one step', async () => {
      const { page } = await open(1280, 'light')
      const levels = await page
        .locator('h1, h2, h3, h4, h5, h6')
        .evaluateAll((headings) => headings.map(({ tagName }) => Number(tagName[1])))
      expect(levels.filter((level) => level === 1)).toHaveLength(1)
      expect(levels[0]).toBe(1)
      expect(levels.filter((level, i) => i > 0 && level > levels[i - 1]! + 1)).toEqual([])
      await page.close()
    })

    test('charts and tables have names', async () => {
      const { page } = await open(1280, 'light')
      const count = (role: 'img' | 'table', name: string | RegExp) =>
        page.getByRole(role, { name }).count()
      expect(await count('img', 'CPU per message, µs')).toBe(5)
      expect(await count('img', /./)).toBe(await page.getByRole('img').count())
      expect(await count('table', /^1 connection: raw, 64 bytes, 1 s/)).toBe(1)
      expect(await count('table', /./)).toBe(await page.getByRole('table').count())
      await page.close()
    })
  },
)

/** Pixels; more than the screen has if the page scrolls sideways. */
function widthOf(page: Page): Promise<number> {
  return page.locator('html').evaluate((html) => html.scrollWidth)
}

function colourOfPaper(page: Page): Promise<string> {
  return page
    .locator('body')
    .evaluate((body) => body.ownerDocument.defaultView.getComputedStyle(body).backgroundColor)
}

interface Box {
  readonly text: string
  readonly chart: string
  readonly left: number
  readonly right: number
}

/** Where the texts stand that are shown. */
async function boxesOf(page: Page, selector: string): Promise<Box[]> {
  const boxes: Box[] = await page.locator(selector).evaluateAll((texts) =>
    texts.map((text) => {
      const { left, right } = text.getBoundingClientRect()
      const chart = text.closest('svg').getAttribute('aria-labelledby')
      return { text: text.textContent, chart, left, right }
    }),
  )
  return boxes.filter(({ left, right }) => right > left)
}

/** Texts of charts that the screen cuts off. */
async function cutOff(page: Page, width: number): Promise<Box[]> {
  const boxes = await boxesOf(page, 'svg text')
  return boxes.filter(({ left, right }) => left < 0 || right > width)
}

/** Labels of an axis that run into the one before. */
async function overlaps(page: Page): Promise<Box[]> {
  const boxes = await boxesOf(page, '.rows .axis text')
  return boxes.filter(({ chart, left }, i) => {
    const before = boxes[i - 1]
    return before?.chart === chart && left < before.right + 3
  })
}

interface Contrast {
  readonly text: string
  readonly contrast: number
}

/** Of what the selector finds, with the paper: WCAG 2. */
async function contrasts(
  page: Page,
  selector: string,
  property: 'color' | 'fill',
): Promise<Contrast[]> {
  const found: { text: string; colours: number[][] }[] = await page
    .locator(selector)
    .evaluateAll((elements, property) => {
      const { ownerDocument } = elements[0]
      const canvas = ownerDocument.createElement('canvas').getContext('2d')
      const styleOf = ownerDocument.defaultView.getComputedStyle
      /** A colour of any notation as a pixel of it. */
      const pixel = (colour: string): number[] => {
        canvas.fillStyle = colour
        canvas.fillRect(0, 0, 1, 1)
        return [...canvas.getImageData(0, 0, 1, 1).data.slice(0, 3)]
      }
      const paper = pixel(styleOf(ownerDocument.body).backgroundColor)
      return elements.map((element) => ({
        text: element.textContent,
        colours: [paper, pixel(styleOf(element)[property])],
      }))
    }, property)
  return found.map(({ text, colours }) => {
    const [dark = 0, light = 0] = colours.map(luminance).toSorted((a, b) => a - b)
    return { text, contrast: (light + 0.05) / (dark + 0.05) }
  })
}

/** @param pixel red, green and blue, each from 0 to 255 */
function luminance(pixel: readonly number[]): number {
  const [red = 0, green = 0, blue = 0] = pixel
    .map((byte) => byte / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/** The page that sets models side by side, as Chromium shows it from a file. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { siteScript, siteStyle } from '../../docs/build/assets.ts'
import { openHighlighter } from '../../docs/build/code.ts'
import { document } from '../../docs/build/shell.ts'
import { sideBySidePage } from '../../docs/build/side-by-side/page.ts'
import { MODELS } from '../../servers/models.ts'
import { chromiumPath } from '../browser.ts'

const AXE = createRequire(import.meta.url).resolve('axe-core')

/** The most that the page may weigh, in bytes: it holds the code and the pictures of all models. */
const HEAVIEST = 6_000_000

describe.skipIf(chromiumPath === undefined)(
  'in Chromium, if it is installed or $CHROMIUM is its path',
  () => {
    let browser: Browser
    let folder: string
    let address: string
    let size: number
    /** One page for the tests that only look; what they look at is said by the address. */
    let looked: Page

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'echo-side-by-side-test-'))
      const page = await sideBySidePage(await openHighlighter())
      const text = document(page, false)
      size = Buffer.byteLength(text)
      await writeFile(join(folder, page.path), text)
      await writeFile(join(folder, 'site.css'), siteStyle())
      await writeFile(join(folder, 'site.js'), await siteScript([]))
      address = pathToFileURL(join(folder, page.path)).href
      browser = await chromium.launch({ executablePath: chromiumPath! })
      looked = await browser.newPage()
    })

    afterAll(async () => {
      await browser?.close()
      await rm(folder, { recursive: true })
    })

    async function open(hash = '', options: BrowserContextOptions = {}) {
      const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, ...options })
      const complaints: string[] = []
      page.on('console', (message) => complaints.push(message.text()))
      page.on('pageerror', (error) => complaints.push(error.message))
      await page.goto(address + hash)
      return { page, complaints }
    }

    async function look(hash: string, width = 1280): Promise<Page> {
      await looked.setViewportSize({ width, height: 900 })
      await looked.goto(address + hash)
      return looked
    }

    test('it is not too heavy', () => {
      expect(size).toBeLessThan(HEAVIEST)
    })

    test('at first it shows two models, and nothing goes wrong', async () => {
      const { page, complaints } = await open()
      expect(await shown(page)).toEqual(['03-poll-loop', '09-async-await'])
      expect(complaints).toEqual([])
      await page.close()
    })

    test.each([
      ['#blocking-serial,02-threads', ['01-blocking-serial', '02-threads']],
      ['#07-green-threads', ['07-green-threads']],
      ['#01-blocking-serial,02-threads,07-green-threads/reply', ['01-blocking-serial', '02-threads', '07-green-threads']], // biome-ignore format: a table
    ])('an address says what it shows: %s', async (hash, models) => {
      const page = await look(hash)
      expect(await shown(page)).toEqual(models)
      expect(await page.locator('.complaint').textContent()).toBe('')
    })

    test('an address leads to its row at once', async () => {
      const { page } = await open('#02-threads,07-green-threads/scene-hog')
      expect(await shown(page)).toEqual(['02-threads', '07-green-threads'])
      expect(await focused(page)).toBe('scene-hog-title')
      await expectUncovered(page, '#scene-hog-title')
      await page.close()
    })

    test('a name that does not exist is answered by the nearest', async () => {
      const page = await look('#threads,asinc-await')
      expect(await shown(page)).toEqual(['02-threads'])
      const complaint = page.getByRole('alert')
      expect(await complaint.textContent()).toBe(
        'There is no model “asinc-await”. Did you mean async-await?',
      )
    })

    test('the keyboard alone chooses, adds, removes and swaps', async () => {
      const { page } = await open()
      const keyboard = page.keyboard
      await keyboard.press('1')
      await keyboard.type('02')
      expect(await shown(page)).toEqual(['02-threads', '09-async-await'])
      await keyboard.press('Escape')
      await keyboard.press('3')
      expect(await shown(page)).toEqual(['02-threads', '09-async-await', '10-cluster'])
      await keyboard.press('Tab')
      await keyboard.press('Enter')
      await keyboard.press('s')
      expect(await shown(page)).toEqual(['09-async-await', '02-threads'])
      expect(new URL(page.url()).hash).toBe('#09-async-await,02-threads')
      expect(await page.getByRole('status').allTextContents()).toContain(
        'Shown: 09-async-await, 02-threads.',
      )
      await page.close()
    })

    test('j and k go through the rows', async () => {
      const { page } = await open()
      const places: (string | null)[] = []
      for (const key of ['j', 'j', 'j', 'k']) {
        await page.keyboard.press(key)
        places.push(await focused(page))
      }
      expect(places).toEqual(['questions', 'bare', 'accept', 'bare'].map((id) => `${id}-title`))
      await expectUncovered(page, '#bare-title')
      await page.close()
    })

    test('a model that is shown already changes places', async () => {
      const { page } = await open()
      await page.locator('.choice select').first().selectOption('09-async-await')
      expect(await shown(page)).toEqual(['09-async-await', '03-poll-loop'])
      await page.close()
    })

    test('links to rows keep the models, and the way back leads to them', async () => {
      const { page } = await open('#threads,reactor')
      await page
        .getByRole('navigation', { name: 'Rows' })
        .getByRole('link', { name: 'Idle' })
        .click()
      expect(new URL(page.url()).hash).toBe('#02-threads,06-reactor/idle')
      await expectUncovered(page, '#idle-title')
      await page.locator('.choice select').first().selectOption('08-callbacks')
      await page.goBack()
      expect(await shown(page)).toEqual(['02-threads', '06-reactor'])
      await page.close()
    })

    test('differences are marked when asked for, and only then', async () => {
      const { page } = await open('#04-asyncore,05-asynchat')
      const marks = () => page.evaluate("CSS.highlights.get('difference')?.size ?? 0")
      expect(await marks()).toBe(0)
      await page.keyboard.press('d')
      expect(await marks()).toBeGreaterThan(20)
      const numbers = await page.locator('#bare a.different:visible').count()
      expect(numbers).toBeGreaterThan(3)
      await page.keyboard.press('d')
      expect([await marks(), await page.locator('.different').count()]).toEqual([0, 0])
      await page.close()
    })

    test('cells of a row begin at the same height, and their facts too', async () => {
      const page = await look('#01-blocking-serial,02-threads,07-green-threads', 1700)
      for (const row of await page.locator('.row').all()) {
        expect(new Set(await tops(row.locator('.cell:visible'))).size).toBe(1)
      }
      expect(new Set(await tops(page.locator('#costs .cell:visible dl > div'))).size).toBe(
        await page.locator('#costs .cell:visible').first().locator('dl > div').count(),
      )
    })

    test('on a phone the models stand under each other, each with its name', async () => {
      const page = await look('#poll-loop,async-await', 390)
      const boxes = await boxesOf(page.locator('#reply .cell:visible'))
      expect(boxes).toHaveLength(2)
      expect(boxes[1]!.y).toBeGreaterThan(boxes[0]!.y + boxes[0]!.height)
      const names = page.locator('#reply .cell:visible h3')
      expect(await names.allInnerTexts()).toEqual(['03 poll-loop', '09 async-await'])
    })

    test.each([
      [390, '#threads,cluster'],
      [768, '#threads,cluster'],
      [1280, '#threads,cluster'],
      [1280, '#threads,cluster,reactor'],
      [1700, '#threads,cluster,reactor'],
    ])('%d pixels wide, %s: nothing scrolls sideways but code', async (width, hash) => {
      const page = await look(hash, width)
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width)
    })

    test('without a script every row shows all models', async () => {
      const { page } = await open('', { javaScriptEnabled: false })
      for (const row of await page.locator('.row').all()) {
        expect(await row.locator('.cell:visible').count()).toBe(MODELS.length)
      }
      expect(await page.locator('.head:visible').count()).toBe(0)
      expect(await page.locator('.without-script').isVisible()).toBe(true)
      const { width } = (await page.locator('main').boundingBox())!
      expect(width).toBeLessThanOrEqual(1280)
      await page.close()
    })

    /** In the dark all is the same but for the colours; those of code are the same on all pages. */
    test.each([
      ['light', {}, {}],
      ['dark', { exclude: ['pre'] }, { runOnly: ['color-contrast'] }],
    ] as const)(
      '%s: axe finds nothing',
      async (colorScheme, context, options) => {
        const { page } = await open('', { colorScheme })
        // What is hidden is not checked, but takes axe most of its time.
        await page.locator('.cell[hidden]').evaluateAll((all) => {
          for (const one of all) one.remove()
        })
        await page.addScriptTag({ path: AXE })
        const words = [{ include: ['html'], ...context }, options].map((one) => JSON.stringify(one))
        const found: { violations: Violation[] } = await page.evaluate(`axe.run(${words})`)
        const told = found.violations.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html)])
        expect(told).toEqual([])
        await page.close()
      },
      60_000,
    )
  },
)

interface Violation {
  readonly id: string
  readonly nodes: readonly { readonly html: string }[]
}

/** The models that are shown, from left to right; the same in every row. */
async function shown(page: Page): Promise<string[]> {
  const rows = await page.locator('.row').all()
  const cells = await Promise.all(
    rows.map((row) =>
      row.locator('.cell:visible').evaluateAll((all) => all.map(({ dataset }) => dataset.model)),
    ),
  )
  expect(new Set(cells.map(String)).size).toBe(1)
  return cells[0]!
}

function focused(page: Page): Promise<string> {
  return page.evaluate('document.activeElement.id')
}

/** It is on the screen, and the head does not cover it. */
async function expectUncovered(page: Page, selector: string): Promise<void> {
  const head = (await page.locator('.head').boundingBox())!
  const { y } = (await page.locator(selector).boundingBox())!
  expect(y).toBeGreaterThanOrEqual(Math.max(0, head.y + head.height))
  expect(y).toBeLessThan(800)
}

async function boxesOf(locator: ReturnType<Page['locator']>) {
  const boxes = await Promise.all((await locator.all()).map((each) => each.boundingBox()))
  return boxes.map((box) => box!)
}

async function tops(locator: ReturnType<Page['locator']>): Promise<number[]> {
  return (await boxesOf(locator)).map(({ y }) => Math.round(y))
}

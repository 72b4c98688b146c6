import { pathToFileURL } from 'node:url'
import axe from 'axe-core'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CHAIN } from '../../docs/build/pages.ts'
import { chromiumPath } from '../browser.ts'

const SCREENS = [
  [390, 'light'],
  [768, 'dark'],
  [1280, 'dark'],
  [1280, 'light'],
] as const
/** One with long lines, one of a folder, and the root of all. */
const CODE = ['servers/posix/libc.ts', 'servers/03-poll-loop/index', 'index']
const ALL = [...CHAIN.map(({ path }) => path), ...CODE.map((name) => `code/${name}.html`)]
/** One of each kind; the board has tests of its own. */
const KINDS = [
  'index.html',
  'protocol.html',
  'models/poll-loop.html',
  'servers.html',
  'scenes.html',
  'code/servers/03-poll-loop/echo.ts.html',
  'code/servers/03-poll-loop/index.html',
]

/** The site as Chromium shows it, from files. */
export function browserTests(folder: () => string): void {
  describe.skipIf(chromiumPath === undefined)('if it is installed or $CHROMIUM is its path', () => {
    let browser: Browser

    beforeAll(async () => {
      browser = await chromium.launch({ executablePath: chromiumPath! })
    })

    afterAll(() => browser?.close())

    const addressOf = (path: string) => `${pathToFileURL(folder()).href}/${path}`

    /** A page of the browser, and all that it has complained about or asked for. */
    async function open(path: string, options: BrowserContextOptions = {}) {
      const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, ...options })
      const complaints: string[] = []
      page.on('console', (message) => complaints.push(message.text()))
      page.on('pageerror', (error) => complaints.push(error.message))
      page.on('request', (request) => {
        if (!request.url().startsWith(addressOf(''))) complaints.push(request.url())
      })
      await page.goto(addressOf(path))
      return { page, complaints }
    }

    test('no page complains, asks for anything, or scrolls sideways', async () => {
      const { page, complaints } = await open('index.html')
      for (const path of ALL) {
        await page.goto(addressOf(path))
        for (const [width, colorScheme] of SCREENS) {
          await page.emulateMedia({ colorScheme })
          await page.setViewportSize({ width, height: 800 })
          expect(await widthOf(page), `${path} at ${width}, ${colorScheme}`).toBe(width)
        }
      }
      expect(complaints).toEqual([])
      await page.close()
    }, 60_000)

    test('axe finds nothing serious, and every colour stands out in light and dark', async () => {
      const { page } = await open('index.html')
      for (const path of KINDS) {
        await page.goto(addressOf(path))
        await page.evaluate(axe.source)
        await page.emulateMedia({ colorScheme: 'light' })
        expect(await violations(page), path).toEqual([])
        await page.emulateMedia({ colorScheme: 'dark' })
        expect(await violations(page, ['color-contrast']), `${path}, dark`).toEqual([])
      }
      await page.close()
    }, 60_000)

    test('the search works by keyboard alone', async () => {
      const { page, complaints } = await open('models/threads.html')
      const box = page.getByRole('combobox', { name: 'Search' })
      await page.keyboard.press('/')
      await page.keyboard.type('back pressure')
      const options = page.getByRole('option')
      expect(await box.getAttribute('aria-expanded')).toBe('true')
      expect(await options.count()).toBeGreaterThan(3)
      await page.keyboard.press('ArrowUp')
      await page.keyboard.press('ArrowDown')
      await page.keyboard.press('ArrowDown')
      const chosen = page.locator('[role=option][aria-selected=true]')
      expect(await chosen.getAttribute('id')).toBe('found-0')
      expect(await box.getAttribute('aria-activedescendant')).toBe('found-0')
      await page.keyboard.press('Enter')
      await page.waitForURL(/\.html#/)
      expect(await page.locator(':target').count()).toBe(1)
      expect(complaints).toEqual([])
      await page.close()
    })

    test('Escape closes the search, and then leaves it', async () => {
      const { page } = await open('index.html')
      await page.keyboard.press('/')
      await page.keyboard.type('poll')
      const box = page.getByRole('combobox')
      await page.keyboard.press('Escape')
      expect(await box.getAttribute('aria-expanded')).toBe('false')
      expect(await box.inputValue()).toBe('poll')
      await page.keyboard.press('Escape')
      expect(await box.inputValue()).toBe('')
      expect(await page.locator('input:focus').count()).toBe(0)
      await page.close()
    })

    test('keys step through a timeline, with a sentence each', async () => {
      const { page } = await open('scenes.html')
      const figure = page.locator('figure.timeline').first()
      const rows = await figure.locator('tbody tr').count()
      const said = figure.locator('output')
      const line = figure.locator('line.now')
      await figure.locator('.picture').focus()
      await page.keyboard.press('ArrowRight')
      expect(await said.textContent()).toMatch(
        new RegExp(`^1 of ${rows}: 0.00 ms: server thread: `),
      )
      await page.keyboard.press('End')
      expect(await said.textContent()).toMatch(new RegExp(`^${rows} of ${rows}: `))
      expect(Number(await line.getAttribute('x1'))).toBeGreaterThan(500)
      await figure.getByRole('button', { name: 'Step back' }).click()
      expect(await said.textContent()).toMatch(new RegExp(`^${rows - 1} of ${rows}: `))
      // The bars are links to the lines of the source; a model's own comes first in its lane.
      expect(await figure.locator('svg a').first().getAttribute('href')).toMatch(
        /echo\.ts\.html#L\d+$/,
      )
      await page.close()
    })

    test('without a script there is no search, and the navigation opens', async () => {
      const { page } = await open('protocol.html', {
        javaScriptEnabled: false,
        viewport: { width: 390, height: 800 },
      })
      expect(await page.locator('form.search').isVisible()).toBe(false)
      const link = page.getByRole('navigation', { name: 'Pages' }).getByText('Glossary')
      expect(await link.isVisible()).toBe(false)
      await page.getByText('All pages').click()
      await link.click()
      expect(page.url()).toBe(addressOf('glossary.html'))
      await page.close()
    })

    test('on a wide screen the navigation is open', async () => {
      const { page } = await open('protocol.html')
      const link = page.getByRole('navigation', { name: 'Pages' }).getByText('Glossary')
      expect(await link.isVisible()).toBe(true)
      await page.close()
    })

    test('on paper there is the text, dark on white', async () => {
      const { page } = await open('models/poll-loop.html', { colorScheme: 'dark' })
      await page.setViewportSize({ width: 700, height: 800 })
      await page.emulateMedia({ media: 'print', colorScheme: 'dark' })
      expect(await widthOf(page)).toBe(700)
      expect(await page.getByRole('navigation').count()).toBe(0)
      const paper = await page.locator('body').evaluate((body) => {
        return body.ownerDocument.defaultView.getComputedStyle(body).backgroundColor
      })
      expect(paper).toBe('rgb(255, 255, 255)')
      await page.close()
    })
  })
}

/** Pixels; more than the screen has if the page scrolls sideways. */
function widthOf(page: Page): Promise<number> {
  return page.locator('html').evaluate((html) => html.scrollWidth)
}

/** What axe calls serious or critical, each with the elements. */
async function violations(page: Page, rules?: readonly string[]): Promise<string[]> {
  const options = { resultTypes: ['violations'], ...(rules && { runOnly: rules }) }
  const found: { id: string; impact: string; nodes: { html: string }[] }[] = await page.evaluate(
    `axe.run(${JSON.stringify(options)}).then(({ violations }) => violations)`,
  )
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`)
}

/** The page of the program `websocket`, as Chromium shows it. */
import axe from 'axe-core'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { chromiumPath } from '../browser.ts'
import { launchApp, urlOf } from './harness.ts'

const LOST = 'The connection has ended. This page tries to connect again.'

describe.skipIf(chromiumPath === undefined)('if it is installed or $CHROMIUM is its path', () => {
  let browser: Browser

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: chromiumPath! })
  })

  afterAll(() => browser?.close())

  const caption = (page: Page) => page.locator('figcaption')
  const status = (page: Page) => page.getByRole('status')

  /** Waits until the text says that numbers have come; how many of the last ten, is up to you. */
  async function numbersOf(page: Page, least: number): Promise<string> {
    const pattern = new RegExp(`newest first: [1-5](, [1-5]){${least - 1},}\\.$`)
    await caption(page).filter({ hasText: pattern }).waitFor()
    return (await caption(page).textContent())!
  }

  test('numbers come, nothing complains, and axe finds nothing serious', async () => {
    await using server = await launchApp('websocket')
    const page = await browser.newPage({ viewport: { width: 390, height: 800 } })
    const complaints: string[] = []
    page.on('console', (message) => complaints.push(message.text()))
    page.on('pageerror', (error) => complaints.push(error.message))
    await page.goto(urlOf(server))
    await numbersOf(page, 3)
    expect(await status(page).textContent()).toBe('Connected.')
    const points = await page.locator('polyline').getAttribute('points')
    expect(points!.split(' ').length).toBeGreaterThanOrEqual(3)
    expect(await page.locator('html').evaluate((html) => html.scrollWidth)).toBe(390)
    await page.evaluate(axe.source)
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      expect(await violations(page), colorScheme).toEqual([])
    }
    expect(complaints).toEqual([])
    await page.close()
  })

  test('the keyboard stops the picture, and the numbers go on to come', async () => {
    await using server = await launchApp('websocket')
    const page = await browser.newPage()
    const opened = page.waitForEvent('websocket')
    await page.goto(urlOf(server))
    const socket = await opened
    await numbersOf(page, 1)
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    const before = await caption(page).textContent()
    for (let i = 0; i < 2; i++) await socket.waitForEvent('framereceived')
    expect(await caption(page).textContent()).toBe(before)
    await page.keyboard.press('Enter')
    await numbersOf(page, 3)
    await page.close()
  })

  test('when the server has gone and comes back, the page connects again', async () => {
    const server = await launchApp('websocket')
    const page = await browser.newPage()
    await page.goto(urlOf(server))
    await numbersOf(page, 1)
    await server.kill()
    await status(page).filter({ hasText: LOST }).waitFor()
    await using _next = await launchApp('websocket', ['--port', String(server.address.port)])
    await status(page).filter({ hasText: 'Connected.' }).waitFor()
    await numbersOf(page, 3)
    await page.close()
  })
})

/** What axe calls serious or critical, each with the elements. */
async function violations(page: Page): Promise<string[]> {
  const found: { id: string; impact: string; nodes: { html: string }[] }[] = await page.evaluate(
    'axe.run().then(({ violations }) => violations)',
  )
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`)
}

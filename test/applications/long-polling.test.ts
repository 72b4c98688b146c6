/** long-polling: who gets which items, who is forgotten, and the page in a browser. */
import axe from 'axe-core'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { RunningServer } from '../../clients/launcher.ts'
import { ClientSession } from '../../clients/session.ts'
import { chromiumPath } from '../browser.ts'
import { launchApp, urlOf } from './harness.ts'

interface Item {
  readonly id: number
  readonly waited: number
}

let server: RunningServer

beforeAll(async () => {
  server = await launchApp('long-polling')
})

afterAll(() => server?.kill())

/** The items after this one, once there are some. */
async function itemsAfter(last: number): Promise<Item[]> {
  const answer = await fetch(urlOf(server, `/items?after=${last}`))
  expect(answer.status).toBe(200)
  return (await answer.json()) as Item[]
}

/** An item that has come just now: the next one is a second away. */
async function newest(): Promise<Item> {
  const known = await itemsAfter(0)
  return (await itemsAfter(known.at(-1)!.id)).at(-1)!
}

test('each client that waits gets each item', async () => {
  const { id } = await newest()
  const first = await Promise.all([itemsAfter(id), itemsAfter(id), itemsAfter(id)])
  expect(first.map((items) => items.map((item) => item.id))).toEqual(Array(3).fill([id + 1]))
})

test('what a client has missed comes at once, in order', async () => {
  const { id } = await newest()
  const items = await itemsAfter(0)
  expect(items.map((item) => item.id)).toEqual(Array.from({ length: id }, (_, i) => i + 1))
})

test('a number from before a restart of the server counts as none', async () => {
  expect((await itemsAfter(1e9))[0]!.id).toBe(1)
})

test.each(['end', 'reset'] as const)('a client that leaves by %s is forgotten', async (way) => {
  /** How many waited for an item, when two others have asked for it and left. */
  async function waited(): Promise<number> {
    const { id } = await newest()
    for (let i = 0; i < 2; i++) {
      using leaver = await ClientSession.connect(server.address)
      await leaver.send(`GET /items?after=${id} HTTP/1.1\r\nHost: a\r\n\r\n`)
      leaver[way]()
    }
    return (await itemsAfter(id))[0]!.waited
  }
  // On a busy machine all of this may take longer than the item: then it waits for the next.
  const tries: number[] = []
  while (tries.at(-1) !== 1 && tries.length < 5) tries.push(await waited())
  expect(tries.at(-1), `waited: ${tries}`).toBe(1)
})

describe.skipIf(chromiumPath === undefined)('the page, if there is a browser', () => {
  let browser: Browser

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: chromiumPath! })
  })

  afterAll(() => browser?.close())

  async function open(): Promise<{ page: Page; complaints: string[] }> {
    const page = await browser.newPage({ viewport: { width: 390, height: 800 } })
    const complaints: string[] = []
    page.on('console', (message) => complaints.push(message.text()))
    page.on('pageerror', (error) => complaints.push(error.message))
    await page.goto(urlOf(server))
    return { page, complaints }
  }

  const lines = (page: Page) => page.getByRole('listitem').allTextContents()

  test('shows the items as they come, stops for Pause, and then misses none', async () => {
    const { page, complaints } = await open()
    await page.getByText('Connected').waitFor()
    await page.getByRole('button', { name: 'Pause' }).focus()
    await page.keyboard.press('Enter')
    const [last] = await lines(page)
    await newest()
    expect((await lines(page))[0]).toBe(last)
    await page.keyboard.press('Enter')
    const id = Number.parseInt(last!, 10)
    await page.getByText(new RegExp(`^${id + 2}: `)).waitFor()
    const ids = (await lines(page)).map((line) => Number.parseInt(line, 10))
    expect(ids).toEqual(ids.map((_, i) => ids[0]! - i))
    expect(complaints).toEqual([])
    await page.close()
  })

  test.each(['light', 'dark'] as const)('axe finds nothing serious in %s', async (colorScheme) => {
    const { page, complaints } = await open()
    await page.emulateMedia({ colorScheme })
    await page.getByRole('listitem').first().waitFor()
    await page.evaluate(axe.source)
    const found: { id: string; impact: string }[] = await page.evaluate(
      "axe.run({ resultTypes: ['violations'] }).then(({ violations }) => violations)",
    )
    const serious = found.filter(({ impact }) => ['serious', 'critical'].includes(impact))
    expect(serious.map(({ id }) => id)).toEqual([])
    expect(await page.locator('html').evaluate((html) => html.scrollWidth)).toBe(390)
    expect(complaints).toEqual([])
    await page.close()
  })
})

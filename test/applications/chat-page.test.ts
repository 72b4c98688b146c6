/** The page of the chat in Chromium: two people in two browsers on two servers, one of which dies. */
import axe from 'axe-core'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { RedisServer } from '../../bench/storm/redis-server.ts'
import type { RunningServer } from '../../clients/launcher.ts'
import { chromiumPath } from '../browser.ts'
import { launchApp, urlOf } from './harness.ts'
import { withRedis } from './redis.ts'

describe.skipIf(chromiumPath === undefined)('if Chromium is installed or in $CHROMIUM', () => {
  let browser: Browser

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: chromiumPath! })
  })

  afterAll(() => browser?.close())

  /** A person in a browser of its own, and what the console says there. */
  async function join(
    server: RunningServer,
    name: string,
    how = { polling: false, room: 'lobby' },
  ) {
    const context = await browser.newContext({ viewport: { width: 1000, height: 700 } })
    const page = await context.newPage()
    const complaints: string[] = []
    page.on('console', (message) => complaints.push(message.text()))
    page.on('pageerror', (error) => complaints.push(error.message))
    await page.goto(urlOf(server))
    await page.getByLabel('Your name').fill(name)
    await page.getByLabel('Room').fill(how.room)
    if (how.polling) await page.getByLabel('Long polling').check()
    await page.getByRole('button', { name: 'Join' }).press('Enter')
    await page.getByRole('status').getByText('Connected').waitFor()
    return { page, complaints }
  }

  async function say(page: Page, text: string): Promise<void> {
    await page.getByRole('textbox', { name: 'Message' }).fill(text)
    await page.keyboard.press('Enter')
  }

  /** The messages that the page shows, as `name: text`, once the last one of them is this one. */
  async function shown(page: Page, last: string): Promise<string[]> {
    const log = page.getByRole('log')
    await log.locator('p').filter({ hasText: last }).waitFor()
    const texts = await log.locator('p').allTextContents()
    return texts.map((text) => text.replace(/^\S+(?: [AP]M)? /, ''))
  }

  test('without a server of its own: names and texts are shown as text, and axe finds nothing', async () => {
    await using server = await launchApp('chat')
    const { page, complaints } = await join(server, 'Ada <i>')
    await say(page, '<img src=x onerror="document.title = 1">')
    expect(await shown(page, 'onerror')).toEqual([
      'Ada <i>: <img src=x onerror="document.title = 1">',
    ])
    expect(await page.title()).toBe('Chat: lobby')
    await page.evaluate(axe.source)
    for (const [width, colorScheme] of [
      [390, 'light'],
      [1000, 'dark'],
    ] as const) {
      await page.setViewportSize({ width, height: 700 })
      await page.emulateMedia({ colorScheme })
      expect(await violations(page), `${width}, ${colorScheme}`).toEqual([])
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width)
    }
    expect(complaints).toEqual([])
  })

  withRedis('with Redis', (redis) => {
    for (const polling of [false, true]) {
      test(`a server is killed, ${polling ? 'long polling' : 'WebSocket'}`, () =>
        twoServers(redis(), { polling, room: `polling-${polling}` }))
    }
  })

  async function twoServers(
    redis: RedisServer,
    how: { polling: boolean; room: string },
  ): Promise<void> {
    const flags = ['--bus', redis.url]
    await using one = await launchApp('chat', flags)
    await using two = await launchApp('chat', flags)
    const [ada, bob] = [await join(one, 'Ada', how), await join(two, 'Bob', how)]
    await ada.page.getByText(/^Here: 2 /).waitFor()
    await bob.page.getByText(/^Here: 2 /).waitFor()
    for (let i = 0; i < 5; i++) {
      await Promise.all([say(ada.page, `a${i}`), say(bob.page, `b${i}`)])
    }
    const [before] = await Promise.all([settled(ada.page, 10), settled(bob.page, 10)])
    expect(before).toEqual(await settled(bob.page, 10))
    await one.kill()
    await say(bob.page, 'while Ada is away')
    await say(ada.page, 'from elsewhere')
    const status = new URL(urlOf(two)).host
    await ada.page.getByRole('status').getByText(`Connected to ${status}`).waitFor()
    const after = await settled(ada.page, 12)
    expect(after).toEqual(await settled(bob.page, 12))
    expect(after.slice(0, 10)).toEqual(before)
    expect(new Set(after).size).toBe(12)
    expect(bob.complaints).toEqual([])
    // Chromium itself reports a connection that fails, and no page can prevent it.
    const own = ada.complaints.filter((text) => !/ERR_|WebSocket connection to/.test(text))
    expect(own).toEqual([])
  }

  /** The messages, once there are so many. */
  async function settled(page: Page, count: number): Promise<string[]> {
    await page
      .getByRole('log')
      .locator('p')
      .nth(count - 1)
      .waitFor()
    const texts = await page.getByRole('log').locator('p').allTextContents()
    expect(texts).toHaveLength(count)
    return texts
  }
})

async function violations(page: Page): Promise<string[]> {
  const found: { id: string; impact: string; nodes: { html: string }[] }[] = await page.evaluate(
    'axe.run().then(({ violations }) => violations)',
  )
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`)
}

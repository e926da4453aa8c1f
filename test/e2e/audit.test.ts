/** Every screen with a day's mail in it, troubled ones too, light and dark: nothing keeps a person out and nothing is asked of anyone else. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Browser, Page } from 'playwright-core'
import { barriers, buildEditor, hasChromium, openBrowser, openWindow, signIn } from './browser.ts'
import { startDemo, type Demo } from './demo.ts'

type Screen = readonly [where: string, seen: (page: Page) => Promise<unknown>]
const screens: readonly Screen[] = [
  ['/flows', (page) => page.getByText('Mailbox needs you').waitFor()],
  ['/flows/orders', (page) => page.getByRole('group', { name: /^Sort it,/ }).click().then(() => page.getByText('What to do').first().waitFor())],
  ['/flows/newsletter', (page) => page.getByText('To fix before it can run').waitFor()],
  ['/flows/support-tickets/versions', (page) => page.getByText('Version 1', { exact: true }).first().waitFor()],
  ['/flows/support-tickets/runs', (page) => page.getByRole('button', { name: /Scanner is dark/ }).click()],
  ['/runs', (page) => page.getByRole('button', { name: /disk 91/ }).click().then(() => page.getByText('Nothing has to be done').waitFor())],
  ['/mailboxes', (page) => page.getByText('so that the account is not locked').waitFor()],
  ['/outbox', (page) => page.getByRole('button', { name: 'Decide' }).waitFor()],
  ['/outbox?state=unknown', async (page) => {
    await page.getByRole('list', { name: 'Outbox, newest first' }).getByRole('button').first().click()
    await page.getByRole('button', { name: 'Send again' }).waitFor()
  }],
  ['/connections', (page) => page.getByText('needs you').waitFor()],
]

describe.skipIf(!hasChromium())('in Chromium', () => {
  let browser: Browser
  let demo: Demo

  beforeAll(async () => {
    await buildEditor()
    demo = await startDemo()
    browser = await openBrowser()
  })
  afterAll(async () => {
    await browser.close()
    await demo.stop()
  })

  test.each(['light', 'dark'] as const)('[ED70] no screen keeps a person out, in %s colours', async (colorScheme) => {
    const { page, complaints, strangers } = await openWindow(browser, demo.product, { width: 1280, height: 800, colorScheme })
    await signIn(page, demo.product)
    for (const [where, seen] of screens) {
      await page.goto(demo.product.url + where)
      await seen(page)
      expect.soft(await barriers(page), where).toEqual([])
      expect.soft(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), where).toBe(true)
    }
    expect(complaints.filter((complaint) => !/status of 401 .*\/api\/me\)$/.test(complaint))).toEqual([])
    expect(strangers).toEqual([])
  })
})

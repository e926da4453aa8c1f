/** The page "People" as the administrator uses it, what a colleague then sees, and a connection shared with one of them. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Browser, Page } from 'playwright-core'
import { dropFolder, makeFolder, startProduct, type Product } from '../product.ts'
import { barriers, buildEditor, hasChromium, openBrowser, openWindow, signIn, type Look } from './browser.ts'

describe.skipIf(!hasChromium())('in Chromium', () => {
  let browser: Browser
  let product: Product
  let folder: string
  beforeAll(async () => {
    await buildEditor()
    folder = await makeFolder()
    product = await startProduct(folder)
    browser = await openBrowser()
  })
  afterAll(async () => {
    await browser.close()
    await product.kill('SIGTERM')
    await dropFolder(folder)
  })
  const people = async (size: Look = {}): Promise<Page> => {
    const { page } = await openWindow(browser, product, size)
    await signIn(page, product)
    await page.getByRole('link', { name: 'People' }).click()
    await page.getByRole('heading', { name: 'People', exact: true }).waitFor()
    return page
  }
  const add = async (page: Page, name: string, ...rights: readonly string[]): Promise<string> => {
    await page.getByRole('button', { name: 'Add a person' }).first().click()
    await page.getByLabel('Name').fill(name)
    for (const right of rights) await page.getByLabel(right).check()
    await page.getByRole('button', { name: 'Add', exact: true }).click()
    return page.getByLabel('Link to sign in', { exact: true }).inputValue()
  }

  test('[ED135] a person is added with a link shown once; signed in by it they may do what was said, and lose it at once', async () => {
    const page = await people()
    await page.getByText('Nobody but you yet').waitFor()
    await page.getByRole('button', { name: 'Add a person' }).click()
    await page.getByRole('button', { name: 'Add', exact: true }).click()
    await page.getByText('Type a name').waitFor()
    expect(await barriers(page)).toEqual([])
    await page.getByRole('button', { name: 'Cancel' }).click()
    const link = await add(page, 'Anna Meyer', 'Draw flows')
    expect(link).toMatch(new RegExp(`^${product.url}/sign-in#[\\w-]{32}$`))
    expect(await barriers(page)).toEqual([])
    await page.getByRole('button', { name: 'Done' }).click()
    await page.getByText('Look, Draw flows').waitFor()
    expect(await page.content()).not.toContain(link.split('#')[1])

    const { page: hers } = await openWindow(browser, product)
    await hers.goto(link)
    await hers.getByRole('heading', { name: 'Flows', exact: true }).waitFor()
    expect(await hers.getByRole('link', { name: 'People' }).count()).toBe(0)
    await hers.getByRole('link', { name: 'Connections' }).click()
    const make = hers.getByRole('button', { name: 'New connection' })
    await make.waitFor()
    expect([await make.isDisabled(), await make.getAttribute('title')]).toEqual([true, 'You may not change connections. The administrator can allow it.'])

    await page.getByRole('button', { name: 'Change what Anna Meyer may do' }).click()
    await page.getByLabel('Change connections').check()
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Look, Draw flows, Change connections').waitFor()
    await hers.locator('button:enabled', { hasText: 'New connection' }).waitFor()

    await page.getByRole('button', { name: 'Remove Anna Meyer' }).click()
    await page.getByRole('button', { name: 'Remove', exact: true }).click()
    await page.getByText('Nobody but you yet').waitFor()
    await hers.getByRole('heading', { name: 'Sign in to Mailweave' }).waitFor()
  })

  test('[ED136] long names in the dark keep their place, and a connection shared with one is out of the other\'s sight', async () => {
    const page = await people({ width: 1280, height: 800, colorScheme: 'dark' })
    const long = 'Wolfeschlegelsteinhausenbergerdorff-Oberhuber, the second'.replaceAll(',', '').padEnd(64, 'x')
    await add(page, long, 'Draw flows', 'Deploy', 'Change connections')
    await page.getByRole('button', { name: 'Done' }).click()
    const link = await add(page, 'Bo', 'Change connections')
    await page.getByRole('button', { name: 'Done' }).click()
    await page.getByText('Look, Change connections').waitFor()
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0)
    expect(await barriers(page)).toEqual([])

    await page.getByRole('link', { name: 'Connections' }).click()
    await page.getByRole('button', { name: 'New connection' }).first().click()
    const form = page.getByRole('dialog')
    await form.getByLabel('Server', { exact: true }).fill('imap.example.org')
    await form.getByLabel('Name', { exact: true }).fill('Payroll inbox')
    await form.getByRole('button', { name: /^Who may use it/ }).click()
    await form.getByRole('combobox', { name: 'Shared with' }).click()
    await page.getByRole('option', { name: 'people by name' }).click()
    await form.getByLabel(long).check()
    expect(await barriers(page)).toEqual([])
    await form.getByRole('button', { name: 'Save connection' }).click()
    await page.getByText(`Shared with ${long}`).waitFor()

    const { page: his } = await openWindow(browser, product)
    await his.goto(link)
    await his.getByRole('link', { name: 'Connections' }).click()
    await his.getByText('No mail account yet').waitFor()
    expect(await his.getByText('Payroll inbox').count()).toBe(0)
  })
})

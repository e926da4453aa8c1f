/** A flow made without ever touching the mouse: what a person reaches with Tab, Enter and the arrows is enough. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Browser, Locator, Page } from 'playwright-core'
import type { FlowView } from '#shared/api.ts'
import { dropFolder, makeFolder, startProduct, type Product } from '../product.ts'
import { buildEditor, hasChromium, openBrowser, openWindow, signIn } from './browser.ts'

describe.skipIf(!hasChromium())('in Chromium', () => {
  let browser: Browser
  let product: Product
  let folder: string

  beforeAll(async () => {
    await buildEditor()
    folder = await makeFolder()
    product = await startProduct(folder, { sandbox: true })
    browser = await openBrowser()
  })
  afterAll(async () => {
    await browser.close()
    await product.kill('SIGTERM')
    await dropFolder(folder)
  })

  test('[ED74] with Tab, Enter and arrows alone a flow is named, drawn, set up, mapped and deployed, and focus is never lost', async () => {
    const { page } = await openWindow(browser, product)
    await signIn(page, product)
    const { keyboard } = page
    await tabTo(page, page.getByRole('button', { name: 'New flow' }))
    await keyboard.press('Enter')
    const dialog = page.getByRole('dialog', { name: 'New flow' })
    await hasFocus(dialog.getByLabel('Name'))
    await keyboard.type('Made by keys')
    await keyboard.press('Tab')
    await keyboard.press('ArrowUp')
    await dialog.getByRole('radio', { name: /An empty canvas/, checked: true }).waitFor()
    await keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Every flow starts with a mailbox' }).waitFor()

    for (const step of ['Receive email', 'Map data', 'Send email']) {
      await tabTo(page, page.getByRole('toolbar', { name: 'Steps to add' }).getByRole('button', { name: new RegExp(`^${step}`) }))
      await keyboard.press('Enter')
      await card(page, step).waitFor()
    }

    // From a card into its settings with Enter, back with Escape.
    await tabTo(page, card(page, 'Receive email'))
    await keyboard.press('Enter')
    await hasFocus(page.getByRole('combobox', { name: 'Connection' }).or(page.getByRole('textbox', { name: 'Connection' })))
    await pick(page, 'Sandbox')
    await keyboard.press('Escape')
    await hasFocus(card(page, 'Receive email'))

    await tabTo(page, card(page, 'Send email'))
    await keyboard.press('Enter')
    await tabTo(page, page.getByRole('combobox', { name: 'Connection' }).or(page.getByRole('textbox', { name: 'Connection' })))
    await pick(page, 'Sandbox')
    await tabTo(page, page.getByLabel('From', { exact: true }))
    await keyboard.type('desk@sandbox.example')
    await tabTo(page, page.getByLabel('To', { exact: true }))
    await keyboard.type('team@sandbox.example')
    await keyboard.press('Escape')
    await hasFocus(card(page, 'Send email'))

    await tabTo(page, card(page, 'Map data'))
    await keyboard.press('Enter')
    await tabTo(page, page.getByRole('button', { name: 'Add the usual rows' }))
    await keyboard.press('Enter')
    await page.getByRole('region', { name: 'Mapping' }).getByRole('button', { name: /^Subject/ }).waitFor()
    await focusIsSomewhere(page)

    await tabTo(page, page.getByRole('button', { name: 'Deploy v1' }))
    await keyboard.press('Enter')
    await hasFocus(page.getByRole('dialog').getByRole('button', { name: 'Deploy v1' }))
    await keyboard.press('Enter')
    await page.getByText('Running v1').waitFor()
    await focusIsSomewhere(page)

    const { flow, running } = await product.api<FlowView>('GET', '/api/flows/made-by-keys')
    expect(running).toBe(1)
    expect(flow?.edges).toEqual([{ from: 'receive', to: 'map' }, { from: 'map', to: 'send' }])
    expect(flow?.nodes.map((node) => node.config['connection'])).toEqual(['sandbox-inbox', undefined, 'sandbox-outbox'])
  })
})

const card = (page: Page, name: string): Locator => page.getByRole('group', { name: new RegExp(`^${name},`) })
const isFocused = (place: Locator): Promise<boolean> => place.evaluateAll((found) => found.some((element) => element === document.activeElement))
const hasFocus = (place: Locator): Promise<void> => place.and(place.page().locator(':focus')).waitFor()

/** More than any screen of the editor has; whoever is not there by then cannot be reached. */
const mostStops = 150
async function tabTo(page: Page, place: Locator): Promise<void> {
  await place.first().waitFor()
  for (let stops = 0; stops < mostStops; stops += 1) {
    if (await isFocused(place)) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`Tab never reaches ${String(place)}`)
}

/** Opens the list of the chooser that has the focus, goes down to an entry and takes it. */
async function pick(page: Page, entry: string): Promise<void> {
  await page.keyboard.press('ArrowDown')
  const options = page.getByRole('listbox').getByRole('option')
  await options.first().waitFor()
  const there = options.filter({ hasText: entry }).and(page.locator('[data-combobox-selected]'))
  for (let left = await options.count(); left > 0 && await there.count() === 0; left -= 1) await page.keyboard.press('ArrowDown')
  await there.waitFor()
  await page.keyboard.press('Enter')
  await options.first().waitFor({ state: 'hidden' })
}

/** After what was pressed has gone away, the focus must not have fallen back to nothing. */
const focusIsSomewhere = (page: Page): Promise<void> => page.locator(':focus').waitFor()

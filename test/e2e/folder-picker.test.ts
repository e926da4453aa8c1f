/** Choosing one of several hundred folders, by mouse, by typing and by keyboard. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Browser } from 'playwright-core'
import type { FlowView } from '#shared/api.ts'
import { dropFolder, makeFolder, startProduct, type Product } from '../product.ts'
import { imapServer, type ImapServer } from '../servers/imap-server.ts'
import { until } from '../until.ts'
import { flowThrough } from '../world.ts'
import { barriers, buildEditor, hasChromium, openBrowser, openWindow, signIn } from './browser.ts'

describe.skipIf(!hasChromium())('in Chromium', () => {
  let browser: Browser
  let product: Product
  let server: ImapServer
  let folder: string
  beforeAll(async () => {
    await buildEditor()
    folder = await makeFolder()
    server = await imapServer()
    for (let nth = 1; nth <= 300; nth += 1) server.store.makeFolder('u0', `Customers/${nth % 7 === 0 ? `Größe & Söhne ${nth}, in a name that is longer than any list is wide` : `Customer ${nth}`}/Orders`)
    product = await startProduct(folder)
    await product.api('PUT', '/api/connections/inbox', { id: 'inbox', name: 'Inbox', kind: 'imap', host: '127.0.0.1', port: server.port, security: 'none', user: 'u0', password: server.account().password })
    await product.api('PUT', '/api/flows/orders', flowThrough('orders', []))
    browser = await openBrowser()
  })
  afterAll(async () => {
    await browser.close()
    await product.kill('SIGTERM')
    await server.stop()
    await dropFolder(folder)
  })

  test('[ED190] of three hundred folders the tree is shown as it stands, typing finds one by a part of its path, and the keyboard chooses it', async () => {
    const { page } = await openWindow(browser, product)
    await signIn(page, product)
    await page.goto(`${product.url}/flows/orders`)
    await page.locator('.react-flow__node[data-id="receive"]').click()
    const picker = page.getByRole('combobox', { name: 'Folder', exact: true })
    await picker.click()
    const options = page.locator(`[id="${await picker.getAttribute('aria-controls')}"]`).getByRole('option')
    // Each has a folder above it that is none itself, and all of them one more.
    await until(() => options.count(), (count) => count === 4 + 1 + 2 * 300)
    expect(await options.nth(4).innerText()).toBe('Customers')
    await picker.fill('söhne 147')
    await until(() => options.count(), (count) => count === 2)
    // Not the long list: axe takes its inner pane for one that only a mouse can scroll; the arrow keys do.
    expect(await barriers(page)).toEqual([])
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    const chosen = await picker.inputValue()
    expect(chosen).toMatch(/^Customers\/Größe & Söhne 147,.*\/Orders$/)
    await until(() => product.api<FlowView>('GET', '/api/flows/orders'), ({ flow }) => flow?.nodes[0]?.config['folder'] === chosen)
    await page.context().close()
  })
})

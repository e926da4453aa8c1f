/** Makes the pictures of docs/screens: `node test/e2e/screens.ts [folder]`. Each is the product itself with a day's mail in it. */
import { cp, mkdir } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { dropFolder, makeFolder, startProduct } from '../product.ts'
import { buildEditor, openBrowser, openWindow, signIn, type Look } from './browser.ts'
import { startDemo, type Demo } from './demo.ts'

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..')
const folder = path.resolve(process.argv[2] ?? path.join(root, 'docs', 'screens'))
const wide: Look = { width: 1440, height: 900 }
const usual: Look = { width: 1280, height: 800 }

await buildEditor()
await mkdir(folder, { recursive: true })
const browser = await openBrowser()
const demo = await startDemo()
try {
  await takeSignIn(browser, demo)
  for (const colorScheme of ['light', 'dark'] as const) {
    const name = (screen: string): string => (colorScheme === 'dark' ? `${screen}-dark` : screen)
    await take(browser, demo, { ...wide, colorScheme }, name('flow'), '/flows/support-tickets', async (page) => {
      await page.getByRole('group', { name: /^Receive email,/ }).click()
      await page.getByText('watching', { exact: false }).first().waitFor()
    })
    await take(browser, demo, { ...usual, colorScheme }, name('run'), '/runs', async (page) => {
      await page.getByRole('button', { name: /Printer on floor 3 jams again/ }).click()
      await page.getByRole('button', { name: 'Show the mail as it goes out' }).waitFor()
    })
  }
  await take(browser, demo, wide, 'mapper', '/flows/support-tickets', async (page) => {
    await page.getByRole('group', { name: /^Map to ticket,/ }).click()
    await page.getByRole('region', { name: 'Mapping' }).getByRole('button', { name: /^Subject/ }).click()
    await page.getByRole('article', { name: 'The mail as it would go out' }).waitFor()
  })
  await take(browser, demo, usual, 'mailbox-steps', '/flows/orders', (page) => page.getByRole('group', { name: /^Sort it,/ }).click())
  await take(browser, demo, usual, 'flows', '/flows', (page) => page.getByRole('link', { name: 'Sales enquiries' }).first().waitFor())
  await take(browser, demo, usual, 'runs', '/runs', (page) => page.getByRole('button', { name: /disk 91/ }).click())
  await take(browser, demo, usual, 'mailboxes', '/mailboxes', (page) => page.getByText('Sales inbox').waitFor())
  await take(browser, demo, usual, 'outbox', '/outbox', async (page) => {
    await page.getByRole('list', { name: 'Outbox, newest first' }).getByRole('button').first().click()
    await page.getByRole('article').first().waitFor()
  })
  await take(browser, demo, usual, 'connections', '/connections', (page) => page.getByText('Sales inbox').waitFor())
  await take(browser, demo, usual, 'connection-found', '/connections', async (page) => {
    // No picture asks the world: the domain's answer is told.
    const address = 'ana.pereira@acme.example'
    const server = { host: 'mail.acme.example', user: address, logins: [], by: 'autoconfig', sure: 'likely', say: 'by the settings file of acme.example' }
    await page.route('**/api/connections/detect', (route) => route.fulfill({ json: { address, provider: null, notOffered: [], missed: [], servers: [{ ...server, kind: 'imap', port: 993, security: 'tls' }, { ...server, kind: 'smtp', port: 587, security: 'starttls' }] } }))
    await page.getByRole('button', { name: 'New connection' }).first().click()
    await page.getByLabel('Mail address').fill(address)
    await page.getByText('Found by the settings file of acme.example').waitFor()
  })
  await take(browser, demo, usual, 'connection-check', '/connections', async (page) => {
    await page.getByRole('button', { name: 'Sales inbox' }).click()
    await page.getByRole('button', { name: 'Validate' }).click()
    await page.getByRole('heading', { name: 'This does not work yet' }).waitFor()
  })
} finally {
  await demo.stop()
}
await takeSandbox(browser)
await browser.close()

async function take(browser: Browser, { product }: Pick<Demo, 'product'>, look: Look, name: string, where: string, prepare: (page: Page) => Promise<void>): Promise<void> {
  const { page } = await openWindow(browser, product, look)
  await signIn(page, product)
  await page.goto(product.url + where)
  await prepare(page)
  await snap(page, name)
}

/** Without the blinking cursor and with all fonts there. */
async function snap(page: Page, name: string): Promise<void> {
  await page.evaluate(() => document.fonts.ready.then(() => true))
  await page.mouse.move(0, 0)
  await page.screenshot({ path: path.join(folder, `${name}.png`), animations: 'disabled', caret: 'hide' })
  await page.context().close()
}

async function takeSignIn(browser: Browser, { product }: Demo): Promise<void> {
  const { page } = await openWindow(browser, product, usual)
  await page.goto(`${product.url}/sign-in`)
  await page.getByRole('heading', { name: 'Sign in to Mailweave' }).waitFor()
  await snap(page, 'sign-in')
}

async function takeSandbox(browser: Browser): Promise<void> {
  const home = await makeFolder()
  await cp(path.join(root, 'flows'), path.join(home, 'flows'), { recursive: true })
  const product = await startProduct(home, { sandbox: true })
  try {
    await take(browser, { product }, usual, 'sandbox', '/sandbox', async (page) => {
      await page.getByRole('button', { name: /^Send "/ }).first().waitFor()
      for (const send of (await page.getByRole('button', { name: /^Send "/ }).all()).slice(0, 3)) await send.click()
      await page.getByRole('heading', { name: /^What came out 3 mails/ }).waitFor()
      await page.getByText(/mails? waits?$/).waitFor({ state: 'detached' })
    })
  } finally {
    await product.kill('SIGTERM')
    await dropFolder(home)
  }
}

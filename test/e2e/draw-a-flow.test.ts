import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { chromium, type Browser, type BrowserContext, type Locator, type Page } from 'playwright-core'
import type { FlowView, SandboxView } from '#shared/api.ts'
import type { Flow } from '#shared/flow.ts'
import { emptyFlow } from '../editor-driver.ts'
import { dropFolder, makeFolder, startProduct, type Product } from '../product.ts'
import { until } from '../until.ts'

let product: Product
let browser: Browser
let folder: string
const open: BrowserContext[] = []

beforeAll(async () => {
  await promisify(execFile)(process.execPath, [fileURLToPath(new URL('../../editor/build-if-stale.mjs', import.meta.url))])
  folder = await makeFolder()
  product = await startProduct(folder, { sandbox: true })
  browser = await chromium.launch({
    executablePath: '/usr/bin/chromium', headless: true,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run', '--disable-quic'],
  })
})
afterEach(async () => { await Promise.all(open.splice(0).map((context) => context.close())) })
afterAll(async () => {
  await browser.close()
  await product.kill('SIGTERM')
  await dropFolder(folder)
})

async function signIn(options: { readonly width?: number; readonly colorScheme?: 'light' | 'dark' } = {}): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: options.width ?? 1440, height: 900 }, colorScheme: options.colorScheme ?? 'light', reducedMotion: 'reduce' })
  open.push(context)
  const page = await context.newPage()
  page.setDefaultTimeout(20_000)
  await page.goto(product.signIn)
  await page.getByRole('button', { name: 'New flow' }).first().waitFor()
  return page
}

async function newFlow(page: Page, name: string): Promise<string> {
  await page.getByRole('button', { name: 'New flow' }).first().click()
  await page.getByLabel('Name', { exact: true }).fill(name)
  await page.getByText('An empty canvas', { exact: true }).click()
  await page.getByRole('button', { name: 'Create flow' }).click()
  await page.getByText('Every flow starts with a mailbox').waitFor()
  return new URL(page.url()).pathname.split('/').at(-1) ?? ''
}
const card = (page: Page, id: string) => page.locator(`.react-flow__node[data-id="${id}"]`)
const saved = (id: string): Promise<Flow | null> => product.api<FlowView>('GET', `/api/flows/${id}`).then((view) => view.flow)

async function dragTo(page: Page, from: { x: number; y: number }, to: { x: number; y: number }): Promise<void> {
  await page.mouse.move(from.x, from.y)
  await page.mouse.down()
  await page.mouse.move((from.x + to.x) / 2, (from.y + to.y) / 2, { steps: 6 })
  await page.mouse.move(to.x, to.y, { steps: 6 })
  await page.mouse.up()
}
async function middle(page: Page, selector: string): Promise<{ x: number; y: number }> {
  const box = await page.locator(selector).boundingBox()
  if (box === null) throw new Error(`${selector} is not on the screen`)
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 }
}

test('[ED20] a flow drawn by mouse and deployed from the screen sends the letter on, and the canvas counts it by itself', async () => {
  const page = await signIn()
  const id = await newFlow(page, 'Drawn by hand')
  const pane = page.locator('.react-flow__pane')
  await page.locator('[data-kind="receive-email"]').dragTo(pane, { targetPosition: { x: 220, y: 300 } })
  await card(page, 'receive').waitFor()
  await page.getByRole('combobox', { name: 'Connection' }).click()
  await page.getByRole('option', { name: /Sandbox/ }).first().click()
  await page.locator('[data-kind="send-email"]').dragTo(pane, { targetPosition: { x: 620, y: 340 } })
  await card(page, 'send').waitFor()
  await dragTo(page, await middle(page, '[data-id="receive"] .react-flow__handle.source'), await middle(page, '[data-id="send"] .react-flow__handle.target'))
  await page.locator('.react-flow__edge[data-id="receive>send"]').waitFor({ state: 'attached' })
  await page.getByRole('combobox', { name: 'Connection' }).click()
  await page.getByRole('option', { name: /Sandbox/ }).first().click()
  await page.getByLabel('From', { exact: true }).fill('desk@sandbox.test')
  await page.getByLabel('To', { exact: true }).fill('team@sandbox.test')
  await page.getByLabel('Subject', { exact: true }).fill('A letter came in')
  await page.getByRole('button', { name: 'Deploy v1' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Deploy v1' }).click()
  await page.getByText('Running v1').first().waitFor()
  await product.api('POST', '/api/sandbox/send', { letter: (await product.api<SandboxView>('GET', '/api/sandbox')).letters[0]?.id })
  await card(page, 'send').getByText('1 sent').waitFor()
  await card(page, 'receive').getByText('1 today').waitFor()
  const { sent } = await product.api<SandboxView>('GET', '/api/sandbox')
  expect(sent.map((mail) => [mail.to.join(), mail.subject])).toContainEqual(['team@sandbox.test', 'A letter came in'])
  expect((await saved(id))?.edges).toEqual([{ from: 'receive', to: 'send' }])
})

test('[ED21] a flow can be built, connected and set up without a mouse', async () => {
  const page = await signIn()
  const id = await newFlow(page, 'By keyboard')
  const press = async (selector: string, key: string): Promise<void> => {
    await page.locator(selector).focus()
    await page.keyboard.press(key)
  }
  await press('[data-kind="receive-email"]', 'Enter')
  await press('[data-kind="map-data"]', 'Enter')
  await press('[data-kind="send-email"]', 'Enter')
  await page.locator('.react-flow__edge[data-id="map>send"]').waitFor({ state: 'attached' })
  await press('.react-flow__node[data-id="receive"]', 'Enter')
  await until(() => page.evaluate(() => document.activeElement?.closest('#inspector') !== null))
  await page.keyboard.press('ArrowDown')
  // A person presses Enter once the list marks an option as chosen, not when it merely hangs open.
  await page.locator('[role="option"][data-combobox-selected]', { hasText: 'Sandbox' }).waitFor()
  await page.keyboard.press('Enter')
  await page.locator('[role="option"]').first().waitFor({ state: 'hidden' })
  await page.keyboard.press('Control+s')
  const flow = await until(() => saved(id), (now) => now?.nodes[0]?.config['connection'] !== undefined)
  expect(flow?.edges).toEqual([{ from: 'receive', to: 'map' }, { from: 'map', to: 'send' }])
  expect(flow?.nodes[0]?.config['connection']).toBe('sandbox-inbox')
  const before = flow?.view.positions['receive']
  await page.keyboard.press('Escape')
  await until(() => page.evaluate(() => document.activeElement?.closest('.react-flow__node') !== null && document.activeElement?.closest('#inspector') === null))
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Control+s')
  await until(() => saved(id), (now) => now?.view.positions['receive']?.[1] !== before?.[1])
  await page.keyboard.press('Control+z')
  await page.keyboard.press('Control+s')
  await until(() => saved(id), (now) => now?.view.positions['receive']?.[1] === before?.[1])
})

test('[ED22] a file changed elsewhere shows on a canvas that nobody touched; on a touched one a person chooses', async () => {
  const page = await signIn()
  const id = await newFlow(page, 'Two hands')
  const change = async (name: string): Promise<void> => {
    const { etag } = await product.api<FlowView>('GET', `/api/flows/${id}`)
    const answer = await fetch(`${product.url}/api/flows/${id}`, {
      method: 'PUT', headers: { authorization: `Bearer ${product.token}`, 'content-type': 'application/json', 'if-match': etag }, body: JSON.stringify({ ...emptyFlow(name), id }),
    })
    expect(answer.status).toBe(200)
  }
  await change('Changed elsewhere')
  await until(() => page.getByLabel('Name of the flow').inputValue(), (name) => name === 'Changed elsewhere')
  // The news is held back, as on a slow line, so that the two meet.
  await page.route(`**/api/flows/${id}`, (route) => (route.request().method() === 'GET' ? route.abort() : route.continue()))
  await change('Theirs')
  await page.getByLabel('Name of the flow').fill('Mine')
  await page.keyboard.press('Control+s')
  await page.getByText('This flow was changed elsewhere').waitFor()
  expect((await saved(id))?.name).toBe('Theirs')
  await page.unroute(`**/api/flows/${id}`)
  await page.getByRole('button', { name: /Keep mine/ }).click()
  await until(() => saved(id), (flow) => flow?.name === 'Mine')
})

test('[ED23] axe finds no fault on the flows list and the flow screen, light and dark', async () => {
  const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
  for (const colorScheme of ['light', 'dark'] as const) {
    const page = await signIn({ colorScheme })
    expect(await findFaults(page, axe), `flows, ${colorScheme}`).toEqual([])
    await newFlow(page, `Looked at in ${colorScheme}`)
    await page.getByRole('button', { name: 'Add “Receive email”' }).click()
    await card(page, 'receive').waitFor()
    expect(await findFaults(page, axe), `flow, ${colorScheme}`).toEqual([])
  }
})

async function findFaults(page: Page, axe: string): Promise<unknown> {
  await page.evaluate(axe)
  return page.evaluate(async () => {
    // axe was put into the page a line ago.
    const { axe: here } = window as unknown as { axe: { run: (root: Document, options: unknown) => Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> } }
    const { violations } = await here.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'best-practice'] })
    return violations.map((violation) => [violation.id, violation.nodes[0]?.html])
  })
}

test('[ED155] a step that is added comes into sight beside the panel that opens for it', async () => {
  const page = await signIn({ width: 1280 })
  await newFlow(page, 'Added')
  await page.getByRole('button', { name: 'Add “Receive email”' }).click()
  await page.getByRole('button', { name: /^Add a step after/ }).click()
  await page.getByRole('menuitem', { name: /^Map data/ }).click()
  const canvas = page.getByRole('region', { name: 'The flow as a drawing' })
  await page.getByRole('button', { name: 'Add the usual rows' }).waitFor()
  const rightOf = async (part: Locator): Promise<number> => { const box = await part.boundingBox(); return (box?.x ?? 9999) + (box?.width ?? 9999) }
  await until(async () => await rightOf(card(page, 'map')) <= await rightOf(canvas), (whole) => whole)
})

test('[ED24] at 1280 px the flow screen cuts nothing off and never scrolls sideways', async () => {
  const page = await signIn({ width: 1280 })
  await newFlow(page, 'A name that is long enough to want all the room there is in the head of the screen')
  await page.getByRole('button', { name: 'Add “Receive email”' }).click()
  const deploy = await page.getByRole('button', { name: 'Deploy v1' }).boundingBox()
  expect((deploy?.x ?? 0) + (deploy?.width ?? 9999)).toBeLessThanOrEqual(1280)
  expect(await page.evaluate(() => [document.documentElement.scrollWidth, document.querySelector('main')?.scrollWidth === document.querySelector('main')?.clientWidth])).toEqual([1280, true])
})

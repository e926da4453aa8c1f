/** A real Chromium in front of the product, with an eye on everything a person would not see: errors, other origins, blocked content. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { chromium, type Browser, type Locator, type Page } from 'playwright-core'
import type { Product } from '../product.ts'

const program = '/usr/bin/chromium'
// Debian's Chromium asks its makers for news by itself; only what the page does is of interest here.
const quiet = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run', '--disable-quic']

/** With CI set a missing browser is a failure, so no suite is ever skipped there unseen. */
export const hasChromium = (): boolean => existsSync(program) || Boolean(process.env['CI'])

/** The editor as the product serves it, built from the sources of now. */
export const buildEditor = async (): Promise<void> => {
  await promisify(execFile)(process.execPath, [fileURLToPath(new URL('../../editor/build-if-stale.mjs', import.meta.url))])
}
export const openBrowser = (): Promise<Browser> => chromium.launch({ executablePath: program, headless: true, args: quiet })

export interface Look {
  readonly width?: number
  readonly height?: number
  readonly colorScheme?: 'light' | 'dark'
}
export interface Watched {
  readonly page: Page
  /** Errors of the console and of the page, breaches of the content policy included. */
  readonly complaints: readonly string[]
  /** Addresses asked for that are not the product's own. */
  readonly strangers: readonly string[]
}

/** A fresh window; nothing is loaded yet. */
export async function openWindow(browser: Browser, product: Product, look: Look = {}): Promise<Watched> {
  const context = await browser.newContext({
    viewport: { width: look.width ?? 1440, height: look.height ?? 900 }, colorScheme: look.colorScheme ?? 'light', reducedMotion: 'reduce', locale: 'en-GB', timezoneId: 'Europe/Berlin',
  })
  const page = await context.newPage()
  page.setDefaultTimeout(20_000)
  const complaints: string[] = []
  const strangers: string[] = []
  page.on('console', (message) => { if (message.type() === 'error' || message.type() === 'warning') complaints.push(`${message.text()} (${message.location().url})`) })
  page.on('pageerror', (error) => { complaints.push(String(error)) })
  page.on('request', (request) => {
    const { protocol, origin } = new URL(request.url())
    if (origin !== product.url && protocol !== 'data:' && protocol !== 'blob:' && protocol !== 'about:') strangers.push(request.url())
  })
  return { page, complaints, strangers }
}

/** Opens the link that `serve` printed, as a person does. */
export async function signIn(page: Page, product: Product): Promise<void> {
  await page.goto(product.signIn)
  await page.getByRole('heading', { name: 'Flows', exact: true }).waitFor()
}

/** Presses, carries and lets go, with the pointer seen on its way. */
export async function carry(page: Page, from: Locator, to: { readonly x: number; readonly y: number }): Promise<void> {
  const start = await middleOf(from)
  await page.mouse.move(start.x, start.y)
  await page.mouse.down()
  await page.mouse.move((start.x + to.x) / 2, (start.y + to.y) / 2, { steps: 6 })
  await page.mouse.move(to.x, to.y, { steps: 6 })
  await page.mouse.up()
}
export async function middleOf(place: Locator): Promise<{ readonly x: number; readonly y: number }> {
  const box = await place.boundingBox()
  if (box === null) throw new Error(`${String(place)} is not on the screen`)
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 }
}

interface AxeResult { readonly violations: readonly { readonly id: string; readonly impact: string; readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[] }[] }
const axe = readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** What axe calls serious or critical on the page as it stands, one line each. */
export async function barriers(page: Page): Promise<readonly string[]> {
  await page.evaluate(await axe)
  return page.evaluate(async () => {
    // axe was put into the page a line ago.
    const { axe: here } = globalThis as unknown as { readonly axe: { run(root: Document, options: unknown): Promise<AxeResult> } }
    const { violations } = await here.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'best-practice'] })
    return violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.html.slice(0, 200)} ${node.failureSummary.slice(0, 200)}`).join(' | ')}`)
  })
}

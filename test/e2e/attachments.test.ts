/** A mail with a picture inside it and with files, on the way from its mailbox to the mail that goes out, seen in a real browser. */
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Browser } from 'playwright-core'
import { flowSchema } from '#shared/flow.ts'
import { dropFolder, makeFolder, startProduct, type Product } from '../product.ts'
import { imapServer, type ImapServer } from '../servers/imap-server.ts'
import { smtpServer, type ScriptedSmtp } from '../servers/smtp-server.ts'
import { until } from '../until.ts'
import { buildEditor, hasChromium, openBrowser, openWindow, signIn } from './browser.ts'

const dot = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
const file = (name: string, type: string, content: string) => ['--m', `Content-Type: ${type}`, 'Content-Transfer-Encoding: base64', `Content-Disposition: attachment; filename="${name}"`, '', Buffer.from(content).toString('base64').replace(/.{76}/g, '$&\r\n')]
const letter = Buffer.from([
  'From: Ana <ana@client.example>', 'Subject: Our offer', 'Message-ID: <offer@client.example>', 'Content-Type: multipart/mixed; boundary=m', '', '--m', 'Content-Type: multipart/related; boundary=r', '',
  '--r', 'Content-Type: text/html', '', '<p>See the file</p><img src="cid:logo@x" alt="logo">', '--r', 'Content-Type: image/png', 'Content-Transfer-Encoding: base64', 'Content-ID: <logo@x>', 'Content-Disposition: inline; filename=logo.png', '', dot, '--r--',
  ...file('Offer.pdf', 'application/pdf', 'the offer'), ...file('big.zip', 'application/zip', 'z'.repeat(50_000)), '--m--', '',
].join('\r\n'))
const flow = flowSchema.parse({
  format: 1, id: 'offers', name: 'Offers',
  nodes: [
    { id: 'receive', kind: 'receive-email', config: { connection: 'in', startFrom: 'all' } },
    { id: 'map', kind: 'map-data', config: { rows: [{ to: 'html', from: ['receive.html'] }, { to: 'attachments', from: ['receive.attachments'] }] } },
    { id: 'send', kind: 'send-email', config: { connection: 'out', from: 'desk@acme.example', to: '{{receive.from}}', subject: 'From {{receive.from.domain}}', fileMaxMb: 0.01, renameFiles: '{{receive.from.domain}}-{{n}}' } },
  ],
  edges: [{ from: 'receive', to: 'map' }, { from: 'map', to: 'send' }], view: { positions: {} },
})

describe.skipIf(!hasChromium())('in Chromium', () => {
  let browser: Browser
  let imap: ImapServer
  let smtp: ScriptedSmtp
  let product: Product
  let folder: string
  beforeAll(async () => {
    await buildEditor()
    browser = await openBrowser()
    imap = await imapServer()
    smtp = await smtpServer()
    folder = await makeFolder()
    product = await startProduct(folder)
    await product.api('PUT', '/api/connections/in', { id: 'in', name: 'In', host: '127.0.0.1', security: 'none', kind: 'imap', port: imap.port, user: 'u0', password: imap.account().password })
    await product.api('PUT', '/api/connections/out', { id: 'out', name: 'Out', host: '127.0.0.1', security: 'none', kind: 'smtp', port: smtp.port, user: 'desk', password: 'desk' })
    imap.store.deliver('u0', letter)
    await product.deploy(flow)
    await until(async () => (await product.runs()).some(({ state }) => state === 'done'))
  })
  afterAll(async () => {
    await product.kill('SIGTERM')
    await smtp.stop()
    await imap.stop()
    await dropFolder(folder)
    await browser.close()
  })

  test('[SX111] the mail shows its picture and gives out its files, as it came and as it went; what was left out is said', async () => {
    const { page } = await openWindow(browser, product)
    await signIn(page, product)
    await page.goto(`${product.url}/runs`)
    await page.getByRole('button', { name: /Our offer/ }).click()
    await page.getByRole('button', { name: 'Show the mail', exact: true }).click()
    await page.getByText('HTML', { exact: true }).click()
    const picture = page.frameLocator('iframe').getByRole('img', { name: 'logo' })
    await until(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth), (width) => width === 1)
    const download = page.waitForEvent('download')
    await page.getByRole('link', { name: 'Offer.pdf' }).click()
    const got = await download
    expect([got.suggestedFilename(), await readFile(await got.path(), 'utf8')]).toEqual(['Offer.pdf', 'the offer'])
    expect(await page.getByRole('list', { name: 'Left out of the mail' }).innerText()).toBe('Left out: big.zip, larger than 0.01 MB')
    await page.getByRole('button', { name: 'Hide', exact: true }).click()
    await page.getByRole('button', { name: 'Show the mail as it goes out' }).click()
    await page.getByRole('link', { name: 'client.example-1.pdf' }).waitFor()
    await page.getByText('HTML', { exact: true }).click()
    await until(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth), (width) => width === 1)
    await page.context().close()
  })
})

/** A mail that wants to run something, fetch something or lead somewhere, read by a person in a real Chromium. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Browser, Locator, Page } from 'playwright-core'
import { forwardFlow, mailWorld, type World } from '../world.ts'
import { buildEditor, hasChromium, openBrowser, openWindow, signIn } from './browser.ts'

describe.skipIf(!hasChromium())('in Chromium', () => {
  let browser: Browser
  let world: World
  /** The server that the mail would like to hear from. */
  const asked: string[] = []
  const tracker = createServer((request, answer) => { asked.push(request.url ?? ''); answer.end() })

  beforeAll(async () => {
    await buildEditor()
    await new Promise<void>((resolve) => { tracker.listen(0, '127.0.0.1', resolve) })
    world = await mailWorld()
    browser = await openBrowser()
  })
  afterAll(async () => {
    await browser.close()
    await world.stop()
    await new Promise((resolve) => { tracker.close(resolve) })
  })

  test('[ED75] a hostile mail is read, as it came and as it goes out, and nothing runs, nothing is fetched, nothing leads away', async () => {
    const { nodes } = forwardFlow()
    await world.product.deploy({
      ...forwardFlow(), nodes: nodes.map((node) => (node.id === 'map' ? { ...node, config: { rows: [{ to: 'to', value: 'desk@dest.example' }, { to: 'subject', from: ['receive.subject'] }, { to: 'text', from: ['receive.text'] }, { to: 'html', from: ['receive.html'] }] } } : node)),
    })
    // A listening TCP server's address is always an AddressInfo.
    const { port } = tracker.address() as AddressInfo
    world.arrive(hostileMail(`http://127.0.0.1:${port}`))
    const [run] = await world.settled(1)

    const { page, complaints, strangers } = await openWindow(browser, world.product)
    const dialogs: string[] = []
    page.on('dialog', (dialog) => { dialogs.push(dialog.message()); void dialog.dismiss() })
    await signIn(page, world.product)
    await page.goto(`${world.product.url}/runs/${run?.id ?? ''}`)
    const title = await page.getByRole('heading', { level: 2 }).innerText()
    expect(title).toContain('<img src=x onerror=alert(1)>')

    await page.getByRole('button', { name: 'Show the mail', exact: true }).click()
    const received = page.getByRole('article').filter({ has: page.getByLabel('Show the mail as') }).first()
    await readHtml(page, received)
    await page.getByRole('button', { name: 'Hide', exact: true }).click()
    await page.getByRole('button', { name: 'Show the mail as it goes out' }).click()
    const sent = page.getByRole('article').filter({ has: page.getByLabel('Show the mail as') }).last()
    await readHtml(page, sent)

    const frames = page.frames().filter((frame) => frame !== page.mainFrame())
    expect(frames.length).toBe(1)
    expect(await Promise.all(frames.map((frame) => frame.content()))).toEqual([expect.not.stringMatching(/<script|<iframe|<form|<object|<embed|onerror|onclick|javascript:|srcset/i)])
    expect(await page.evaluate(() => Object.hasOwn(globalThis, 'taken'))).toBe(false)
    expect(dialogs).toEqual([])
    // Where the mail is taken apart, scripts, base addresses and imports are met and turned away, which the browser notes down.
    const turnedAway = /status of 401 .*\/api\/me\)$|^@import rules are not allowed|^(?:Executing inline|Setting the document's base URI).*has been blocked/
    expect(complaints.filter((complaint) => !turnedAway.test(complaint))).toEqual([])
    expect(strangers).toEqual([])
    expect(asked).toEqual([])
    expect(page.url()).toBe(`${world.product.url}/runs/${run?.id ?? ''}`)
  })
})

/** Turns to the HTML of the mail, sees its harmless words there, and clicks what would lead away. */
async function readHtml(page: Page, mail: Locator): Promise<void> {
  await mail.getByText('HTML', { exact: true }).click()
  const inside = mail.frameLocator('iframe')
  await inside.getByText('Harmless words.').waitFor()
  await inside.getByText('Your parcel').click()
  await mail.getByText(/not loaded from the internet/).waitFor()
  await page.keyboard.press('Tab')
}

const hostileMail = (evil: string): Buffer => Buffer.from([
  'From: "<script>alert(1)</script>" <mallory@evil.example>', 'To: support@example.org', 'Subject: Hello <img src=x onerror=alert(1)>', 'Message-ID: <hostile@evil.example>',
  'Date: Fri, 20 Nov 2026 10:00:00 +0000', 'MIME-Version: 1.0', 'Content-Type: text/html; charset=utf-8', '',
  `<html><head><base href="${evil}/base/"><meta http-equiv="refresh" content="0; url=${evil}/refresh"><link rel="stylesheet" href="${evil}/style.css"><style>@import url(${evil}/import.css); body { background: url(${evil}/body.png) } p::after { content: url(${evil}/after.png) }</style></head>`,
  `<body background="${evil}/background.png" onload="top.taken=1;alert(1)"><p>Harmless words.</p>`,
  `<script>top.taken=1;alert(1);fetch('${evil}/script')</script><script src="${evil}/script.js"></script>`,
  `<img src="${evil}/pixel.png" srcset="${evil}/set.png 2x" onerror="top.taken=1;alert(1)"><img src=x onerror=alert(1)><svg onload="alert(1)"><image href="${evil}/svg.png"/><script>alert(1)</script></svg>`,
  `<div style="background-image:url('${evil}/div.png'); background: url(${evil}/short.png)">styled</div><table background="${evil}/table.png"><tr><td>cell</td></tr></table>`,
  `<iframe src="${evil}/frame"></iframe><object data="${evil}/object"></object><embed src="${evil}/embed"><video src="${evil}/video" poster="${evil}/poster.png"></video><audio src="${evil}/audio"></audio>`,
  `<form action="${evil}/form"><input name=a><button formaction="${evil}/button">Go on</button></form>`,
  `<a href="${evil}/link" ping="${evil}/ping" target="_top">Your parcel</a><a href="javascript:alert(1)">and this</a>`,
  '</body></html>', '',
].join('\r\n'))

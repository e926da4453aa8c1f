/** The outbox as a person uses it after a bad day: mails that were refused are found, tried again together, edited, and given up. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Browser, Page } from 'playwright-core'
import { until } from '../until.ts'
import { flowThrough, letter, mailWorld, rowsTo, type World } from '../world.ts'
import { barriers, buildEditor, hasChromium, openBrowser, openWindow, signIn, type Look } from './browser.ts'

const mails = 70

describe.skipIf(!hasChromium())('in Chromium', () => {
  let browser: Browser
  let world: World
  let isOpen = false
  beforeAll(async () => {
    await buildEditor()
    world = await mailWorld({
      inbox: Array.from({ length: mails }, (_, index) => letter(`Order ${String(index + 1).padStart(2, '0')}`)),
      flow: flowThrough('orders', rowsTo('ann@dest.example, bob@bad.example', 'New: ')),
      smtp: { rcpt: (said) => (!isOpen && said.includes('bad.example') ? '550 5.1.1 No such user here' : undefined) },
    })
    await world.settled(mails)
    browser = await openBrowser()
  })
  afterAll(async () => {
    await browser.close()
    await world.stop()
  })
  const outbox = async (look: Look = {}): Promise<{ readonly page: Page; readonly complaints: readonly string[] }> => {
    const { page, complaints } = await openWindow(browser, world.product, look)
    await signIn(page, world.product)
    await page.goto(`${world.product.url}/outbox?state=refused`)
    await page.getByRole('checkbox', { name: 'Choose “New: Order 70” to bob@bad.example' }).waitFor()
    return { page, complaints }
  }
  const rows = (page: Page) => page.getByRole('list', { name: 'Outbox, newest first' }).getByRole('listitem')
  const box = (page: Page, order: string) => page.getByRole('checkbox', { name: `Choose “New: Order ${order}” to bob@bad.example` })
  const states = async (state: string): Promise<number> => (await world.product.outbox(`state=${state}`)).sends.length

  test('[ED160, ED164] mails are chosen by key and with Shift, and stay chosen and in place while others change', async () => {
    const { page, complaints } = await outbox()
    expect(await barriers(page)).toEqual([])
    await box(page, '70').focus()
    await page.keyboard.press('Space')
    await box(page, '60').click({ modifiers: ['Shift'] })
    await page.getByText('11 chosen').waitFor()
    const looked = rows(page).filter({ hasText: 'Order 30' })
    await looked.scrollIntoViewIfNeeded()
    const place = async () => (await looked.boundingBox())?.y ?? 0
    // Rows that come into sight take their true height, some pixels at most.
    const before = await place()
    const [oldest] = (await world.product.outbox('state=refused')).sends.slice(-1)
    await world.product.api('POST', `/api/outbox/${oldest?.id}/decide`, { do: 'give-up' })
    await page.getByRole('button', { name: `Not delivered ${mails - 1}` }).waitFor()
    await page.getByText('11 chosen').waitFor()
    expect(Math.abs(await place() - before)).toBeLessThan(20)
    // Before the sign-in the page asks who is there.
    expect(complaints.filter((one) => !one.includes('/api/me)'))).toEqual([])
  })

  test('[ED166] on a phone nothing scrolls sideways, an opened mail comes into sight, and mailboxes stand below each other', async () => {
    const { page } = await outbox({ width: 390, height: 844 })
    const isWide = () => page.evaluate(() => [...document.querySelectorAll('main, main *')].filter((node) => getComputedStyle(node).overflowX === 'auto' && node.scrollWidth > node.clientWidth).length)
    await rows(page).first().getByRole('button').click()
    await until(() => page.getByRole('button', { name: 'Edit and send…' }).boundingBox(), (where) => where !== null && where.y < 844)
    expect(await isWide()).toBe(0)
    await page.goto(`${world.product.url}/mailboxes`)
    await page.getByRole('button', { name: 'Look now: Inbox, INBOX' }).waitFor()
    expect(await isWide()).toBe(0)
    const [state, mail] = [await page.getByText('watching', { exact: true }).boundingBox(), await page.getByText('next', { exact: false }).first().boundingBox()]
    expect(mail?.y).toBeGreaterThan(state?.y ?? 844)
  })

  test('[ED161, ED163] they are found by recipient and subject; the opened one says why in plain words and in the server\'s', async () => {
    const { page } = await outbox()
    await page.getByLabel('Search by subject or recipient').fill('order 4')
    await until(() => rows(page).count(), (count) => count === 10)
    await rows(page).first().getByRole('button').click()
    const mail = page.getByRole('article')
    await mail.getByText('There is no such mailbox.').waitFor()
    await mail.getByText('550 5.1.1 No such user here').first().waitFor()
    await mail.getByRole('button', { name: 'Show the mail as it goes out' }).click()
    await mail.getByText('About Order 49').waitFor()
    await page.getByLabel('Search by subject or recipient').fill('nobody of this name')
    await page.getByText('No mail matches these filters.').waitFor()
    await page.getByRole('button', { name: 'Show all mails' }).click()
    await until(() => rows(page).count(), (count) => count === 50)
  })

  test('[ED162] one is sent to a corrected address, the copy opens, and who has it gets nothing more', async () => {
    const { page } = await outbox()
    await rows(page).filter({ hasText: 'Order 33' }).getByRole('button').click()
    await page.getByRole('button', { name: 'Edit and send…' }).click()
    await page.getByText('ann@dest.example has this mail and is not sent it again.').waitFor()
    expect(await barriers(page)).toEqual([])
    const send = page.getByRole('button', { name: 'Send the edited mail' })
    expect(await send.isDisabled()).toBe(true)
    await page.getByLabel('To, instead of bob@bad.example').fill('nonsense')
    await send.click()
    await page.getByText('"nonsense" in the recipients is not a mail address.').waitFor()
    await page.getByLabel('To, instead of bob@bad.example').fill('bob@good.example')
    await send.click()
    await page.getByRole('article').getByText('bob@good.example').first().waitFor()
    await until(() => world.smtp.accepted.flatMap(({ to }) => to).filter((to) => to === 'bob@good.example').length, (count) => count === 1)
    expect(world.smtp.accepted.filter(({ bytes }) => bytes.includes('Order 33')).map(({ to }) => to.join())).toEqual(['ann@dest.example', 'bob@good.example'])
  })

  test('[ED164] all that match are tried again after their number was told, the page goes on live, and each receiver has its mail once', async () => {
    const { page } = await outbox()
    await page.getByRole('checkbox', { name: 'Choose all mails shown' }).check()
    await page.getByText('50 chosen').waitFor()
    await page.getByRole('button', { name: 'Choose all that match' }).click()
    await page.getByText(`All ${mails - 2} mails that match`).waitFor()
    isOpen = true
    await page.getByRole('button', { name: 'Try again now…' }).click()
    const dialog = page.getByRole('dialog', { name: `Try again now: ${mails - 2} mails?` })
    await dialog.getByText('Whoever has it is not sent it again.').waitFor()
    expect(await barriers(page)).toEqual([])
    await dialog.getByRole('button', { name: `Try again now (${mails - 2})` }).click()
    await page.getByText(`${mails - 2} mails are tried again.`).waitFor()
    await until(() => states('refused'), (count) => count === 0)
    await page.getByText('Every mail that was tried was taken, or is tried again.').waitFor()
    await until(() => world.smtp.accepted.length, (count) => count === 2 * mails - 1)
    const receivers = world.smtp.accepted.flatMap(({ to, bytes }) => to.map((one) => `${one} ${/Subject: (.*)/.exec(bytes.toString())?.[1]?.trim() ?? ''}`))
    expect(new Set(receivers).size).toBe(receivers.length)
  })
})

/** A flow that stopped itself and mails that wait for a look, as a person meets them, and the safety settings of a flow. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Browser } from 'playwright-core'
import type { FlowView } from '#shared/api.ts'
import { until } from '../until.ts'
import { flowThrough, letter, mailWorld, rowsTo, type World } from '../world.ts'
import { barriers, buildEditor, hasChromium, openBrowser, openWindow, signIn } from './browser.ts'

describe.skipIf(!hasChromium())('in Chromium', () => {
  let browser: Browser
  let world: World
  const flowView = (id: string) => world.product.api<FlowView>('GET', `/api/flows/${id}`)
  beforeAll(async () => {
    await buildEditor()
    let answers = 0
    world = await mailWorld({
      flow: { ...flowThrough('answers', [{ to: 'to', from: ['receive.from'] }, { to: 'subject', value: 'Thank you' }, { to: 'text', value: 'We read it.' }]), name: 'Answer everybody' },
      smtp: { onAccepted: ({ to }) => { if (to.includes('robot@client.example') && (answers += 1) < 3) world.arrive(letter(`Robot ${answers}`, { from: 'robot@client.example' })) } },
    })
    world.arrive(letter('Robot 0', { from: 'robot@client.example' }))
    await world.product.deploy({ ...flowThrough('first', rowsTo('tickets@dest.example', 'Ticket: '), { folder: 'Archive' }), name: 'New tickets', sending: { approveFirst: 3 } })
    for (const subject of ['One', 'Two']) world.imap.store.deliver('u0', letter(subject), { folder: 'Archive' })
    await until(() => Promise.all([flowView('answers'), flowView('first')]), ([answering, first]) => answering.held === 1 && first.held === 2)
    browser = await openBrowser()
  })
  afterAll(async () => {
    await browser.close()
    await world.stop()
  })

  test('[SX141] a flow that stopped itself says so in the list, on its canvas and in the run; one click lets it go on', async () => {
    const { page, complaints } = await openWindow(browser, world.product)
    await signIn(page, world.product)
    const row = page.getByRole('row', { name: /Answer everybody/ })
    await row.getByText('Paused itself').waitFor()
    expect(await row.innerText()).toContain('robot@client.example answers each of its mails at once')
    await page.goto(`${world.product.url}/runs`)
    await page.getByRole('button', { name: /Robot 2/ }).click()
    await page.getByRole('link', { name: 'Look at it in the outbox' }).waitFor()
    await page.goto(`${world.product.url}/flows/answers`)
    await page.getByText('This flow stopped itself').waitFor()
    expect(await barriers(page)).toEqual([])
    await page.getByRole('button', { name: 'Resume and let 1 mail go' }).click()
    await page.getByText('Running v1').waitFor()
    await until(() => world.smtp.accepted.length, (count) => count === 3)
    // Asked before anybody is signed in.
    expect(complaints.filter((one) => !one.includes('401'))).toEqual([])
  })

  test('[SX148, SX149] the safety settings are typed in the flow\'s panel, told before a deploy and seen on the canvas; the first mails are let go there', async () => {
    const { page } = await openWindow(browser, world.product)
    await signIn(page, world.product)
    await page.goto(`${world.product.url}/flows/first`)
    await page.getByText('2 mails wait for your yes').waitFor()
    await page.getByRole('button', { name: /^Safety/ }).click()
    const tester = page.getByLabel('Test mode: send everything to')
    await tester.fill('not an address')
    await tester.press('Tab')
    await page.getByText('The test address is not a mail address').waitFor()
    await tester.fill('me@acme.example')
    await tester.press('Enter')
    await page.getByLabel('May write to these only').fill('@dest.example\n@*.acme.example')
    await page.getByLabel('Mails an hour, all together').fill('50')
    await page.getByLabel('Mails an hour, all together').press('Tab')
    await page.getByText('Test mode', { exact: true }).waitFor()
    expect(await barriers(page)).toEqual([])
    await page.getByRole('button', { name: /^Deploy v2/ }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('Test mode is on').waitFor()
    expect(await dialog.innerText()).toMatch(/Safety[^]*Test mode: send everything to, May write to these only, Mails an hour, all together/)
    await dialog.getByRole('button', { name: 'Deploy v2' }).click()
    await page.getByText('Running v2').waitFor()
    expect((await flowView('first')).flow?.sending).toEqual({ approveFirst: 3, testTo: 'me@acme.example', allow: ['@dest.example', '@*.acme.example'], perHour: 50 })
    await page.getByRole('button', { name: 'Discard them…' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Discard' }).click()
    await until(() => flowView('first'), (view) => view.held === 0)
    await page.getByText('2 mails wait for your yes').waitFor({ state: 'detached' })
  })
})

/** An answer set up by a person: the step's form, its card and the preview say who gets it, and it goes out so. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Browser } from 'playwright-core'
import { read } from '../mail/mime-letters.ts'
import { until } from '../until.ts'
import { flowThrough, letter, mailWorld, type World } from '../world.ts'
import { barriers, buildEditor, hasChromium, openBrowser, openWindow, signIn } from './browser.ts'

describe.skipIf(!hasChromium())('in Chromium', () => {
  let browser: Browser
  let world: World
  beforeAll(async () => {
    await buildEditor()
    world = await mailWorld({
      flow: flowThrough('desk', [{ to: 'text', value: 'We are on our way.' }], {}, { to: 'tickets@dest.example' }),
      inbox: [letter('AW: Printer on fire', { headers: ['Cc: bea@client.example'], body: 'It smokes.' })],
    })
    browser = await openBrowser()
    await world.settled(1)
  })
  afterAll(async () => {
    await browser.close()
    await world.stop()
  })

  test('[SX73] a person chooses an answer to all: the mail fills To, Cc and subject, the mapping is not asked for them, and the answer goes out in its thread', async () => {
    const { page, complaints } = await openWindow(browser, world.product)
    await signIn(page, world.product)
    await page.goto(`${world.product.url}/flows/desk`)
    const card = page.locator('.react-flow__node[data-id="send"]')
    await card.click()
    const panel = page.getByRole('complementary', { name: 'Settings of the chosen step' })
    await panel.getByLabel('To', { exact: true }).fill('')
    await page.getByText('1 to fix').first().waitFor()
    await panel.getByRole('combobox', { name: 'What is sent' }).click()
    await page.getByRole('option', { name: /^a reply to all/ }).click()
    await card.getByText('a reply to all').waitFor()
    expect(await panel.getByLabel('To', { exact: true }).getAttribute('placeholder')).toBe('filled from the mail')
    expect(await panel.getByLabel('Cc', { exact: true }).getAttribute('placeholder')).toBe('the others come from the mail; more here')
    expect(await panel.getByLabel('Subject', { exact: true }).getAttribute('placeholder')).toBe('filled from the mail')
    await panel.getByRole('combobox', { name: 'The mail that is answered' }).waitFor()
    expect(await barriers(page)).toEqual([])

    await page.locator('.react-flow__node[data-id="map"]').click()
    const preview = page.getByRole('article', { name: 'The mail as it would go out' })
    await preview.getByText('Re: Printer on fire').waitFor()
    expect(await preview.innerText()).toMatch(/To\s+Ana Pereira <ana@client\.example> from the mail[\s\S]*Cc[\s\S]*bea@client\.example from the mail[\s\S]*We are on our way\.\s+Below it stands the mail that is answered\./)

    await page.getByRole('button', { name: 'Deploy v2' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Deploy v2' }).click()
    await page.getByRole('dialog').waitFor({ state: 'hidden' })
    world.arrive(letter('Second fire', { headers: ['Cc: bea@client.example'], body: 'It burns.' }))
    await until(() => Promise.resolve(world.smtp.accepted.length), (count) => count === 2)
    const sent = world.smtp.accepted[1]
    expect(sent?.to).toEqual(['ana@client.example', 'support@example.org', 'bea@client.example'])
    expect(await read(sent?.bytes ?? Buffer.alloc(0))).toMatchObject({ subject: 'Re: Second fire', inReplyTo: 'Second-fire@client.example', replyText: 'We are on our way.', quotedText: expect.stringContaining('> It burns.') })
    expect(complaints.filter((line) => !/status of 401/.test(line))).toEqual([])
  })
})

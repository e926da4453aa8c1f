/** Making a connection with nothing but an address: its servers are found while the person looks on, or the provider is chosen by keyboard. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Browser, Page } from 'playwright-core'
import type { Detected } from '#shared/detected.ts'
import { dropFolder, makeFolder, startProduct, type Product } from '../product.ts'
import { barriers, buildEditor, hasChromium, openBrowser, openWindow, signIn } from './browser.ts'

describe.skipIf(!hasChromium())('in Chromium', () => {
  let browser: Browser
  let product: Product
  let folder: string
  beforeAll(async () => {
    await buildEditor()
    folder = await makeFolder()
    product = await startProduct(folder)
    browser = await openBrowser()
  })
  afterAll(async () => {
    await browser.close()
    await product.kill('SIGTERM')
    await dropFolder(folder)
  })

  /** The form of a new connection; the network behind the lookup is told what to say, since no test asks the world. */
  async function newConnection(answer: (address: string) => Partial<Detected>): Promise<{ readonly page: Page; readonly asked: readonly string[] }> {
    const { page } = await openWindow(browser, product)
    const asked: string[] = []
    await page.route('**/api/connections/detect', async (route) => {
      const { address } = route.request().postDataJSON() as { address: string } // our own request
      asked.push(address)
      await route.fulfill({ json: { address, provider: null, servers: [], notOffered: [], missed: [], ...answer(address) } })
    })
    await signIn(page, product)
    await page.goto(`${product.url}/connections`)
    await page.getByRole('button', { name: 'New connection' }).first().click()
    return { page, asked }
  }

  test('[ED93] a whole address is looked up once, by itself; what was found is filled in and said, and no half address is asked for', async () => {
    const { page, asked } = await newConnection((address) => ({ servers: [{ kind: 'imap', host: 'mail.hoster.example', port: 1993, security: 'tls', user: address, logins: [], by: 'autoconfig', sure: 'likely', say: 'by the settings file of acme.example' }] }))
    const form = page.getByRole('dialog', { name: 'New connection' })
    await form.getByLabel('Mail address').pressSequentially('ann@acme')
    await form.getByText('The servers of this address are looked up').waitFor()
    await form.getByLabel('Mail address').fill('ann@acme.example')
    await form.getByText('Found by the settings file of acme.example').waitFor()
    expect(await form.getByLabel('Server', { exact: true }).inputValue()).toBe('mail.hoster.example')
    expect(await form.getByLabel('Port').inputValue()).toBe('1993')
    expect(asked).toEqual(['ann@acme.example'])
    expect(await barriers(page)).toEqual([])
    await form.getByLabel('Mail address').fill('ann@gmail.com')
    await form.getByText('Gmail, Google Workspace: signing in is recommended').waitFor()
    expect(await form.getByLabel('Server', { exact: true }).inputValue()).toBe('imap.gmail.com')
    await form.getByRole('button', { name: 'Sign in instead of a password' }).click()
    await form.getByRole('radio', { name: 'Sign in (OAuth2)' }).isChecked().then((chosen) => { expect(chosen).toBe(true) })
    await form.getByText('signing in is recommended').waitFor({ state: 'detached' })
    expect(asked).toEqual(['ann@acme.example'])
    await page.context().close()
  })

  test('[ED92] where only POP3 is to be had it is one press away, and its server stands there', async () => {
    const { page } = await newConnection((address) => ({ notOffered: ['imap'], servers: [{ kind: 'pop3', host: 'pop.hoster.example', port: 995, security: 'tls', user: address, logins: [], by: 'dns', sure: 'likely', say: 'by the records of acme.example' }] }))
    const form = page.getByRole('dialog', { name: 'New connection' })
    await form.getByLabel('Mail address').fill('ann@acme.example')
    await form.getByText('By its own records acme.example offers no IMAP').waitFor()
    expect(await form.getByLabel('Server', { exact: true }).inputValue()).toBe('')
    await form.getByRole('button', { name: 'Use POP3' }).click()
    await form.getByText('Found by the records of acme.example').waitFor()
    expect(await form.getByLabel('Server', { exact: true }).inputValue()).toBe('pop.hoster.example')
    expect(await barriers(page)).toEqual([])
    await page.context().close()
  })

  test('[ED93] the provider is found by typing a part of its name, chosen by keyboard, and its servers stand there', async () => {
    const { page, asked } = await newConnection(() => ({}))
    const form = page.getByRole('dialog', { name: 'New connection' })
    const provider = form.getByRole('combobox', { name: 'Provider' })
    await provider.focus()
    await page.keyboard.type('hotm')
    await page.getByRole('option', { name: 'Outlook.com, Hotmail, Live' }).waitFor()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await form.getByText('The known servers of Outlook.com, Hotmail, Live').waitFor()
    expect(await form.getByLabel('Server', { exact: true }).inputValue()).toBe('outlook.office365.com')
    await form.getByText('Sending (SMTP)').click()
    expect(await form.getByLabel('Server', { exact: true }).inputValue()).toBe('smtp-mail.outlook.com')
    expect(await form.getByLabel('Port').inputValue()).toBe('587')
    expect(asked).toEqual([])
    await page.context().close()
  })
})

/** Logging connections in on the screen: at a provider in another tab, by a code, both directions at once, and a new password. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Browser, Locator, Page } from 'playwright-core'
import type { ConnectionView } from '#shared/api.ts'
import { dropFolder, makeFolder, startProduct, type Product } from '../product.ts'
import { oauthServer, type OAuthServer } from '../servers/oauth-server.ts'
import { barriers, buildEditor, hasChromium, openBrowser, openWindow, signIn } from './browser.ts'

describe.skipIf(!hasChromium())('in Chromium', () => {
  let browser: Browser
  let product: Product
  let folder: string
  let oauth: OAuthServer

  beforeAll(async () => {
    await buildEditor()
    folder = await makeFolder()
    product = await startProduct(folder)
    oauth = await oauthServer({ backTo: [`${product.url.replace('127.0.0.1', 'localhost')}/api/oauth/callback`] })
    browser = await openBrowser()
  })
  afterAll(async () => {
    await browser.close()
    await product.kill('SIGTERM')
    await oauth.stop()
    await dropFolder(folder)
  })

  const connections = async (): Promise<Page> => {
    const { page } = await openWindow(browser, product)
    await signIn(page, product)
    await page.goto(`${product.url}/connections`)
    return page
  }
  const choose = async (page: Page, form: Locator, name: string, option: string): Promise<void> => {
    await form.getByRole('combobox', { name, exact: true }).click()
    await page.getByRole('option', { name: option }).click()
  }
  const newForm = async (page: Page, name: string): Promise<Locator> => {
    await page.getByRole('button', { name: 'New connection' }).first().click()
    const form = page.getByRole('dialog')
    await form.getByLabel('Server', { exact: true }).fill('imap.example.org')
    await form.getByLabel('Name', { exact: true }).fill(name)
    return form
  }
  const custom = async (page: Page, form: Locator, user: string): Promise<void> => {
    await form.getByText('Sign in (OAuth2)').click()
    await choose(page, form, 'Sign in with', 'Another one')
    await form.getByLabel('User', { exact: true }).fill(user)
    await form.getByLabel('App (client) id').fill('mail-app')
    await form.getByLabel('Client secret').fill(oauth.clientSecret)
    await form.getByLabel('Permissions asked for').fill('mail offline_access')
    await form.getByLabel('Token address').fill(`${oauth.url}/token`)
  }

  test('[ED80] a connection is signed in at its provider in another tab, and the form says who is signed in by itself', async () => {
    const page = await connections()
    const form = await newForm(page, 'Provider inbox')
    await custom(page, form, 'u0')
    await form.getByRole('button', { name: 'Save and sign in' }).click()
    await form.getByText('The page people sign in on').waitFor()
    await form.getByLabel('Authorization address').fill(`${oauth.url}/auth`)
    expect(await form.getByLabel('Redirect address to register with the app').inputValue()).toBe(`${product.url.replace('127.0.0.1', 'localhost')}/api/oauth/callback`)
    const [tab] = await Promise.all([page.context().waitForEvent('page'), form.getByRole('button', { name: 'Save and sign in' }).click()])
    await tab.getByRole('heading', { name: 'Signed in', exact: true }).waitFor()
    await form.getByText('Signed in as u0').waitFor()
    expect(await barriers(page)).toEqual([])
    expect(await product.api<ConnectionView>('GET', '/api/connections/provider-inbox')).toMatchObject({ login: 'oauth2', user: 'u0', hasClientSecret: true, signedInAt: expect.stringContaining('T') as string })
    // No word of a secret came back to the page.
    expect(await form.getByLabel('Client secret').inputValue()).toBe('')
  })

  test('[ED81] a code to type elsewhere is shown with its page, and typing it signs the connection in', async () => {
    const page = await connections()
    const form = await newForm(page, 'Code inbox')
    await custom(page, form, 'u1')
    await choose(page, form, 'Who signs in', 'A person, with a code elsewhere')
    await form.getByLabel('Device code address').fill(`${oauth.url}/device/auth`)
    await form.getByRole('button', { name: 'Save and sign in' }).click()
    const code = await form.getByLabel('Code', { exact: true }).innerText()
    const place = await form.getByRole('link', { name: /^Open http/ }).getAttribute('href')
    expect(await barriers(page)).toEqual([])
    await oauth.typeCode(place ?? '', code, 'u1')
    await form.getByText('Signed in as u1').waitFor()
  })

  test('[ED82] one act makes the connection for sending too; when that fails the first stays and it is said', async () => {
    const page = await connections()
    const form = await newForm(page, 'Desk')
    await form.getByLabel('User', { exact: true }).fill('desk@acme.example')
    await form.getByLabel('Password', { exact: true }).fill('right')
    await form.getByLabel('Use the same login for the outgoing server').check()
    await form.getByLabel('Outgoing server', { exact: true }).fill('mail.acme.example')
    await form.getByRole('button', { name: 'Save connection' }).click()
    await form.waitFor({ state: 'detached' })
    const { connections: made } = await product.api<{ connections: readonly ConnectionView[] }>('GET', '/api/connections')
    expect(made.filter(({ user }) => user === 'desk@acme.example').map(({ kind, host, name, hasPassword }) => [kind, host, name, hasPassword])).toEqual([['smtp', 'mail.acme.example', 'Desk (sending)', true], ['imap', 'imap.example.org', 'Desk', true]].toSorted((a, b) => String(a[0]).localeCompare(String(b[0]))))

    await page.route('**/api/connections/*', (route) => (route.request().method() === 'PUT' && route.request().url().includes('outbox') ? route.fulfill({ status: 507, contentType: 'application/json', body: '{"error":{"code":"DISK_FULL","say":"The disk is full.","where":""}}' }) : route.fallback()))
    const second = await newForm(page, 'Sales')
    await second.getByLabel('User', { exact: true }).fill('sales@acme.example')
    await second.getByLabel('Password', { exact: true }).fill('right')
    await second.getByLabel('Use the same login for the outgoing server').check()
    await second.getByLabel('Outgoing server', { exact: true }).fill('mail.acme.example')
    await second.getByRole('button', { name: 'Save connection' }).click()
    await second.getByText('"Sales" is saved. The connection for sending is not; make it by itself. The disk is full.').waitFor()
    expect(await product.api<ConnectionView>('GET', '/api/connections/sales')).toMatchObject({ hasPassword: true })
  })

  test('[ED83] a new password is one field', async () => {
    const page = await connections()
    await page.getByRole('button', { name: 'Desk', exact: true }).click()
    const form = page.getByRole('dialog')
    await form.getByRole('button', { name: 'Change the password' }).click()
    await page.keyboard.type('another')
    expect(await form.getByLabel('Password', { exact: true }).inputValue()).toBe('another')
    const [request] = await Promise.all([page.waitForRequest((one) => one.method() === 'PUT'), form.getByRole('button', { name: 'Save', exact: true }).click()])
    expect(request.postDataJSON()).toMatchObject({ password: 'another', user: 'desk@acme.example' })
    await form.waitFor({ state: 'detached' })
  })
})

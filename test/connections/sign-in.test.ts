/** Signing connections in with OAuth2, against a sign-in server of real make: three ways to a token, renewal, and what must not happen. */
import { readdir, readFile } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import path from 'node:path'
import { onTestFinished, expect, test } from 'vitest'
import type { SignInStarted, SignInState } from '#shared/api.ts'
import type { ConnectionInput } from '#shared/connection.ts'
import { connectionId } from '#shared/ids.ts'
import { endpointsOf, oauthSchema, scopesOf, type OAuth } from '#shared/oauth.ts'
import { makePolicyFetch, type FetchParts } from '#runtime/connections/policy-fetch.ts'
import { makeHostPolicy } from '#runtime/mail/host-policy.ts'
import { adminToken, apiWorld, inboxInput, listen, type World } from '../api/world.ts'
import { oauthServer, type OAuthServer } from '../servers/oauth-server.ts'
import { until } from '../until.ts'

const navigation = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }

async function house(tokenSeconds?: number): Promise<{ readonly world: World; readonly oauth: OAuthServer; put(grant: OAuth['grant'], change?: Partial<ConnectionInput>, app?: Partial<OAuth>): Promise<void> }> {
  const world = await apiWorld()
  const oauth = await oauthServer({ backTo: [`http://localhost:${world.api.port}/api/oauth/callback`], ...(tokenSeconds === undefined ? {} : { tokenSeconds }) })
  onTestFinished(() => oauth.stop())
  return {
    world, oauth,
    put: async (grant, change = {}, app = {}) => {
      const answer = await world.ask('PUT', '/api/connections/support-inbox', { body: { ...inboxInput({ login: 'oauth2', oauth: oauth.oauth(grant, app), clientSecret: oauth.clientSecret, user: 'u0', ...change }) } })
      expect(answer.status, answer.text).toBe(200)
    },
  }
}

const start = async (world: World): Promise<SignInStarted> => {
  const answer = await world.ask('POST', '/api/connections/support-inbox/sign-in')
  expect(answer.status, answer.text).toBe(200)
  return answer.body as SignInStarted
}
const stateOf = async (world: World): Promise<SignInState> => (await world.ask('GET', '/api/connections/support-inbox/sign-in')).body as SignInState
const back = (world: World, url: URL, headers: Record<string, string> = navigation) => world.ask('GET', `${url.pathname}${url.search}`, { token: null, headers })
const token = async (world: World): Promise<string> => (await world.registry.account('support-inbox')).tokens?.current() ?? ''

async function signedIn(world: World, oauth: OAuthServer): Promise<void> {
  const started = await start(world)
  if (started.kind !== 'browser') throw new Error(started.kind)
  expect((await back(world, await oauth.signIn(started.url))).status).toBe(200)
}

test('[SE70] through the browser: the provider\'s page leads back, and the connection has a token', async () => {
  const { world, oauth, put } = await house()
  await put('authorization-code')
  const view = () => world.registry.get('support-inbox')
  expect(await view()).toMatchObject({ login: 'oauth2', hasClientSecret: true, signedInAt: null })
  const started = await start(world)
  if (started.kind !== 'browser') throw new Error(started.kind)
  expect(await stateOf(world)).toEqual({ state: 'waiting', say: '' })
  expect(Object.fromEntries(new URL(started.url).searchParams)).toMatchObject({ code_challenge_method: 'S256', login_hint: 'u0', redirect_uri: `http://localhost:${world.api.port}/api/oauth/callback` })
  const answer = await back(world, await oauth.signIn(started.url))
  expect([answer.status, answer.headers['content-type'], answer.text.includes('Support inbox is signed in.')]).toEqual([200, 'text/html; charset=utf-8', true])
  expect(await stateOf(world)).toEqual({ state: 'done', say: '' })
  expect(await view()).toMatchObject({ signedInAt: world.clock.now() })
  expect(await token(world)).not.toBe('')
  expect(oauth.asked.map(({ grant }) => grant)).toEqual(['authorization_code'])
})

test('[SE71] a sign-in begun counts once, for ten minutes, for its connection as it was and while its starter is signed in here', async () => {
  const { world, oauth, put } = await house()
  await put('authorization-code')
  const begin = async (): Promise<URL> => {
    const started = await start(world)
    if (started.kind !== 'browser') throw new Error(started.kind)
    return oauth.signIn(started.url)
  }
  const over = async (url: URL): Promise<void> => {
    const answer = await back(world, url)
    expect([answer.status, answer.text.includes('This sign-in is over')]).toEqual([400, true])
  }
  const forged = await begin()
  forged.searchParams.set('state', 'x'.repeat(43))
  await over(forged)
  await over(new URL(`${world.api.url}/api/oauth/callback`))

  const first = await begin()
  const second = await begin()
  await over(first)
  // A look ahead, and what another page asks for, use nothing up.
  expect((await world.ask('HEAD', `${second.pathname}${second.search}`, { token: null })).status).toBe(200)
  expect((await back(world, second, { ...navigation, 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' })).status).toBe(403)
  expect((await back(world, second, { ...navigation, origin: 'https://evil.example' })).status).toBe(403)
  expect((await back(world, second)).status).toBe(200)
  await over(second)

  const late = await begin()
  world.clock.pass(10 * 60_000 + 1)
  await over(late)

  const changed = await begin()
  await put('authorization-code', { host: 'other.example.org' })
  await over(changed)

  const { headers } = await world.ask('POST', '/api/session', { token: null, body: { token: adminToken }, headers: { origin: world.api.url } })
  const cookie = headers['set-cookie']?.[0]?.split(';')[0] ?? ''
  const page = { cookie, origin: world.api.url }
  const started = (await world.ask('POST', '/api/connections/support-inbox/sign-in', { token: null, headers: page })).body as SignInStarted
  if (started.kind !== 'browser') throw new Error(started.kind)
  const orphaned = await oauth.signIn(started.url)
  await world.ask('DELETE', '/api/session', { token: null, headers: page })
  await over(orphaned)
  expect(await world.registry.get('support-inbox')).toMatchObject({ signedInAt: null })
})

test('[SE72] who says no at the provider, or an app it does not know, is told in words, and nothing is saved', async () => {
  const { world, oauth, put } = await house()
  await put('authorization-code', { user: 'says-no' })
  const started = await start(world)
  if (started.kind !== 'browser') throw new Error(started.kind)
  const answer = await back(world, await oauth.signIn(started.url))
  expect([answer.status, answer.text.includes('The person said no')]).toEqual([400, true])
  expect(await stateOf(world)).toMatchObject({ state: 'failed', say: expect.stringContaining('access_denied') as string })
  await put('client-credentials', { clientSecret: 'wrong' })
  const refused = await world.ask('POST', '/api/connections/support-inbox/sign-in')
  expect(refused.body).toMatchObject({ error: { code: 'SIGN_IN_REFUSED', say: expect.stringContaining('invalid_client') as string } })
  expect(await world.registry.get('support-inbox')).toMatchObject({ signedInAt: null })
})

test('[SE73] an app signs in by itself, once when it is told to and later when its token ends', async () => {
  const { world, oauth, put } = await house()
  await put('client-credentials')
  expect(await start(world)).toEqual({ kind: 'done' })
  expect(await world.registry.get('support-inbox')).toMatchObject({ signedInAt: world.clock.now() })
  const first = await token(world)
  world.clock.pass(3600_000)
  expect(await token(world)).not.toBe(first)
  expect(oauth.asked.map(({ grant, status }) => [grant, status])).toEqual([['client_credentials', 200], ['client_credentials', 200]])
})

test('[SE74] with a code typed elsewhere: asked as often as told, slower when told, until the person is done', async () => {
  const { world, oauth, put } = await house()
  await put('device-code')
  const started = await start(world)
  if (started.kind !== 'device') throw new Error(started.kind)
  expect(started.code).toMatch(/^[A-Z]{4}-[A-Z]{4}$/)
  const asked = (): number => oauth.asked.length
  const answers = async (count: number): Promise<void> => { await until(() => asked() === count) }

  world.clock.pass(4999)
  expect(asked()).toBe(0)
  world.clock.pass(1)
  await answers(1)
  oauth.instead.push((response) => { response.writeHead(400, { 'content-type': 'application/json' }).end('{"error":"slow_down"}') })
  await world.clock.untilWaits(5000)
  world.clock.pass(5000)
  await answers(2)
  await world.clock.untilWaits(10_000)
  await oauth.typeCode(started.url, started.code, 'u0')
  world.clock.pass(9999)
  expect(asked()).toBe(2)
  expect(await stateOf(world)).toEqual({ state: 'waiting', say: '' })
  world.clock.pass(1)
  await until(async () => (await stateOf(world)).state !== 'waiting')
  expect(await stateOf(world)).toEqual({ state: 'done', say: '' })
  expect(oauth.asked.map(({ grant, status }) => [grant.split(':').at(-1), status])).toEqual([['device_code', 400], ['device_code', 400], ['device_code', 200]])
})

test('[SE74] a code that nobody types is given up when its time is over', async () => {
  const { world, put } = await house()
  await put('device-code')
  await start(world)
  for (let waited = 0; waited < 600_000; waited += 5000) {
    await world.clock.untilWaits(5000)
    world.clock.pass(5000)
  }
  await until(async () => (await stateOf(world)).state === 'failed')
  expect(world.clock.waiting()).toBe(0)
})

test('[SE75] a token is renewed ahead of its end, once for all who ask, and a rotated refresh token is in the ledger before the token is used', async () => {
  const { world, oauth, put } = await house()
  await put('authorization-code')
  await signedIn(world, oauth)
  const first = await token(world)
  expect(await token(world)).toBe(first)
  for (let round = 0; round < 3; round += 1) {
    const before = (await world.store.connection(connectionId('support-inbox')))?.sealedOAuth
    const old = await token(world)
    world.clock.pass(3600_000 - 2 * 60_000)
    const fresh = await Promise.all([token(world), token(world), token(world)])
    expect(new Set(fresh).size).toBe(1)
    expect(fresh[0]).not.toBe(old)
    expect((await world.store.connection(connectionId('support-inbox')))?.sealedOAuth).not.toBe(before)
  }
  // The provider takes a second use of a rotated token for theft and ends everything: it never saw one.
  expect(oauth.asked.map(({ grant, status }) => [grant, status])).toEqual([['authorization_code', 200], ...Array.from({ length: 3 }, () => ['refresh_token', 200])])
})

test('[SE75] when the provider cannot be asked, a token that is still good goes on', async () => {
  const { world, oauth, put } = await house()
  await put('authorization-code')
  await signedIn(world, oauth)
  const first = await token(world)
  const broken = (response: ServerResponse): void => { response.writeHead(503, { 'content-type': 'text/html' }).end('<h1>Down</h1>') }
  oauth.instead.push(broken, broken)
  world.clock.pass(3600_000 - 2 * 60_000)
  expect(await token(world)).toBe(first)
  world.clock.pass(2 * 60_000)
  await expect(token(world)).rejects.toMatchObject({ code: 'SIGN_IN_UNAVAILABLE' })
  expect(await token(world)).not.toBe(first)
})

test('[SE76] a sign-in that the provider ended asks for a new one, in words, and is not tried again and again', async () => {
  const { world, oauth, put } = await house()
  await put('authorization-code')
  await signedIn(world, oauth)
  oauth.instead.push((response) => { response.writeHead(400, { 'content-type': 'application/json' }).end('{"error":"invalid_grant","error_description":"expired"}') })
  world.clock.pass(3600_000)
  const saved: string[] = []
  world.events.subscribe((event) => { if (event.type === 'connection.saved') saved.push(event.connection) })
  await expect(token(world)).rejects.toMatchObject({ code: 'SIGN_IN_AGAIN', message: 'Sign in again: no valid sign-in is kept for u0.' })
  await expect(token(world)).rejects.toMatchObject({ code: 'SIGN_IN_AGAIN' })
  expect(oauth.asked).toHaveLength(2)
  expect(saved).toEqual(['support-inbox'])
  expect(await world.registry.get('support-inbox')).toMatchObject({ signedInAt: null, hasClientSecret: true })
  await signedIn(world, oauth)
  expect(await token(world)).not.toBe('')
})

test('[SE77] another mail server, app or token address asks for the client secret again; another user or scope for a new sign-in', async () => {
  const { world, oauth, put } = await house()
  const app = oauth.oauth('authorization-code')
  const change = async (input: Partial<ConnectionInput>) => world.ask('PUT', '/api/connections/support-inbox', { body: inboxInput({ login: 'oauth2', oauth: app, user: 'u0', ...input }) })
  await put('authorization-code')
  await signedIn(world, oauth)
  for (const moved of [{ host: 'evil.example' }, { port: 994 }, { security: 'none' }, { oauth: { ...app, tokenUrl: 'https://evil.example/token' } }, { oauth: { ...app, clientId: 'other' } }, { oauth: { ...app, authorizationUrl: 'https://evil.example/auth' } }] as const) {
    expect((await change(moved)).body, JSON.stringify(moved)).toMatchObject({ error: { code: 'CONNECTION_SECRET_AGAIN', where: 'clientSecret' } })
    expect((await world.ask('POST', '/api/connections/support-inbox/test', { body: inboxInput({ login: 'oauth2', oauth: app, user: 'u0', ...moved }) })).body).toMatchObject({ error: { code: 'CONNECTION_SECRET_AGAIN' } })
  }
  const checks = async (input: Partial<ConnectionInput>): Promise<unknown> => (await world.ask('POST', '/api/connections/support-inbox/test', { body: inboxInput({ login: 'oauth2', oauth: app, user: 'u0', ...input }) })).body
  for (const kept of [{}, { clientSecret: oauth.clientSecret }]) expect(await checks(kept)).toMatchObject({ ok: true })
  expect(await world.checked.at(-1)?.tokens?.current()).toBe(await token(world))
  expect(await checks({ user: 'u1' })).toMatchObject({ error: { code: 'SIGN_IN_AGAIN' } })
  expect((await change({ name: 'Renamed', description: 'x' })).body).toMatchObject({ signedInAt: world.clock.now(), hasClientSecret: true })
  expect((await change({ user: 'u1' })).body).toMatchObject({ signedInAt: null, hasClientSecret: true })
  expect((await change({ oauth: { ...app, scopes: 'mail' } })).body).toMatchObject({ signedInAt: null, hasClientSecret: true })
  expect((await change({ login: 'password', oauth: null, password: 'pw' })).body).toMatchObject({ hasPassword: true, hasClientSecret: false })
  expect((await change({})).body).toMatchObject({ hasPassword: false, hasClientSecret: false, signedInAt: null })
  expect((await change({ oauth: null })).status).toBe(400)
})

test('[SE78] client secret, codes and tokens are in no answer, log line, live message or file', async () => {
  const { world, oauth, put } = await house()
  const live = await listen(world)
  await put('authorization-code')
  const answers: string[] = []
  const started = await start(world)
  if (started.kind !== 'browser') throw new Error(started.kind)
  const url = await oauth.signIn(started.url)
  answers.push((await back(world, url)).text)
  world.clock.pass(3600_000)
  await token(world)
  for (const path of ['/api/connections', '/api/connections/support-inbox', '/api/connections/support-inbox/sign-in', '/metrics']) answers.push((await world.ask('GET', path)).text)
  await until(() => live.text().includes('connection'))
  const files = await Promise.all((await readdir(world.folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile()).map((entry) => readFile(path.join(entry.parentPath, entry.name), 'latin1')))
  const everything = [...answers, ...world.logged, live.text(), ...files].join('\n')
  const tokens = oauth.asked.flatMap(({ body }) => { const { access_token: access, refresh_token: refresh } = JSON.parse(body) as Record<string, string>; return [access, refresh] })
  expect(tokens.filter((secret) => secret === undefined)).toEqual([])
  const secrets = [oauth.clientSecret, url.searchParams.get('code'), url.searchParams.get('state'), ...tokens]
  for (const secret of secrets) expect(everything.includes(secret ?? ''), secret ?? '').toBe(false)
  live.leave()
})

test('[SE79] keys rotate and the sign-in goes on', async () => {
  const { world, oauth, put } = await house()
  await put('authorization-code')
  await signedIn(world, oauth)
  const before = await token(world)
  expect((await world.ask('POST', '/api/keys/rotate', { body: {} })).body).toMatchObject({ sealed: 1 })
  expect(await token(world)).toBe(before)
  const row = await world.store.connection(connectionId('support-inbox'))
  if (!row?.oauth) throw new Error('no connection')
  // Whoever can write the ledger still can't send the secrets elsewhere.
  await world.store.putConnection({ ...row, oauth: { ...row.oauth, tokenUrl: 'https://evil.example/token' } })
  await expect(token(world)).rejects.toMatchObject({ code: 'SECRET_UNREADABLE' })
})

test('[SE80] a sign-in server is reached by https, or by http on this machine alone, within the host policy, and its answers are bounded in bytes and time', async () => {
  const { oauth } = await house()
  const loopback = makeHostPolicy({ loopbackBound: true, allowed: [] })
  const ask = (url: string, change: Partial<FetchParts> = {}) => makePolicyFetch({ policy: loopback, ...change })(url, { method: 'POST', headers: {}, body: new URLSearchParams({ grant_type: 'x' }) })
  expect((await ask(`${oauth.url}/token`)).status).toBe(400)
  await expect(ask(`${oauth.url}/token`, { policy: makeHostPolicy({ loopbackBound: false, allowed: [] }) })).rejects.toMatchObject({ code: 'MAIL_HOST_FORBIDDEN' })
  await expect(ask('http://localhost:1/token', { lookUp: () => Promise.resolve(['10.0.0.5']) })).rejects.toMatchObject({ code: 'MAIL_HOST_FORBIDDEN' })
  await expect(ask('https://169.254.169.254/token')).rejects.toMatchObject({ code: 'MAIL_HOST_FORBIDDEN' })
  await expect(ask(oauth.url.replace('http:', 'https:'))).rejects.toMatchObject({ code: 'MAIL_TLS_EXPECTED' })
  const say = (act: (response: ServerResponse) => void): void => { oauth.instead.push(act) }
  say((response) => { response.writeHead(200); response.end('x'.repeat(300 * 1024)) })
  await expect(ask(`${oauth.url}/token`)).rejects.toMatchObject({ code: 'SIGN_IN_UNAVAILABLE' })
  say(() => {})
  await expect(ask(`${oauth.url}/token`, { requestMs: 50 })).rejects.toMatchObject({ code: 'MAIL_TIMEOUT' })
  say((response) => { response.writeHead(200).write('{') })
  await expect(ask(`${oauth.url}/token`, { requestMs: 50 })).rejects.toMatchObject({ code: 'MAIL_TIMEOUT' })
  say((response) => { response.destroy() })
  await expect(ask(`${oauth.url}/token`)).rejects.toMatchObject({ code: 'MAIL_CONNECTION_LOST' })
  say((response) => { response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end() })
  expect((await ask(`${oauth.url}/token`)).status).toBe(302)
})

test('[SE80] addresses of a sign-in server are https, or http on this machine; nothing else is saved', () => {
  const app = { provider: 'custom', grant: 'authorization-code', clientId: 'x', authorizationUrl: 'https://id.example/auth', tokenUrl: 'https://id.example/token' }
  const fits = (tokenUrl: string): boolean => oauthSchema.safeParse({ ...app, tokenUrl }).success
  const good = ['https://id.example/token', 'https://id.example:8443/a/b?c=d', 'http://127.0.0.1:8080/token', 'http://localhost/token', 'http://[::1]:1/token']
  const bad = ['http://id.example/token', 'http://localhost.evil.example/token', 'http://127.0.0.1.evil.example/', 'https://user@id.example/token', 'https://id.example/#x', 'https://id.example\\@evil/', 'ftp://id.example/', 'javascript:alert(1)', '']
  expect([good.filter(fits), bad.filter(fits)]).toEqual([good, []])
  expect(oauthSchema.safeParse({ provider: 'google', grant: 'device-code', clientId: 'x' }).success).toBe(false)
  expect(oauthSchema.safeParse({ provider: 'microsoft', grant: 'client-credentials', clientId: 'x', tenant: 'common' }).success).toBe(false)
  const microsoft = oauthSchema.parse({ provider: 'microsoft', grant: 'client-credentials', clientId: 'x', tenant: 'acme.example' })
  expect([endpointsOf(microsoft).token, scopesOf(microsoft, 'imap')]).toEqual(['https://login.microsoftonline.com/acme.example/oauth2/v2.0/token', 'https://outlook.office365.com/.default'])
  expect(scopesOf({ ...microsoft, grant: 'device-code' }, 'smtp')).toBe('https://outlook.office.com/SMTP.Send offline_access')
})

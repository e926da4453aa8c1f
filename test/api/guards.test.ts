/** The API's guards: who may do what, from which page, how often, and with which cookie. */
import { expect, test } from 'vitest'
import { routes, type Right, type Route } from '#shared/api.ts'
import { adminToken, apiWorld, listen, tokens, type World } from './world.ts'
import { until } from '../until.ts'

const table = Object.entries(routes) as readonly (readonly [Route, Right])[]
const addressOf = (route: Route): readonly [string, string] => {
  const [method = '', path = ''] = route.split(' ')
  return [method, path.replace(':version', '1').replace(':id', 'some-id')]
}
const codeOf = (body: unknown): unknown => (body as { error?: { code?: string } } | null)?.error?.code

test('[SE1] without a token every route but the open ones answers 401', async () => {
  const world = await apiWorld()
  for (const [route, right] of table) {
    const { status, body } = await world.ask(...addressOf(route), { token: null })
    if (right === 'open') expect(codeOf(body), route).not.toBe('API_FORBIDDEN')
    else expect([status, codeOf(body)], route).toEqual([401, 'API_SIGN_IN'])
  }
})

test('[SE1] a wrong token is no token', async () => {
  const world = await apiWorld()
  expect((await world.ask('GET', '/api/flows', { token: `${adminToken}x` })).status).toBe(401)
})

test('[SE2] a sign-in may do what its rights say and nothing else, route by route', async () => {
  const world = await apiWorld()
  for (const { token, rights } of tokens) {
    for (const [route, right] of table.filter(([, needed]) => needed !== 'open')) {
      const { status, body } = await world.ask(...addressOf(route), { token })
      const refused = status === 403 && codeOf(body) === 'API_FORBIDDEN'
      expect([route, rights, refused || status === 401]).toEqual([route, rights, !rights.includes(right)])
    }
  }
})

test('[SE3] a foreign Host is refused on every route and page', async () => {
  const world = await apiWorld()
  const addresses = [...table.map(([route]) => addressOf(route)), ['GET', '/'] as const, ['GET', '/flows'] as const]
  for (const host of [`evil.example:${world.api.port}`, '127.0.0.1', '127.0.0.1:1', `127.0.0.1.evil.example:${world.api.port}`]) {
    for (const [method, path] of addresses) expect((await world.ask(method, path, { headers: { host } })).status, `${host} ${path}`).toBe(403)
  }
  for (const name of ['127.0.0.1', 'localhost', '[::1]', 'LOCALHOST']) {
    expect((await world.ask('GET', '/api/health', { headers: { host: `${name}:${world.api.port}` } })).status, name).toBe(200)
  }
})

test('[SE3] a name that the administrator listed is answered too', async () => {
  const world = await apiWorld()
  expect((await world.ask('GET', '/api/health', { headers: { host: 'mail.example.org' } })).status).toBe(403)
  const named = await apiWorld({ config: { host: '127.0.0.1', port: 0, version: '1', editorFolder: world.folder, names: ['Mail.example.org'] } })
  expect((await named.ask('GET', '/api/me', { headers: { host: 'mail.example.org', origin: 'https://mail.example.org' } })).status).toBe(200)
})

test('[SE3] bound to all addresses, the one that was typed is answered, other names are not', async () => {
  const world = await apiWorld({ config: { host: '0.0.0.0', port: 0, version: '1', editorFolder: '/nowhere' } })
  expect((await world.ask('GET', '/api/health', { headers: { host: `127.0.0.1:${world.api.port}` } })).status).toBe(200)
  expect((await world.ask('GET', '/api/health', { headers: { host: `192.0.2.1:${world.api.port}` } })).status).toBe(403)
  expect((await world.ask('GET', '/api/health', { headers: { host: `0.0.0.0:${world.api.port}` } })).status).toBe(403)
  expect(world.api.url).toBe(`http://127.0.0.1:${world.api.port}`)
})

test('[SE4] a request from another web page is refused on every route, whatever it carries', async () => {
  const world = await apiWorld()
  const foreign = [{ origin: 'https://evil.example' }, { origin: 'null' }, { origin: `http://127.0.0.1:${world.api.port + 1}` }, { 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }]
  for (const headers of foreign) {
    for (const [route] of table) expect((await world.ask(...addressOf(route), { headers })).status, `${JSON.stringify(headers)} ${route}`).toBe(403)
  }
  expect((await world.ask('GET', '/api/me', { headers: { origin: world.api.url } })).status).toBe(200)
})

test('[SE5] a body that is not JSON is refused, so that no form of another page is understood', async () => {
  const world = await apiWorld()
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
    const { status, body } = await world.ask('POST', '/api/session', { body: JSON.stringify({ token: adminToken }), headers: { 'content-type': type } })
    expect([type, status, codeOf(body)]).toEqual([type, 415, 'API_BAD_REQUEST'])
  }
})

test('[SE6] a browser signs in once: the cookie is for this server alone, unreadable by scripts, and ends with the sign-out', async () => {
  const world = await apiWorld()
  const signedIn = await world.ask('POST', '/api/session', { token: null, body: { token: adminToken } })
  expect(signedIn.status).toBe(200)
  expect(signedIn.body).toMatchObject({ rights: ['open', 'view', 'edit', 'deploy', 'secrets', 'admin'], sandbox: true })
  const set = String(signedIn.headers['set-cookie'])
  expect(set).toMatch(/; HttpOnly; SameSite=Strict; Path=\/; Max-Age=2592000$/)
  const cookie = set.split(';')[0] ?? ''
  expect(cookie).not.toContain(adminToken)
  const me = () => world.ask('GET', '/api/me', { token: null, headers: { cookie: `other=1; ${cookie}` } })
  expect((await me()).status).toBe(200)
  const signedOut = await world.ask('DELETE', '/api/session', { token: null, headers: { cookie } })
  expect([signedOut.status, String(signedOut.headers['set-cookie'])]).toEqual([204, expect.stringContaining('Max-Age=0')])
  expect((await me()).status).toBe(401)
})

test('[SE6] a session ends after 30 days, and a changed cookie is none', async () => {
  const world = await apiWorld()
  const signedIn = await world.ask('POST', '/api/session', { token: null, body: { token: adminToken } })
  const cookie = String(signedIn.headers['set-cookie']).split(';')[0] ?? ''
  const status = async (sent: string) => (await world.ask('GET', '/api/me', { token: null, headers: { cookie: sent } })).status
  expect(await status(`${cookie.slice(0, -1)}${cookie.endsWith('A') ? 'B' : 'A'}`)).toBe(401)
  world.clock.jump(29 * 24 * 3_600_000)
  expect(await status(cookie)).toBe(200)
  world.clock.jump(2 * 24 * 3_600_000)
  expect(await status(cookie)).toBe(401)
})

test('[SE6] a session has the rights of the token it was opened with', async () => {
  const world = await apiWorld()
  const signedIn = await world.ask('POST', '/api/session', { token: null, body: { token: 'token-that-may-view' } })
  const cookie = String(signedIn.headers['set-cookie']).split(';')[0] ?? ''
  expect((await world.ask('GET', '/api/flows', { token: null, headers: { cookie } })).status).toBe(200)
  expect((await world.ask('POST', '/api/flows/x/deploy', { token: null, headers: { cookie } })).status).toBe(403)
})

test('[SE7] after ten wrong tokens the next tries wait, and say how long', async () => {
  const world = await apiWorld()
  const signIn = (token: string) => world.ask('POST', '/api/session', { token: null, body: { token } })
  for (let tries = 0; tries < 10; tries += 1) expect((await signIn(`wrong-${tries}`)).status).toBe(401)
  const refused = await signIn(adminToken)
  expect([refused.status, codeOf(refused.body), refused.headers['retry-after']]).toEqual([429, 'API_TOO_MANY', '6'])
  expect((await world.ask('GET', '/api/me', { token: 'wrong-bearer' })).status).toBe(429)
  // Who has the right token already goes on working.
  expect((await world.ask('GET', '/api/me')).status).toBe(200)
  world.clock.pass(6000)
  expect((await signIn(adminToken)).status).toBe(200)
})

test('[SE8] every answer forbids inline script, framing, guessing of types and keeping of API answers', async () => {
  const world = await apiWorld()
  for (const path of ['/api/health', '/api/nothing-here', '/']) {
    const { headers } = await world.ask('GET', path, { headers: { accept: 'text/html' } })
    const policy = String(headers['content-security-policy'])
    expect(policy, path).toContain("default-src 'none'")
    expect(policy).toContain("script-src 'self';")
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).toContain("form-action 'none'")
    expect(headers['x-content-type-options']).toBe('nosniff')
    expect(headers['x-powered-by']).toBeUndefined()
    if (path.startsWith('/api')) expect(headers['cache-control']).toBe('no-store')
  }
})

test('[SE9] a sign-out ends the live streams of that session', async () => {
  const world = await apiWorld()
  const cookie = await signedInCookie(world)
  const page = await listen(world, { authorization: '', cookie })
  await until(() => page.text(), (text) => text.includes('id: '))
  await world.ask('DELETE', '/api/session', { token: null, headers: { cookie } })
  await until(() => page.response.destroyed || page.response.closed)
  expect((await world.ask('GET', '/api/events', { token: null, headers: { cookie } })).status).toBe(401)
})

const signedInCookie = async (world: World): Promise<string> =>
  String((await world.ask('POST', '/api/session', { token: null, body: { token: adminToken } })).headers['set-cookie']).split(';')[0] ?? ''

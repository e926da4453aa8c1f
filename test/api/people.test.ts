/** Named people: added once, changed and removed at once, known by name, and their tokens nowhere but with them. */
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import type { PersonAdded } from '#shared/api.ts'
import { until } from '../until.ts'
import { apiWorld, forwardFlow, listen, type World } from './world.ts'

const add = async (world: World, name: string, ...rights: readonly string[]): Promise<PersonAdded> => {
  const { status, body } = await world.ask('POST', '/api/people', { body: { name, rights } })
  expect(status).toBe(201)
  return body as PersonAdded
}
const sayOf = (body: unknown): string => (body as { error: { say: string } }).error.say
const cookieFor = async (world: World, token: string): Promise<string> =>
  String((await world.ask('POST', '/api/session', { token: null, body: { token } })).headers['set-cookie']).split(';')[0] ?? ''

test('[SE150] a person\'s token is answered once, signs in, and is in no file, log, other answer or audit', async () => {
  const audited: string[] = []
  const world = await apiWorld(({ store }) => ({ store: { ...store, audit: async (entry) => {
    audited.push(JSON.stringify(entry))
    await store.audit(entry)
  } } }))
  const { person, token } = await add(world, 'Anna Meyer', 'edit')
  expect(person).toEqual({ name: 'Anna Meyer', rights: ['view', 'edit'], addedAt: world.clock.now() })
  expect(token).toMatch(/^[\w-]{32}$/)
  const cookie = await cookieFor(world, token)
  const me = await world.ask('GET', '/api/me', { token: null, headers: { cookie } })
  expect(me.body).toMatchObject({ name: 'Anna Meyer', rights: ['view', 'edit'] })
  const listed = await world.ask('GET', '/api/people')
  expect(listed.body).toEqual({ people: [person] })
  const data = path.join(world.folder, 'data')
  const files = await Promise.all((await readdir(data, { withFileTypes: true })).filter((entry) => entry.isFile()).map((entry) => readFile(path.join(data, entry.name), 'latin1')))
  for (const text of [listed.text, me.text, cookie, ...audited, ...world.logged, ...files]) expect(text).not.toContain(token)
})

test('[SE151] a change of rights counts at the next request, for the token and for open sessions, and pages load again', async () => {
  const world = await apiWorld()
  const { token } = await add(world, 'Anna', 'view')
  const cookie = await cookieFor(world, token)
  const save = (headers: Record<string, string>) => world.ask('PUT', '/api/flows/support-tickets', { token: null, headers, body: forwardFlow() })
  const page = await listen(world, { authorization: '', cookie })
  await until(() => page.text(), (text) => text.includes('id: '))
  expect([(await save({ cookie })).status, (await save({ authorization: `Bearer ${token}` })).status]).toEqual([403, 403])
  expect((await world.ask('PUT', '/api/people/Anna', { body: { rights: ['edit'] } })).body).toMatchObject({ rights: ['view', 'edit'] })
  expect([(await save({ cookie })).status, (await save({ authorization: `Bearer ${token}` })).status]).toEqual([200, 200])
  await until(() => page.text(), (text) => text.includes('data: {"type":"reload"}'))
  page.leave()
})

test('[SE151] a removed person is signed out everywhere at once: token, session, stream; the name may be given anew', async () => {
  const world = await apiWorld()
  const { token } = await add(world, 'Anna', 'edit')
  const cookie = await cookieFor(world, token)
  const page = await listen(world, { authorization: '', cookie })
  const program = await listen(world, { authorization: `Bearer ${token}` })
  await until(() => page.text() + program.text(), (text) => text.split('id: ').length > 2)
  expect((await world.ask('DELETE', '/api/people/Anna')).status).toBe(204)
  await until(() => page.response.closed && program.response.closed)
  const asked = async () => [(await world.ask('GET', '/api/me', { token: null, headers: { cookie } })).status, (await world.ask('GET', '/api/me', { token })).status]
  expect(await asked()).toEqual([401, 401])
  await add(world, 'Anna', 'edit')
  expect(await asked()).toEqual([401, 401])
  expect((await world.ask('DELETE', '/api/people/Nobody%20Here')).status).toBe(404)
})

test('[SE152] people are the administrator\'s business alone, and the administrator is none of them', async () => {
  const world = await apiWorld()
  const { token } = await add(world, 'Anna', 'view', 'edit', 'deploy', 'secrets')
  for (const [method, url] of [['GET', '/api/people'], ['POST', '/api/people'], ['PUT', '/api/people/Anna'], ['DELETE', '/api/people/Anna']] as const) {
    const { status, body } = await world.ask(method, url, { token, body: method === 'GET' || method === 'DELETE' ? undefined : {} })
    expect([method, status, sayOf(body)]).toEqual([method, 403, 'This is not allowed: this sign-in may not look after people: that is the administrator\'s.'])
  }
  expect((await world.ask('GET', '/api/people/names', { token })).body).toEqual({ names: ['Anna'] })
  expect((await world.ask('DELETE', '/api/people/admin')).status).toBe(404)
  for (const name of ['admin', 'Admin', 'everyone', 'nobody', '', ' ', '--may', 'a/b', 'a\nb', 'x'.repeat(65)]) {
    expect([name, (await world.ask('POST', '/api/people', { body: { name, rights: ['view'] } })).status]).toEqual([name, 400])
  }
  for (const rights of [[], ['admin'], ['open'], ['all'], 'view']) expect((await world.ask('POST', '/api/people', { body: { name: 'Bob', rights } })).status).toBe(400)
  const taken = await world.ask('POST', '/api/people', { body: { name: ' anna ', rights: ['view'] } })
  expect([taken.status, sayOf(taken.body)]).toEqual([409, 'There is already somebody named Anna. Choose another name, or remove them first.'])
})

test('[SE153] the audit log says which person changed what', async () => {
  const written: string[] = []
  const world = await apiWorld(({ store }) => ({ store: { ...store, audit: async ({ who, what, subject }) => { written.push(`${who} ${what} ${subject}`) } } }))
  const { token } = await add(world, 'Zoë Ångström-Łuczak', 'edit')
  await world.ask('PUT', '/api/flows/support-tickets', { token, body: forwardFlow() })
  await world.ask('PUT', '/api/people/Zo%C3%AB%20%C3%85ngstr%C3%B6m-%C5%81uczak', { body: { rights: ['view'] } })
  await world.ask('DELETE', '/api/people/Zo%C3%AB%20%C3%85ngstr%C3%B6m-%C5%81uczak')
  expect(written).toEqual([
    'admin person.added Zoë Ångström-Łuczak: view, edit', 'Zoë Ångström-Łuczak flow.saved support-tickets',
    'admin person.changed Zoë Ångström-Łuczak: view', 'admin person.removed Zoë Ångström-Łuczak',
  ])
})

test('[SE154] a token that differs in one letter is wrong, and ten wrong ones wait, whoever is named', async () => {
  const world = await apiWorld()
  const { token } = await add(world, 'Anna', 'view')
  for (let place = 0; place < 10; place += 1) {
    const wrong = `${token.slice(0, place)}${token[place] === 'A' ? 'B' : 'A'}${token.slice(place + 1)}`
    expect((await world.ask('GET', '/api/me', { token: wrong })).status).toBe(401)
  }
  expect((await world.ask('GET', '/api/me', { token: `${token}x` })).status).toBe(429)
  expect((await world.ask('POST', '/api/session', { token: null, body: { token } })).status).toBe(429)
  expect((await world.ask('GET', '/api/me', { token })).status).toBe(200)
  expect(await readFile(path.join(import.meta.dirname, '../../runtime/api/session.ts'), 'utf8')).toContain('timingSafeEqual(candidate.hash, hash)')
})

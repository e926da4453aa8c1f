/** Connections over HTTP: passwords go in and never come out, and only to the server they were typed for. */
import { readFile, readdir } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { routes } from '#shared/api.ts'
import { connectionId } from '#shared/ids.ts'
import { adminToken, apiWorld, forwardFlow, inboxInput, listen, oneRun, outboxInput, withConnections } from './world.ts'

const canary = 'canary-5d1f0c-password'
const codeOf = (body: unknown): unknown => (body as { error?: { code?: string } } | null)?.error?.code

test('[SE14] a password is in no answer, log line, stream or file', async () => {
  const world = await apiWorld()
  const stream = await listen(world)
  const answers = [
    await world.ask('PUT', '/api/connections/support-inbox', { body: inboxInput({ password: canary }) }),
    await world.ask('PUT', '/api/connections/support-outbox', { body: outboxInput({ password: canary }) }),
    await world.ask('PUT', '/api/connections/support-inbox', { body: { ...inboxInput({ password: canary }), port: 'not a port' } }),
    await world.ask('POST', '/api/connections/support-inbox/test', { body: {} }),
    await world.ask('PUT', '/api/flows/support-tickets', { body: forwardFlow() }),
    await world.ask('POST', '/api/flows/support-tickets/deploy', { body: {} }),
  ]
  expect(answers.map((answer) => answer.status)).toEqual([200, 200, 400, 200, 200, 200])
  expect(answers[0]?.body).toMatchObject({ hasPassword: true })
  const run = await oneRun(world)
  for (const route of Object.keys(routes).filter((key) => key.startsWith('GET '))) {
    const address = route.slice(4).replace(':version', '1').replace(':id', route.includes('/runs/') ? run.id : route.includes('/flows/') ? 'support-tickets' : 'support-inbox')
    answers.push(await world.ask('GET', address))
  }
  expect(world.checked[0]?.password).toBe(canary)
  for (const { text } of answers) {
    expect(text).not.toContain(canary)
    expect(text).not.toContain('sealed')
    expect(text).not.toContain(adminToken)
  }
  expect(`${stream.text()}${world.logged.join('')}`).not.toContain(canary)
  const data = path.join(world.folder, 'data')
  for (const name of await readdir(data)) expect((await readFile(path.join(data, name)).catch(() => Buffer.alloc(0))).includes(canary), name).toBe(false)
})

test('[SE15] leaving the password out keeps it; a new host, port, user, security or kind wants it again', async () => {
  const world = await apiWorld()
  const put = (change: object) => world.ask('PUT', '/api/connections/support-inbox', { body: { ...inboxInput(), ...change } })
  await put({ password: canary })
  expect((await put({ name: 'Renamed', certificate: 'PEM' })).body).toMatchObject({ name: 'Renamed', hasPassword: true })
  expect((await world.registry.account('support-inbox')).password).toBe(canary)
  for (const change of [{ host: 'evil.example' }, { port: 994 }, { user: 'other@example.org' }, { security: 'none' }, { kind: 'pop3' }]) {
    const { status, body } = await put(change)
    expect([change, status, codeOf(body)]).toEqual([change, 422, 'CONNECTION_PASSWORD_AGAIN'])
    // Nor is it lent to a check of the unsaved form.
    expect(codeOf((await world.ask('POST', '/api/connections/support-inbox/test', { body: { ...inboxInput(), ...change } })).body)).toBe('CONNECTION_PASSWORD_AGAIN')
  }
  expect(world.checked).toEqual([])
  expect((await put({ host: 'new.example.org', password: 'typed again' })).status).toBe(200)
  expect(await world.registry.account('support-inbox')).toMatchObject({ host: 'new.example.org', password: 'typed again' })
  expect((await put({ host: 'new.example.org', password: '' })).body).toMatchObject({ hasPassword: false })
  expect((await put({ host: 'third.example.org' })).status).toBe(200)
})

test('[SE103] a connection with ciphers nobody knows is not saved, and the field is named', async () => {
  const world = await apiWorld()
  const { status, body } = await world.ask('PUT', '/api/connections/support-inbox', { body: inboxInput({ password: canary, ciphers: 'HIGH:AES129' }) })
  expect(status).toBe(422)
  expect(body).toMatchObject({ error: { code: 'MAIL_TLS_SETTING', where: 'ciphers', say: 'The TLS settings of this connection can\'t be used: OpenSSL knows no cipher named AES129.' } })
  expect((await world.ask('GET', '/api/connections/support-inbox')).status).toBe(404)
})

test('[SE15] an unsaved form is checked with what it holds', async () => {
  const world = await apiWorld()
  const { id: _, ...form } = inboxInput({ password: 'typed' })
  expect((await world.ask('POST', '/api/connections/brand-new/test', { body: form })).body).toMatchObject({ ok: true })
  expect(world.checked).toMatchObject([{ id: 'brand-new', host: 'imap.example.org', password: 'typed' }])
  expect(await world.registry.list()).toEqual([])
})

test('[SE7] connection checks are slowed down after ten in a row', async () => {
  const world = await apiWorld()
  await withConnections(world)
  const check = () => world.ask('POST', '/api/connections/support-inbox/test', { body: {} })
  for (let tries = 0; tries < 10; tries += 1) expect((await check()).status).toBe(200)
  const refused = await check()
  expect([refused.status, refused.headers['retry-after']]).toEqual([429, '3'])
  world.clock.pass(3000)
  expect((await check()).status).toBe(200)
})

test('[SE144] looking up settings needs the right of checks, shares their rate, and takes nothing but an address', async () => {
  const world = await apiWorld()
  const detect = (body: unknown, token = adminToken) => world.ask('POST', '/api/connections/detect', { body, token })
  expect((await detect({ address: 'a@acme.example' }, 'token-that-may-edit')).status).toBe(403)
  expect((await detect({ address: 'a@acme.example', password: canary })).status).toBe(400)
  expect((await detect({ address: `${'a'.repeat(320)}@acme.example` })).status).toBe(400)
  const found = await detect({ address: 'a@acme.example' })
  expect(found).toMatchObject({ status: 200, body: { address: 'a@acme.example', missed: [{ by: 'dns' }] } })
  expect(found.text).not.toContain('password')
  for (let count = 0; count < 9; count += 1) await detect({ address: 'a@acme.example' })
  expect(codeOf((await detect({ address: 'a@acme.example' })).body)).toBe('API_TOO_MANY')
  expect((await world.ask('POST', '/api/connections/support-inbox/test', { body: inboxInput() })).status).toBe(429)
})

test('[AP11] a connection says which flows use it, and is not removed while one does', async () => {
  const world = await apiWorld()
  await withConnections(world)
  await world.ask('PUT', '/api/flows/support-tickets', { body: forwardFlow() })
  expect((await world.ask('GET', '/api/connections/support-inbox')).body).toMatchObject({ usedBy: ['support-tickets'] })
  const refused = await world.ask('DELETE', '/api/connections/support-inbox')
  expect([refused.status, codeOf(refused.body)]).toEqual([409, 'CONNECTION_IN_USE'])
  await world.ask('POST', '/api/flows/support-tickets/deploy', { body: {} })
  // The draft lets go of it, the version that runs does not.
  await world.ask('PUT', '/api/flows/support-tickets', { body: forwardFlow({ nodes: [], edges: [] }) })
  expect((await world.ask('DELETE', '/api/connections/support-inbox')).status).toBe(409)
  await world.ask('DELETE', '/api/flows/support-tickets')
  expect((await world.ask('DELETE', '/api/connections/support-inbox')).status).toBe(204)
  expect((await world.ask('GET', '/api/connections/support-inbox')).status).toBe(404)
  expect((await world.ask('DELETE', '/api/connections/support-inbox')).status).toBe(404)
})

test('[AP12] the sandbox\'s connections can be used, not changed; a person\'s own of that name stays', async () => {
  const world = await apiWorld()
  await world.registry.putSandbox(inboxInput({ password: 'sandbox' }))
  expect((await world.ask('GET', '/api/connections/support-inbox')).body).toMatchObject({ sandbox: true })
  expect((await world.ask('PUT', '/api/connections/support-inbox', { body: inboxInput() })).status).toBe(403)
  expect((await world.ask('DELETE', '/api/connections/support-inbox')).status).toBe(403)
  await world.registry.put(outboxInput({ name: 'Mine' }))
  await world.registry.putSandbox(outboxInput({ name: 'Sandbox' }))
  expect(await world.registry.get('support-outbox')).toMatchObject({ name: 'Mine', sandbox: false })
})

test('[AP13] folders and mails are shown of mailboxes, not of sending servers', async () => {
  const world = await apiWorld()
  await withConnections(world)
  expect((await world.ask('GET', '/api/connections/support-inbox/folders')).body).toMatchObject({ folders: [{ path: 'INBOX' }] })
  expect((await world.ask('GET', '/api/connections/support-inbox/messages?folder=INBOX&limit=5')).body).toEqual({ messages: [], total: 0, waiting: 0 })
  const asked = await world.ask('POST', '/api/connections/support-inbox/messages', { body: { folder: 'INBOX', search: { from: 'ada' } } })
  expect([asked.status, asked.body]).toEqual([200, { messages: [], total: 3, waiting: 0 }])
  expect((await world.ask('POST', '/api/connections/support-inbox/messages', { body: { search: { form: 'ada' } } })).status).toBe(400)
  expect((await world.ask('POST', '/api/connections/support-outbox/messages', { body: { search: {} } })).status).toBe(422)
  const { status, body } = await world.ask('GET', '/api/connections/support-outbox/folders')
  expect([status, codeOf(body)]).toEqual([422, 'CONNECTION_KIND'])
})

test('[SE12] rotating the keys seals every password anew, and all still open', async () => {
  const world = await apiWorld()
  await world.registry.put(inboxInput({ password: canary }))
  await world.registry.put(outboxInput({ password: 'another' }))
  const before = (await world.store.connection(connectionId('support-inbox')))?.sealed
  expect((await world.ask('POST', '/api/keys/rotate', { body: {} })).body).toMatchObject({ sealed: 2 })
  expect((await world.store.connection(connectionId('support-inbox')))?.sealed).not.toBe(before)
  expect((await world.registry.account('support-inbox')).password).toBe(canary)
  expect((await world.registry.account('support-outbox')).password).toBe('another')
  expect((JSON.parse(await readFile(path.join(world.folder, 'data', 'keys.json'), 'utf8')) as { keys: unknown[] }).keys).toHaveLength(1)
})

/** The key a connection signs with: it goes in, is kept sealed, and never comes out. */
import { generateKeyPairSync } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { apiWorld, outboxInput } from '../api/world.ts'

const pem = (): string => String(generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }))
const inside = (key: string): string => key.split('\n')[1] ?? ''
const codeOf = (body: unknown): unknown => (body as { error?: { code?: string } } | null)?.error?.code
const dkim = { domain: 'Example.org', selector: 'mail2026' }

test('[SX93] the key is kept sealed; answers have the record to publish, and neither they nor logs nor files have the key', async () => {
  const world = await apiWorld()
  const key = pem()
  const put = (change: object) => world.ask('PUT', '/api/connections/support-outbox', { body: { ...outboxInput(), password: 'pw', dkim, ...change } })
  expect(codeOf((await put({})).body)).toBe('DKIM_KEY_MISSING')
  const saved = await put({ dkimKey: key })
  expect(saved.body).toMatchObject({ dkim: { domain: 'example.org', selector: 'mail2026' }, dkimRecord: { name: 'mail2026._domainkey.example.org', value: expect.stringMatching(/^v=DKIM1; k=ed25519; p=/) } })
  expect((await world.registry.account('support-outbox')).dkim).toMatchObject({ domain: 'example.org', selector: 'mail2026' })
  const answers = [saved, await put({ dkimKey: `${key.slice(0, 60)}broken` }), await world.ask('GET', '/api/connections/support-outbox'), await world.ask('GET', '/api/connections'), await world.ask('POST', '/api/connections/support-outbox/test', { body: {} })]
  expect(answers.map(({ status }) => status)).toEqual([200, 422, 200, 200, 200])
  for (const { text } of answers) expect(text).not.toContain(inside(key).slice(0, 20))
  expect(world.logged.join('')).not.toContain(inside(key).slice(0, 20))
  const data = path.join(world.folder, 'data')
  for (const name of await readdir(data)) expect((await readFile(path.join(data, name)).catch(() => Buffer.alloc(0))).includes(inside(key)), name).toBe(false)
  expect(JSON.stringify(await world.registry.account('support-outbox'))).not.toContain(inside(key).slice(0, 20))
})

test('[SX93] domain, selector and server change without the key; the password keeps its own rules; signing no more forgets it', async () => {
  const world = await apiWorld()
  const put = (change: object) => world.ask('PUT', '/api/connections/support-outbox', { body: { ...outboxInput(), dkim, ...change } })
  await put({ password: 'pw', dkimKey: pem() })
  const record = async (): Promise<{ readonly name: string; readonly value: string } | null> => (await world.registry.get('support-outbox')).dkimRecord
  const before = await record()
  expect((await put({ dkim: { domain: 'other.example', selector: 's2' } })).status).toBe(200)
  expect(await record()).toEqual({ name: 's2._domainkey.other.example', value: before?.value })
  expect(codeOf((await put({ host: 'elsewhere.example' })).body)).toBe('CONNECTION_PASSWORD_AGAIN')
  expect((await put({ host: 'elsewhere.example', password: 'pw' })).status).toBe(200)
  expect((await record())?.value).toBe(before?.value)
  await put({ dkimKey: pem(), host: 'elsewhere.example' })
  expect((await record())?.value).not.toBe(before?.value)
  expect((await put({ dkim: null, host: 'elsewhere.example' })).body).toMatchObject({ dkim: null, dkimRecord: null })
  expect((await world.registry.account('support-outbox')).dkim).toBeNull()
  expect(codeOf((await put({ host: 'elsewhere.example' })).body)).toBe('DKIM_KEY_MISSING')
})

test('[SX93] a box put into another connection does not open; new keys of the ring seal it anew', async () => {
  const world = await apiWorld()
  await world.ask('PUT', '/api/connections/support-outbox', { body: { ...outboxInput(), password: 'pw', dkim, dkimKey: pem() } })
  const before = await world.registry.get('support-outbox')
  await world.registry.rotateKeys()
  expect((await world.registry.get('support-outbox')).dkimRecord).toEqual(before.dkimRecord)
  const stored = await world.store.connection(before.id)
  if (!stored) throw new Error('it was saved')
  const other = { ...stored, id: outboxInput({ id: 'thief' as typeof stored.id }).id, sealed: '' } // an id like any
  await world.store.putConnection(other)
  expect((await world.registry.get('thief')).dkimRecord).toBeNull()
  await expect(world.registry.account('thief')).rejects.toMatchObject({ code: 'SECRET_UNREADABLE' })
})

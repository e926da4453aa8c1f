/** What a guest of the API can send: bombs, the language's own names, and paths out of the folders. */
import { chmod, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { onTestFinished, expect, test } from 'vitest'
import { openToken } from '#runtime/token.ts'
import { adminToken, apiWorld, type World } from '../api/world.ts'

/** As bytes on the wire, so that no client tidies the path or the headers up. */
function wire(world: World, method: string, where: string, headers: Readonly<Record<string, string>> = {}, body: Buffer = Buffer.alloc(0)): Promise<{ readonly status: number; readonly text: string }> {
  const all = { host: `127.0.0.1:${world.api.port}`, connection: 'close', 'content-length': String(body.length), authorization: `Bearer ${adminToken}`, ...headers }
  return new Promise((resolve) => {
    let text = ''
    const line = connect(world.api.port, '127.0.0.1')
    line.on('data', (bytes: Buffer) => { text += bytes.toString() })
    line.on('error', () => { line.destroy() })
    line.on('close', () => { resolve({ status: Number(text.split(' ')[1]), text }) })
    line.write(`${method} ${where} HTTP/1.1\r\n${Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`)
    line.write(body)
  })
}

test('[SE55] a body that grows when it is unpacked is cut at the same size as any other', async () => {
  const world = await apiWorld()
  const bomb = gzipSync(Buffer.from(`{"token":"${'x'.repeat(50_000_000)}"}`))
  expect(bomb.length).toBeLessThan(60_000)
  const json = { 'content-type': 'application/json' }
  expect((await wire(world, 'PUT', '/api/flows/x', { ...json, 'content-encoding': 'gzip' }, bomb)).status).toBe(413)
  expect((await wire(world, 'PUT', '/api/flows/x', json, Buffer.from('['.repeat(1_000_000)))).status).toBe(400)
  expect((await wire(world, 'PUT', '/api/flows/x', json, Buffer.from(`${'['.repeat(900_000)}${']'.repeat(900_000)}`))).status).toBe(400)
  expect((await world.ask('GET', '/api/health')).status).toBe(200)
})

test('[SE55] who is not signed in yet may send 4 KB and no more', async () => {
  const world = await apiWorld()
  const signIn = (token: string) => world.ask('POST', '/api/session', { token: null, body: { token } })
  expect((await signIn('x'.repeat(900))).status).toBe(401)
  expect((await signIn('x'.repeat(5000))).status).toBe(413)
})

test('[SE56] the language\'s own names in a body change nothing and nobody', async () => {
  const world = await apiWorld()
  const names = ['__proto__', 'constructor', 'prototype']
  for (const name of names) {
    const poison = `"${name}":{"polluted":"yes","toString":"no"}`
    const flow = `{"format":1,"id":"pp","name":"x","nodes":[{"id":"map","kind":"map-data","config":{${poison},"rows":[{"to":"headers.${name}","value":{${poison}}},{"to":"subject","from":["${name}.polluted"]}]}}],"edges":[],"view":{"positions":{"${name}":[1,2]}}}`
    expect((await world.ask('PUT', '/api/flows/pp', { body: flow })).status).toBe(200)
    for (const [method, where] of [['GET', '/api/flows/pp'], ['GET', '/api/flows'], ['POST', '/api/flows/pp/check'], ['POST', '/api/flows/pp/try']] as const) {
      expect((await world.ask(method, where, method === 'POST' ? { body: '{}' } : {})).status, `${name} ${where}`).toBeLessThan(500)
    }
    for (const body of [`{${poison}}`, `{"letter":"${name}"}`, `{"flow":${flow},"letter":"${name}"}`]) {
      for (const where of ['/api/flows/pp/try', '/api/sandbox/send', '/api/session', '/api/connections/x/test']) expect((await world.ask('POST', where, { body })).status, where).toBeLessThan(500)
    }
    for (const where of [`/api/runs/${name}`, `/api/sandbox/mail/${name}`, `/api/outbox/${name}/mail`, `/api/flows/${name}`, `/api/connections/${name}`, `/api/runs?${name}=1`]) expect([400, 404], where).toContain((await world.ask('GET', where)).status)
  }
  expect(['polluted' in {}, Object.prototype.toString.call('')]).toEqual([false, '[object String]'])
})

test('[SE57] no path leads out of the editor\'s folder or the flows folder', async () => {
  const world = await apiWorld()
  await mkdir(path.join(world.folder, 'dist', 'assets'), { recursive: true })
  await writeFile(path.join(world.folder, 'outside.json'), '{"canary":"out of the folder"}')
  const ups = ['../outside.json', '..%2foutside.json', '%2e%2e/outside.json', '..%5coutside.json', '..%252foutside.json', './/..//outside.json', '%00../outside.json', '..%c0%afoutside.json']
  for (const up of ups) {
    for (const start of ['/', '/assets/', '/api/flows/', '/api/flows/..%2f', '/api/outbox/', '/api/runs/', '/api/sandbox/mail/']) {
      const { status, text } = await wire(world, 'GET', start + up)
      expect(text, start + up).not.toContain('out of the folder')
      expect(status, start + up).toBeGreaterThanOrEqual(400)
    }
  }
  for (const id of ['../outside', '..', '.', 'a/b', 'a%00', 'CON', 'a'.repeat(65)]) expect((await world.ask('PUT', `/api/flows/${encodeURIComponent(id)}`, { body: { format: 1, id, name: 'x', nodes: [], edges: [] } })).status, id).toBe(400)
})

test('[SE58] behind a proxy with TLS the session cookie never travels in clear', async () => {
  const world = await apiWorld({ config: { host: '127.0.0.1', port: 0, version: '1', editorFolder: '/nowhere', names: ['mail.example.org'] } })
  const cookie = async (headers: Readonly<Record<string, string>>): Promise<string> => String((await world.ask('POST', '/api/session', { token: null, body: { token: adminToken }, headers })).headers['set-cookie'])
  expect(await cookie({ host: 'mail.example.org', origin: 'https://mail.example.org' })).toMatch(/; Secure$/)
  expect(await cookie({})).not.toContain('Secure')
})

test('[SE59] a token file that others may read is taken back for its owner alone', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'mailweave-token-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const token = await openToken(folder, undefined)
  const file = path.join(folder, 'token')
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  await chmod(file, 0o644)
  expect(await openToken(folder, undefined)).toBe(token)
  expect((await stat(file)).mode & 0o777).toBe(0o600)
})

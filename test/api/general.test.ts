/** What every client sees: health, errors in plain words, the API's description, metrics and the editor's files. */
import { mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import path from 'node:path'
import { expect, test } from 'vitest'
import { routes } from '#shared/api.ts'
import { errors } from '#shared/errors.ts'
import { flowId, mailId, runId } from '#shared/ids.ts'
import { startApi } from '#runtime/api/server.ts'
import type { ApiDeps } from '#runtime/api/deps.ts'
import { adminToken, apiWorld, forwardFlow, listen, withConnections } from './world.ts'
import { until } from '../until.ts'

test('[AP29] health says that the process answers, ready whether mail is looked after', async () => {
  let ready = false
  const world = await apiWorld({ ready: () => ready })
  expect((await world.ask('GET', '/api/health', { token: null })).body).toEqual({ ok: true, version: '0.0.0-test' })
  expect((await world.ask('GET', '/api/ready', { token: null })).status).toBe(503)
  ready = true
  expect((await world.ask('GET', '/api/ready', { token: null })).status).toBe(200)
})

test('[AP30] every refusal is a code of the catalogue with words for a person', async () => {
  const world = await apiWorld()
  const answers = [
    await world.ask('GET', '/api/nothing'), await world.ask('PATCH', '/api/flows/x'), await world.ask('GET', '/api/flows/x'), await world.ask('PUT', '/api/flows/x', { body: {} }),
    await world.ask('GET', '/api/connections/none'), await world.ask('GET', '/api/flows/%ff'), await world.ask('GET', '/nothing.png'), await world.ask('POST', '/', { body: {} }), await world.ask('GET', '/api'),
  ]
  expect(answers.map((answer) => answer.status)).toEqual([404, 404, 404, 400, 404, 400, 404, 404, 404])
  for (const { body } of answers) {
    const { error } = body as { error: { code: string; say: string; where: string } }
    expect(Object.keys(errors)).toContain(error.code)
    expect(error.say).toMatch(/\w.*[.!:]?$/)
    expect(error.where).toBeTypeOf('string')
  }
})

test('[AP30] what goes wrong inside is told to the log, and to the caller only as a mark to find it by', async () => {
  const world = await apiWorld({ folders: async () => { throw new Error('secret inside') } })
  await withConnections(world)
  const { status, text, body } = await world.ask('GET', '/api/connections/support-inbox/folders')
  expect([status, text.includes('secret inside')]).toEqual([500, false])
  const mark = /\(([0-9a-f]{8})\)/.exec((body as { error: { say: string } }).error.say)?.[1] ?? 'no mark'
  expect(world.logged.find((line) => line.includes(mark))).toContain('secret inside')
})

test('[AP31] the description covers every route with its right, its parameters and its body', async () => {
  const world = await apiWorld()
  const { body } = await world.ask('GET', '/api/openapi.json', { token: null })
  const { openapi, paths } = body as { openapi: string; paths: Record<string, Record<string, { 'x-right': string; parameters: { name: string }[]; requestBody?: { content: Record<string, { schema: { properties?: object } }> } }>> }
  expect(openapi).toBe('3.1.0')
  const described = Object.entries(paths).flatMap(([address, methods]) => Object.entries(methods).map(([method, operation]) => [`${method.toUpperCase()} ${address.replace(/\{(\w+)\}/g, ':$1')}`, operation['x-right']]))
  expect(Object.fromEntries(described)).toEqual(routes)
  for (const [address, methods] of Object.entries(paths)) {
    for (const operation of Object.values(methods)) {
      for (const [, name] of address.matchAll(/\{(\w+)\}/g)) expect(operation.parameters.map((parameter) => parameter.name), address).toContain(name)
    }
  }
  expect(Object.keys(paths['/api/connections/{id}']?.['put']?.requestBody?.content['application/json']?.schema.properties ?? {})).toContain('password')
})

test('[AP32] metrics count what happened and tell how mailboxes, outbox and process are', async () => {
  const world = await apiWorld()
  await withConnections(world)
  await world.ask('PUT', '/api/flows/support-tickets', { body: forwardFlow() })
  await world.ask('POST', '/api/flows/support-tickets/deploy', { body: {} })
  const flow = flowId('support-tickets')
  world.events.emit({ type: 'run.queued', run: runId('r'), flow, mail: mailId('m') })
  world.events.emit({ type: 'run.finished', run: runId('r'), flow, state: 'failed', problem: null, mailbox: null })
  world.events.emit({ type: 'mailbox.looked', connection: 'support-inbox', folder: 'INBOX', fresh: 3, ms: 500 })
  const { headers, text } = await world.ask('GET', '/metrics')
  expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8')
  for (const line of [
    'mailweave_runs_total{state="queued"} 1', 'mailweave_runs_total{state="failed"} 1', 'mailweave_mails_fresh_total 3', 'mailweave_mailbox_looks_total 1', 'mailweave_mailbox_look_seconds_total 0.5',
    'mailweave_mailboxes{health="idle"} 1', 'mailweave_mailboxes{health="deaf"} 0', 'mailweave_flows_running 1', 'mailweave_deploys_total 1', 'mailweave_runs_today{flow="support-tickets",state="failed"} 0',
  ]) expect(text.split('\n'), line).toContain(line)
  expect(text).toMatch(/^process_resident_memory_bytes \d{7,}$/m)
  expect(text).toMatch(/^nodejs_eventloop_lag_seconds\{quantile="0.99"\} [\d.]+(e-\d+)?$/m)
  for (const line of text.trim().split('\n')) expect(line).toMatch(/^(# (HELP|TYPE) \w+ .+|\w+(\{\w+="[^"]*"(,\w+="[^"]*")*\})? [\d.]+(e[+-]?\d+)?)$/)
})

test('[AP33] the editor\'s hashed files may be kept for ever, its page not, and every page address gives it', async () => {
  const world = await apiWorld()
  const dist = path.join(world.folder, 'dist')
  const page = () => world.ask('GET', '/flows/some-flow', { token: null, headers: { accept: 'text/html' } })
  const missing = await page()
  expect([missing.status, missing.text]).toEqual([503, expect.stringContaining('npm run build')])
  await mkdir(path.join(dist, 'assets'), { recursive: true })
  await writeFile(path.join(dist, 'index.html'), '<!doctype html><title>Editor</title>')
  await writeFile(path.join(dist, 'assets', 'app-1a2b3c.js'), 'export {}')
  await writeFile(path.join(dist, '.secret'), 'hidden')
  await writeFile(path.join(world.folder, 'outside.txt'), 'outside')
  for (const address of ['/', '/flows/some-flow', '/sign-in', '/index.html']) {
    const { status, headers, text } = await world.ask('GET', address, { token: null, headers: { accept: 'text/html' } })
    expect([address, status, headers['cache-control'], text]).toEqual([address, 200, 'no-cache', '<!doctype html><title>Editor</title>'])
  }
  const asset = await world.ask('GET', '/assets/app-1a2b3c.js', { token: null })
  expect([asset.status, asset.headers['cache-control']]).toEqual([200, 'public, max-age=31536000, immutable'])
  for (const address of ['/assets/', '/assets', '/.secret', '/..%2foutside.txt', '/../outside.txt', '/assets/..%2f..%2foutside.txt', '/missing.js']) {
    const { text } = await world.ask('GET', address, { token: null })
    expect([address, text.includes('outside\n') || text === 'outside' || text.includes('hidden') || text.includes('app-1a2b3c')]).toEqual([address, false])
  }
  expect((await world.ask('GET', '/missing.js', { token: null })).status).toBe(404)
})

test('[AP34] a taken port is said in words, and a stop ends every connection', async () => {
  const other = createServer()
  await new Promise<void>((resolve) => { other.listen(0, '127.0.0.1', resolve) })
  const address = other.address()
  const port = typeof address === 'object' && address ? address.port : 0
  let given: ApiDeps | undefined
  const world = await apiWorld((deps) => {
    given = deps
    return {}
  })
  if (!given) throw new Error('no deps')
  await expect(startApi({ ...given, config: { ...given.config, port } })).rejects.toMatchObject({ code: 'PORT_IN_USE', facts: { port } })
  await new Promise((resolve) => { other.close(resolve) })

  const page = await listen(world)
  await until(() => page.text(), (text) => text !== '')
  await world.api.stop()
  await until(() => page.response.closed)
  await expect(world.ask('GET', '/api/health')).rejects.toThrow('ECONNREFUSED')
})

test('[SE17] who changed what stands in the audit log, without tokens', async () => {
  const written: string[] = []
  const world = await apiWorld(({ store }) => ({ store: { ...store, audit: async (entry) => {
    written.push(`${entry.who} ${entry.what} ${entry.subject}`)
    await store.audit(entry)
  } } }))
  await withConnections(world)
  await world.ask('POST', '/api/session', { token: null, body: { token: adminToken } })
  await world.ask('PUT', '/api/flows/support-tickets', { body: forwardFlow(), token: 'token-that-may-edit' })
  await world.ask('POST', '/api/flows/support-tickets/deploy', { body: {}, token: 'token-that-may-deploy' })
  await world.ask('POST', '/api/flows/support-tickets/stop', { body: {} })
  await world.ask('DELETE', '/api/flows/support-tickets')
  await world.ask('DELETE', '/api/connections/support-inbox')
  await world.ask('DELETE', '/api/connections/none')
  expect(written).toEqual([
    'admin session.opened ', 'editor flow.saved support-tickets', 'deployer flow.deployed support-tickets v1', 'admin flow.stopped support-tickets', 'admin flow.deleted support-tickets', 'admin connection.deleted support-inbox',
  ])
})

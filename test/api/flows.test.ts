/** Drafts, versions and deploys over HTTP. */
import { readFile, readdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import type { FlowSummary, FlowView } from '#shared/api.ts'
import { flowId, nodeId } from '#shared/ids.ts'
import { apiWorld, forwardFlow, oneRun, rawOf, withConnections, type World } from './world.ts'

const codeOf = (body: unknown): unknown => (body as { error?: { code?: string } } | null)?.error?.code
const save = (world: World, flow = forwardFlow(), headers: Readonly<Record<string, string>> = {}) => world.ask('PUT', `/api/flows/${flow.id}`, { body: flow, headers })
const view = async (world: World): Promise<FlowView> => (await world.ask('GET', '/api/flows/support-tickets')).body as FlowView
const summaries = async (world: World): Promise<readonly FlowSummary[]> => ((await world.ask('GET', '/api/flows')).body as { flows: FlowSummary[] }).flows

test('[AP1] a saved flow is a file in one stable form and comes back with the ETag of its bytes', async () => {
  const world = await apiWorld()
  const saved = await save(world)
  expect(saved.status).toBe(200)
  const text = await readFile(path.join(world.flowsFolder, 'support-tickets.json'), 'utf8')
  expect(text).toMatch(/^\{\n {2}"\$schema": "\.\.\/shared\/flow\.schema\.json",\n {2}"format": 1,\n {2}"id": "support-tickets",\n {2}"name"/)
  expect(text).toContain('"receive": [0, 0]')
  expect(text.endsWith('}\n')).toBe(true)
  const got = await world.ask('GET', '/api/flows/support-tickets')
  expect(got.headers.etag).toBe(saved.headers.etag)
  expect(got.body).toMatchObject({ id: 'support-tickets', text, flow: { nodes: forwardFlow().nodes }, running: null, latest: 0, changed: true })
  // The same flow with its keys in another order is the same file.
  const { view: look, ...rest } = forwardFlow()
  expect((await save(world, { view: look, ...rest })).headers.etag).toBe(saved.headers.etag)
})

test('[AP2] who saves over a draft they have not seen is refused and nothing is lost', async () => {
  const world = await apiWorld()
  const first = String((await save(world)).headers.etag)
  const second = await save(world, forwardFlow({ name: 'Second' }), { 'if-match': first })
  expect(second.status).toBe(200)
  const late = await save(world, forwardFlow({ name: 'Late' }), { 'if-match': first })
  expect([late.status, codeOf(late.body)]).toEqual([412, 'FLOW_CHANGED_MEANWHILE'])
  expect((await view(world)).name).toBe('Second')
  expect((await save(world, forwardFlow({ name: 'New' }), { 'if-none-match': '*' })).status).toBe(412)
  expect((await world.ask('DELETE', '/api/flows/support-tickets', { headers: { 'if-match': first } })).status).toBe(412)
  expect((await save(world, forwardFlow({ name: 'Weak' }), { 'if-match': `W/${second.headers.etag ?? ''}` })).status).toBe(200)
})

test('[AP2] of two who save at once over the same draft exactly one wins', async () => {
  const world = await apiWorld()
  const etag = String((await save(world)).headers.etag)
  const answers = await Promise.all(['One', 'Two', 'Three', 'Four'].map((name) => save(world, forwardFlow({ name }), { 'if-match': etag })))
  expect(answers.map((answer) => String(answer.status)).toSorted()).toEqual(['200', '412', '412', '412'])
})

test('[AP3] no path leads out of the flows folder', async () => {
  const world = await apiWorld()
  await writeFile(path.join(world.folder, 'secret.json'), '{"secret":true}')
  for (const id of ['..%2Fsecret', '%2e%2e%2fsecret', '..%5csecret', 'a%00', '.hidden', 'UPPER', 'a.b', '%2Fetc%2Fpasswd', 'x'.repeat(65), '%ff']) {
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const { status, text } = await world.ask(method, `/api/flows/${id}`, method === 'PUT' ? { body: forwardFlow() } : {})
      expect([id, status]).toEqual([id, 400])
      expect(text).not.toContain('secret":')
    }
  }
  expect(await readdir(world.flowsFolder)).toEqual([])
})

test('[AP3] a flow is saved under its own id only', async () => {
  const world = await apiWorld()
  const { status, body } = await world.ask('PUT', '/api/flows/another', { body: forwardFlow() })
  expect([status, codeOf(body)]).toEqual([400, 'API_BAD_REQUEST'])
})

test('[AP4] a file that is no flow is listed with what is wrong with it', async () => {
  const world = await apiWorld()
  await writeFile(path.join(world.flowsFolder, 'broken.json'), '{ "format": 1, ')
  await writeFile(path.join(world.flowsFolder, 'Not A Flow.json'), '{}')
  expect((await summaries(world)).map(({ id, problems }) => [id, problems > 0])).toEqual([['broken', true]])
  const { body } = await world.ask('GET', '/api/flows/broken')
  expect(body).toMatchObject({ flow: null, text: '{ "format": 1, ', flowProblems: [{ severity: 'error' }] })
})

test('[AP5] deploy freezes a numbered version; moving a node makes none, changing a field does', async () => {
  const world = await apiWorld()
  await withConnections(world)
  await save(world)
  const deploy = () => world.ask('POST', '/api/flows/support-tickets/deploy', { body: {} })
  expect((await deploy()).body).toEqual({ version: 1, unchanged: false })
  expect(await view(world)).toMatchObject({ running: 1, latest: 1, changed: false, problems: 0, kinds: ['receive-email', 'map-data', 'send-email'] })
  await save(world, forwardFlow({ view: { positions: { receive: [50, 50] } } }))
  expect((await view(world)).changed).toBe(false)
  expect((await deploy()).body).toEqual({ version: 1, unchanged: true })
  await save(world, forwardFlow({ name: 'Renamed' }))
  expect((await view(world)).changed).toBe(true)
  expect((await deploy()).body).toEqual({ version: 2, unchanged: false })
  const { body } = await world.ask('GET', '/api/flows/support-tickets/versions')
  expect(body).toMatchObject({ versions: [{ version: 2, running: true, flow: { name: 'Renamed' } }, { version: 1, running: false, flow: { name: 'Support mail to tickets' } }] })
  expect((await world.ask('GET', '/api/flows/support-tickets/versions/1')).body).toMatchObject({ version: 1, flow: { name: 'Support mail to tickets' } })
  expect((await world.ask('GET', '/api/flows/support-tickets/versions/9')).status).toBe(404)
})

test('[AP6] a flow with errors is not deployed, and the answer says what to do', async () => {
  const world = await apiWorld()
  await save(world)
  const { status, body } = await world.ask('POST', '/api/flows/support-tickets/deploy', { body: {} })
  expect([status, codeOf(body)]).toEqual([422, 'FLOW_HAS_PROBLEMS'])
  expect((await view(world)).latest).toBe(0)
  const { body: checked } = await world.ask('POST', '/api/flows/support-tickets/check', { body: {} })
  expect((checked as { problems: { code: string }[] }).problems.map(({ code }) => code)).toContain('NODE_UNKNOWN_CONNECTION')
  await withConnections(world)
  expect((await world.ask('POST', '/api/flows/support-tickets/check', { body: forwardFlow() })).body).toEqual({ problems: [] })
})

test('[AP5] only the draft that was seen is deployed when If-Match says which', async () => {
  const world = await apiWorld()
  await withConnections(world)
  const seen = String((await save(world)).headers.etag)
  await save(world, forwardFlow({ name: 'Changed by somebody' }))
  const { status } = await world.ask('POST', '/api/flows/support-tickets/deploy', { body: {}, headers: { 'if-match': seen } })
  expect(status).toBe(412)
})

test('[AP7] a stopped flow runs again by deploying it, as the same version', async () => {
  const world = await apiWorld()
  await withConnections(world)
  await save(world)
  await world.ask('POST', '/api/flows/support-tickets/deploy', { body: {} })
  expect((await world.ask('POST', '/api/flows/support-tickets/stop', { body: {} })).status).toBe(204)
  expect(await view(world)).toMatchObject({ running: null, latest: 1 })
  expect((await world.ask('POST', '/api/flows/support-tickets/deploy', { body: {} })).body).toEqual({ version: 1, unchanged: true })
  expect(await view(world)).toMatchObject({ running: 1 })
  expect((await world.ask('POST', '/api/flows/never-there/stop', { body: {} })).status).toBe(404)
})

test('[AP8] deleting a flow stops it; one that runs without its file stays visible', async () => {
  const world = await apiWorld()
  await withConnections(world)
  await save(world)
  await world.ask('POST', '/api/flows/support-tickets/deploy', { body: {} })
  expect((await world.ask('DELETE', '/api/flows/support-tickets', { token: 'token-that-may-edit' })).status).toBe(403)
  await world.drafts.remove(forwardFlow().id, null)
  expect((await summaries(world)).map(({ id, running }) => [id, running])).toEqual([['support-tickets', 1]])
  expect((await view(world)).flowProblems.map(({ severity }) => severity)).toContain('warning')
  expect((await save(world, forwardFlow(), { 'if-match': '"none"' })).status).toBe(200)
  expect((await world.ask('DELETE', '/api/flows/support-tickets')).status).toBe(204)
  expect(await summaries(world)).toEqual([])
  expect((await world.ask('GET', '/api/flows/support-tickets')).status).toBe(404)
  expect(await world.store.runningFlows()).toEqual([])
})

test('[AP9] a try takes the mail of a past run, a mail file byte for byte, a letter, or the sample', async () => {
  const world = await apiWorld({ sample: async () => ({ raw: rawOf('Subject: sample\r\n\r\n'), facts: { connection: '', folder: '', uid: '', flags: [], receivedAt: null }, source: 'the last mail' }) })
  const flow = forwardFlow()
  await save(world, flow)
  const run = await oneRun(world)
  const bytes = Buffer.from('Subject: caf\xe9\r\n\r\n', 'latin1')
  for (const body of [{ flow, run: run.id }, { eml: 'Subject: text\r\n\r\n' }, { emlBase64: bytes.toString('base64') }, { letter: 'hello' }, {}]) {
    expect((await world.ask('POST', '/api/flows/support-tickets/try', { body })).body).toEqual({ state: 'done', outgoing: [], steps: [] })
  }
  expect(world.tried.map(({ text }) => text.split('\r\n')[0])).toEqual(['Subject: <script>alert(1)</script>', 'Subject: text', 'Subject: café', 'Subject: Hello', 'Subject: sample'])
  expect((await world.ask('POST', '/api/flows/support-tickets/try', { body: { eml: 'x', letter: 'hello' } })).status).toBe(400)
  expect((await world.ask('POST', '/api/flows/support-tickets/try', { body: { letter: 'unknown' } })).status).toBe(404)
  expect((await world.ask('GET', '/api/flows/support-tickets/sample')).body).toMatchObject({ source: 'the last mail', mail: { subject: 'Subject: sample' } })
})

test('[AP10] bodies are bounded in bytes and depth; a mail file to try may be larger', async () => {
  const world = await apiWorld()
  const big = 'x'.repeat(3 * 1024 * 1024)
  await save(world)
  expect((await world.ask('PUT', '/api/flows/support-tickets', { body: { ...forwardFlow(), name: big } })).status).toBe(413)
  expect((await world.ask('POST', '/api/flows/support-tickets/try', { body: { eml: big } })).status).toBe(200)
  const nested = async (depth: number) => {
    const flow = JSON.stringify(forwardFlow({ nodes: [{ id: nodeId('receive'), kind: 'receive-email', config: { odd: 'HERE' } }], edges: [] }))
    return world.ask('PUT', '/api/flows/support-tickets', { body: flow.replace('"HERE"', `${'['.repeat(depth)}${']'.repeat(depth)}`) })
  }
  expect((await nested(50)).status).toBe(200)
  for (const depth of [70, 100_000]) {
    const { status, body } = await nested(depth)
    expect([depth, status, codeOf(body)]).toEqual([depth, 400, 'API_BAD_REQUEST'])
  }
  expect((await world.ask('PUT', '/api/flows/support-tickets', { body: '{"half":' })).status).toBe(400)
})

test('[RN143] what each start would mean is counted for one mailbox of a step as it is drawn; other settings are refused', async () => {
  const world = await apiWorld()
  const asked = { node: 'receive', connection: 'support-inbox', folder: 'INBOX', config: { unseenOnly: false } }
  const { status, body } = await world.ask('POST', '/api/flows/support-tickets/start-count', { body: asked })
  expect([status, body]).toEqual([200, { saved: 'now', waiting: 2, there: 9, unseen: 3, all: 9, since: null }])
  expect((await world.ask('POST', '/api/flows/support-tickets/start-count', { body: { ...asked, config: { maxEmails: 0 } } })).status).toBe(400)
})

test('[RN147] the check knows the running flows: mail that another one brings back is warned of', async () => {
  const world = await apiWorld()
  await withConnections(world)
  const moving = (id: string, folder: string, to: string) => {
    const flow = forwardFlow({ id: flowId(id), name: id })
    return { ...flow, nodes: flow.nodes.map((node) => (node.kind === 'receive-email' ? { ...node, config: { ...node.config, folder, after: { do: 'move', folder: to } } } : node)) }
  }
  await save(world, moving('back', 'Done', 'INBOX'))
  const warned = async () => ((await world.ask('POST', '/api/flows/there/check', { body: moving('there', 'INBOX', 'Done') })).body as { problems: { code: string; advice: string }[] }).problems
  expect(await warned()).toEqual([])
  expect((await world.ask('POST', '/api/flows/back/deploy')).status).toBe(200)
  expect(await warned()).toMatchObject([{ code: 'FLOW_CIRCLE', advice: expect.stringContaining('the running flow "back"') as string }])
})

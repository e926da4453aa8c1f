/** A connection that is shared with some: who sees it, uses it, and reads what came through it; route by route. */
import { expect, test } from 'vitest'
import { routes, type PersonAdded, type Right, type Route } from '#shared/api.ts'
import { flowId, nodeId, sendId } from '#shared/ids.ts'
import { connectionId } from '#shared/ids.ts'
import type { Sharing } from '#shared/people.ts'
import { until } from '../until.ts'
import { adminToken, apiWorld, forwardFlow, inboxInput, listen, oneRun, outboxInput, rawOf, type World } from './world.ts'

const add = async (world: World, name: string, rights: readonly Right[] = ['view', 'edit', 'deploy', 'secrets']): Promise<string> =>
  ((await world.ask('POST', '/api/people', { body: { name, rights } })).body as PersonAdded).token
const codeOf = (body: unknown): unknown => (body as { error?: { code?: string } } | null)?.error?.code

const secret = 'Salaries of May'
/** The flow runs, one mail came and one goes out; the inbox is shared with Sam alone, and the mail's words are nobody else's. */
async function privateMail(sharing: Sharing = ['Sam'], shared: 'support-inbox' | 'support-outbox' = 'support-inbox') {
  const world = await apiWorld((deps) => ({
    messages: async () => ({ messages: [{ uid: '1', subject: secret, from: '', date: null, size: 1, seen: true }], total: 1, waiting: 1 }),
    sample: async () => ({ raw: rawOf(secret), facts: { connection: connectionId('support-inbox'), folder: 'INBOX', uid: '1', flags: [], receivedAt: null }, source: 'the last mail' }),
    mailboxes: () => deps.mailboxes().map((box) => ({ ...box, say: secret })),
  }))
  const people = { sam: await add(world, 'Sam'), mia: await add(world, 'Mia'), vera: await add(world, 'Vera', ['view']) }
  await world.registry.put(inboxInput({ password: 'x', ...(shared === 'support-inbox' ? { sharing } : {}) }))
  await world.registry.put(outboxInput(shared === 'support-outbox' ? { sharing } : {}))
  await world.ask('PUT', '/api/flows/support-tickets', { body: forwardFlow() })
  await world.ask('POST', '/api/flows/support-tickets/deploy', { body: {} })
  const run = await oneRun(world)
  const send = sendId(`${run.id}-send`)
  const at = world.clock.now()
  await world.store.recordComputed({
    run: run.id, at, state: 'running', problem: null, mail: { subject: secret, from: `${secret} <boss@example.org>`, messageId: `<${secret}>` },
    steps: [{ node: nodeId('receive'), state: 'done', startedAt: at, durationMs: 1, outputJson: JSON.stringify({ text: secret }), problem: null }],
    sends: [{ id: send, node: nodeId('send'), connection: connectionId('support-outbox'), messageId: '<a@b>', from: 'support@example.org', subject: secret, recipients: ['payroll@example.org'], raw: rawOf(`Subject: ${secret}`), giveUpAt: at }],
  })
  await world.store.recordOutcome({ send, at, recipients: [{ address: 'payroll@example.org', state: 'refused', answer: secret }], event: { at, what: 'refused', say: secret }, nextAttemptAt: null })
  await world.store.setRunState({ run: run.id, state: 'failed', at, problem: { code: 'SEND_REFUSED', say: secret, where: secret } })
  return { world, people, run: run.id, send }
}

type Place = readonly [url: string, body: unknown, shared: number, unshared: number]
/** In an order in which the later ones still find what they need. */
const table = (run: string, send: string): { readonly [R in Route]: Place } => ({
  'GET /api/health': ['/api/health', null, 200, 200], 'GET /api/ready': ['/api/ready', null, 200, 200], 'GET /api/openapi.json': ['/api/openapi.json', null, 200, 200],
  'POST /api/session': ['/api/session', { token: 'wrong' }, 401, 401], 'GET /api/me': ['/api/me', null, 200, 200],
  'GET /api/events': ['/api/events', null, 200, 200], 'GET /metrics': ['/metrics', null, 200, 200],
  'GET /api/connections': ['/api/connections', null, 200, 200],
  'GET /api/connections/:id': ['/api/connections/support-inbox', null, 200, 403],
  'PUT /api/connections/:id': ['/api/connections/support-inbox', { ...inboxInput(), name: 'New name' }, 200, 403],
  'POST /api/connections/:id/test': ['/api/connections/support-inbox/test', {}, 200, 403],
  'POST /api/connections/detect': ['/api/connections/detect', { address: 'a@example.org' }, 200, 200],
  'POST /api/connections/:id/sign-in': ['/api/connections/support-inbox/sign-in', {}, 422, 403],
  'GET /api/connections/:id/sign-in': ['/api/connections/support-inbox/sign-in', null, 200, 403],
  'GET /api/oauth/callback': ['/api/oauth/callback', null, 400, 400],
  'GET /api/connections/:id/folders': ['/api/connections/support-inbox/folders', null, 200, 403],
  'GET /api/connections/:id/messages': ['/api/connections/support-inbox/messages', null, 200, 403],
  'POST /api/connections/:id/messages': ['/api/connections/support-inbox/messages', { search: { from: 'ada' } }, 200, 403],
  'GET /api/flows': ['/api/flows', null, 200, 200], 'GET /api/flows/:id': ['/api/flows/support-tickets', null, 200, 200],
  'PUT /api/flows/:id': ['/api/flows/support-tickets', forwardFlow(), 200, 200],
  'POST /api/flows/:id/check': ['/api/flows/support-tickets/check', {}, 200, 200],
  'POST /api/flows/:id/deploy': ['/api/flows/support-tickets/deploy', {}, 200, 403],
  'POST /api/flows/:id/try': ['/api/flows/support-tickets/try', { run }, 200, 403],
  'POST /api/flows/:id/delivery': ['/api/flows/support-tickets/delivery', null, 200, 403],
  'POST /api/flows/:id/start-count': ['/api/flows/support-tickets/start-count', { node: 'receive', connection: 'support-inbox', folder: 'INBOX', config: {} }, 200, 403],
  'GET /api/flows/:id/versions': ['/api/flows/support-tickets/versions', null, 200, 200],
  'GET /api/flows/:id/versions/:version': ['/api/flows/support-tickets/versions/1', null, 200, 200],
  'GET /api/flows/:id/sample': ['/api/flows/support-tickets/sample', null, 200, 200],
  'GET /api/runs': ['/api/runs', null, 200, 200], 'GET /api/runs/:id': [`/api/runs/${run}`, null, 200, 200],
  'GET /api/runs/:id/mail': [`/api/runs/${run}/mail`, null, 200, 403], 'GET /api/runs/:id/raw': [`/api/runs/${run}/raw`, null, 200, 403],
  'GET /api/runs/:id/attachments/:n': [`/api/runs/${run}/attachments/0`, null, 404, 403],
  'POST /api/runs/:id/replay': [`/api/runs/${run}/replay`, {}, 201, 403],
  'GET /api/mailboxes': ['/api/mailboxes', null, 200, 200],
  'POST /api/mailboxes/look': ['/api/mailboxes/look', { connection: 'support-inbox', folder: 'INBOX' }, 200, 403],
  'POST /api/mailboxes/pause': ['/api/mailboxes/pause', { connection: 'support-inbox', folder: 'INBOX' }, 200, 403],
  'POST /api/mailboxes/resume': ['/api/mailboxes/resume', { connection: 'support-inbox', folder: 'INBOX' }, 200, 403],
  'POST /api/mailboxes/reconnect': ['/api/mailboxes/reconnect', { connection: 'support-inbox', folder: 'INBOX' }, 200, 403],
  'GET /api/senders': ['/api/senders', null, 200, 200], 'POST /api/senders/:id/try': ['/api/senders/support-inbox/try', {}, 422, 403],
  'GET /api/outbox': ['/api/outbox', null, 200, 200],
  'GET /api/outbox/:id/raw': [`/api/outbox/${send}/raw`, null, 200, 403], 'GET /api/outbox/:id/mail': [`/api/outbox/${send}/mail`, null, 200, 403],
  'GET /api/outbox/:id/attachments/:n': [`/api/outbox/${send}/attachments/0`, null, 404, 403],
  'GET /api/outbox/count': ['/api/outbox/count?state=refused', null, 200, 200], 'POST /api/outbox/decide': ['/api/outbox/decide', { do: 'give-up', ids: [send] }, 200, 200],
  'POST /api/outbox/:id/edit': [`/api/outbox/${send}/edit`, { subject: 'x' }, 201, 403],
  'POST /api/outbox/:id/decide': [`/api/outbox/${send}/decide`, { do: 'give-up' }, 200, 403],
  'POST /api/flows/:id/held': ['/api/flows/support-tickets/held', { do: 'discard' }, 200, 403],
  'POST /api/flows/:id/resume': ['/api/flows/support-tickets/resume', {}, 200, 403],
  'POST /api/keys/rotate': ['/api/keys/rotate', {}, 200, 200],
  'GET /api/people': ['/api/people', null, 403, 403], 'POST /api/people': ['/api/people', {}, 403, 403],
  'PUT /api/people/:name': ['/api/people/Sam', {}, 403, 403], 'DELETE /api/people/:name': ['/api/people/Sam', null, 403, 403],
  'GET /api/people/names': ['/api/people/names', null, 200, 200],
  'GET /api/sandbox': ['/api/sandbox', null, 200, 200], 'POST /api/sandbox/send': ['/api/sandbox/send', { letter: 'hello' }, 204, 204], 'GET /api/sandbox/mail/:id': ['/api/sandbox/mail/one', null, 200, 200],
  'POST /api/flows/:id/stop': ['/api/flows/support-tickets/stop', {}, 204, 204],
  'DELETE /api/flows/:id': ['/api/flows/support-tickets', null, 204, 204],
  'DELETE /api/connections/:id': ['/api/connections/support-inbox', null, 204, 403],
  'DELETE /api/session': ['/api/session', null, 204, 204],
})
/** Routes whose answer holds words of the mail, or the mailbox, for whoever may read them. */
const telling: readonly Route[] = [
  'GET /api/connections/:id/messages', 'POST /api/connections/:id/messages', 'GET /api/flows', 'GET /api/flows/:id', 'PUT /api/flows/:id', 'GET /api/flows/:id/sample', 'GET /api/runs', 'GET /api/runs/:id',
  'GET /api/mailboxes', 'POST /api/mailboxes/look', 'POST /api/mailboxes/pause', 'POST /api/mailboxes/resume', 'POST /api/mailboxes/reconnect',
  'GET /api/outbox', 'GET /api/outbox/:id/raw', 'GET /api/outbox/:id/mail', 'POST /api/outbox/:id/decide', 'POST /api/outbox/:id/edit',
]

test.each(['sam', 'mia', 'vera', 'admin'] as const)('[SE155] a mailbox shared with Sam alone, route by route: what comes back to %s', async (who) => {
  const { world, people, run, send } = await privateMail()
  const token = who === 'admin' ? adminToken : people[who]
  const open = who === 'sam' || who === 'admin'
  // Object.entries of a mapped type over Route gives Routes.
  for (const [route, [url, body, shared, unshared]] of Object.entries(table(run, send)) as [Route, Place][]) {
    const right = routes[route]
    const barred = (who === 'vera' && right !== 'open' && right !== 'view') || (right === 'admin' && who !== 'admin')
    const asked = await world.ask(route.split(' ')[0] ?? '', url, { token, ...(body === null ? {} : { body }) })
    const expected = barred ? 403 : right === 'admin' ? asked.status : open ? shared : unshared
    expect([route, asked.status], asked.text).toEqual([route, expected])
    if (expected === 403) expect([route, codeOf(asked.body)]).toEqual([route, barred ? 'API_FORBIDDEN' : 'CONNECTION_NOT_SHARED'])
    const told = [secret, 'boss@', 'payroll@'].some((word) => asked.text.includes(word))
    expect([route, told]).toEqual([route, open && telling.includes(route)])
  }
})

test.each(['admins', ['Sam']] as const)('[SE155] a flow that sends by a connection shared with %s is private as a whole, search and stream included', async (sharing) => {
  const { world, people, run } = await privateMail(typeof sharing === 'string' ? sharing : [...sharing], 'support-outbox')
  const page = await listen(world, { authorization: `Bearer ${people.mia}` })
  const own = await listen(world)
  await until(() => page.text() + own.text(), (text) => text.split('id: ').length > 2)
  world.events.emit({ type: 'run.computed', run, flow: flowId('support-tickets') })
  world.clock.pass(1000)
  await until(() => own.text(), (text) => text.includes(secret))
  await until(() => page.text(), (text) => text.includes('"type":"runs"'))
  expect(page.text()).toContain('"hidden":true')
  const asked = await Promise.all(['/api/runs', `/api/runs/${run}`, '/api/outbox', '/api/outbox?flow=support-tickets', '/api/flows'].map((url) => world.ask('GET', url, { token: people.mia })))
  for (const text of [page.text(), ...asked.map((answer) => answer.text)]) expect(text).not.toMatch(/Salaries|boss@|payroll@/)
  expect(asked[0]?.body).toMatchObject({ runs: [{ id: run, hidden: true, mail: { subject: '', from: '' } }] })
  for (const query of ['subject=Salaries', 'from=boss', 'messageId=%3CSalaries%20of%20May%3E']) {
    expect([query, (await world.ask('GET', `/api/runs?${query}`, { token: people.mia })).body]).toEqual([query, { runs: [], next: null }])
    expect((await world.ask('GET', `/api/runs?${query}`)).body).toMatchObject({ runs: [{ id: run }] })
  }
  // Back after a while: what was missed is not told from memory.
  const again = await listen(world, { authorization: `Bearer ${people.mia}`, 'last-event-id': '1' })
  await until(() => again.text(), (text) => text.includes('reload'))
  page.leave()
  own.leave()
  again.leave()
})

test('[SE155] why a flow stopped itself is told to those alone who may see its mail', async () => {
  const { world, people } = await privateMail()
  await world.store.pauseFlow({ flow: flowId('support-tickets'), at: world.clock.now(), problem: { code: 'SEND_PING_PONG', say: `The flow is paused: boss@example.org answers ${secret}`, where: secret } })
  for (const url of ['/api/flows', '/api/flows/support-tickets']) {
    const [own, other] = await Promise.all([world.ask('GET', url), world.ask('GET', url, { token: people.mia })])
    expect(own.text).toContain('boss@example.org')
    expect([other.text.includes('SEND_PING_PONG'), /boss@/.test(other.text), other.text.includes(secret)]).toEqual([true, false, false])
  }
})

test('[SE156] who has no share sees the connection in no list, is told so by the check, and may not deploy: in words, with whom to ask', async () => {
  const { world, people } = await privateMail()
  expect((await world.ask('GET', '/api/connections', { token: people.mia })).body).toMatchObject({ connections: [{ id: 'support-outbox' }], hidden: ['support-inbox'] })
  const { body: checked } = await world.ask('POST', '/api/flows/support-tickets/check', { token: people.mia, body: {} })
  expect(checked).toMatchObject({ problems: [{ code: 'NODE_CONNECTION_NOT_SHARED', node: 'receive', severity: 'error', advice: '"support-inbox" is not shared with you. Choose another connection, or ask the administrator to share it.' }] })
  const { body: refused } = await world.ask('POST', '/api/flows/support-tickets/deploy', { token: people.mia, body: {} })
  expect(refused).toMatchObject({ error: { say: 'The connection support-inbox is not shared with you. The administrator or Sam can share it.' } })
  expect((await world.store.runningFlows()).map(({ flow, version }) => `${flow} v${version}`)).toEqual(['support-tickets v1'])
  const all = { ...forwardFlow(), nodes: [{ id: 'event', kind: 'mailbox-event', config: { mailboxes: 'all' } }], edges: [] }
  await world.ask('PUT', '/api/flows/support-tickets', { token: people.mia, body: all })
  expect((await world.ask('POST', '/api/flows/support-tickets/deploy', { token: people.mia, body: {} })).text).toContain('not all of them are shared with you')
  const also = forwardFlow()
  const nodes = also.nodes.map((node) => (node.kind === 'receive-email' ? { ...node, config: { connection: 'other', also: [{ connection: 'support-inbox', folder: 'INBOX' }] } } : node))
  await world.ask('PUT', '/api/flows/support-tickets', { token: people.mia, body: { ...also, nodes } })
  expect(codeOf((await world.ask('POST', '/api/flows/support-tickets/deploy', { token: people.mia, body: {} })).body)).toBe('CONNECTION_NOT_SHARED')
  expect(codeOf((await world.ask('POST', '/api/flows/support-tickets/try', { token: people.mia, body: { flow: forwardFlow(), eml: 'Subject: a\r\n\r\nb' } })).body)).toBe('CONNECTION_NOT_SHARED')
})

test('[SE157] sharing is for everyone unless said, stays when left out, names people that are there, and shuts nobody out by a slip', async () => {
  const world = await apiWorld()
  const [sam, mia] = [await add(world, 'Sam'), await add(world, 'Mia')]
  const put = (token: string, change: object) => world.ask('PUT', '/api/connections/support-inbox', { token, body: { ...inboxInput({ password: 'x' }), ...change } })
  expect((await put(sam, {})).body).toMatchObject({ sharing: 'everyone' })
  expect((await put(sam, { sharing: ['Sam'] })).body).toMatchObject({ sharing: ['Sam'] })
  expect((await put(sam, { name: 'Renamed' })).body).toMatchObject({ name: 'Renamed', sharing: ['Sam'] })
  expect(codeOf((await put(mia, { sharing: 'everyone' })).body)).toBe('CONNECTION_NOT_SHARED')
  expect((await put(sam, { sharing: ['Mia'] })).text).toContain('you would shut yourself out')
  expect((await put(sam, { sharing: 'admins' })).status).toBe(403)
  expect(codeOf((await put(sam, { sharing: ['Sam', 'Eve'] })).body)).toBe('PERSON_NOT_FOUND')
  expect((await put(adminToken, { sharing: 'admins' })).body).toMatchObject({ sharing: 'admins' })
  expect((await put(sam, {})).status).toBe(403)
  expect((await put(adminToken, { sharing: ['Sam', 'Mia'] })).status).toBe(200)
  expect((await put(mia, {})).status).toBe(200)
})

test('[SE158] sharing outlives a removed connection, and ends with a removed person, whoever gets the name next', async () => {
  const { world, people, run } = await privateMail(['Sam', 'Mia'])
  await world.ask('DELETE', '/api/flows/support-tickets')
  await world.ask('DELETE', '/api/people/Mia')
  await world.ask('DELETE', '/api/connections/support-inbox')
  const mia = await add(world, 'Mia')
  expect((await world.ask('GET', `/api/runs/${run}/raw`, { token: people.mia })).status).toBe(401)
  expect((await world.ask('GET', `/api/runs/${run}/raw`, { token: mia })).status).toBe(403)
  expect((await world.ask('PUT', '/api/connections/support-inbox', { token: mia, body: inboxInput({ sharing: 'everyone' }) })).status).toBe(403)
  expect((await world.ask('GET', `/api/runs/${run}/raw`, { token: people.sam })).status).toBe(200)
})

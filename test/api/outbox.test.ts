/** The outbox over HTTP: what is found, what many decisions at once come to, and what an edit asks of whoever makes it. */
import { expect, test } from 'vitest'
import type { Decided, OutboxPage, PersonAdded } from '#shared/api.ts'
import { fault } from '#shared/errors.ts'
import { connectionId, flowId, nodeId, runId, type SendId, sendId } from '#shared/ids.ts'
import { decisionRules } from '#shared/outbox.ts'
import { bulk } from '#runtime/limits.ts'
import type { ApiDeps } from '#runtime/api/deps.ts'
import { apiWorld, forwardFlow, inboxInput, outboxInput, rawOf, type World } from './world.ts'

interface Refused { readonly world: World; readonly sends: readonly SendId[]; readonly decided: string[] }

/** So many mails of one flow whose server refused them; deciding writes what the engine would. */
async function refusedMails(count: number, sharing: 'everyone' | readonly string[] = 'everyone'): Promise<Refused> {
  const decided: string[] = []
  const world = await apiWorld(({ store, engine }: ApiDeps) => ({
    engine: {
      ...engine,
      decide: async (id, decision, by) => {
        if (id.endsWith('busy')) throw fault('API_BAD_REQUEST', { reason: 'This mail is being sent right now.' })
        decided.push(`${id} ${decision} ${by}`)
        await store.recordOutcome({ send: id, at: world.clock.now(), nextAttemptAt: null, event: { at: world.clock.now(), what: 'decided', say: '', by }, recipients: [{ address: 'tickets@example.org', state: decisionRules[decision].to, answer: '' }] })
      },
    },
  }))
  await world.ask('POST', '/api/people', { body: { name: 'Sam', rights: ['view', 'deploy'] } })
  await world.registry.put(inboxInput({ password: 'x', ...(sharing === 'everyone' ? {} : { sharing: [...sharing] }) }))
  await world.registry.put(outboxInput())
  await world.ask('PUT', '/api/flows/support-tickets', { body: forwardFlow() })
  await world.ask('POST', '/api/flows/support-tickets/deploy', { body: {} })
  const runs = await world.store.ingest({
    flow: flowId('support-tickets'), node: nodeId('receive'), connection: connectionId('support-inbox'), folder: 'INBOX', version: 1, uidValidity: '1', at: world.clock.now(), cursor: '1', claim: true,
    mails: Array.from({ length: count }, (_, index) => ({ uid: String(index + 1), flags: [], receivedAt: null, raw: rawOf('x'), sha256: 'a'.repeat(64) })),
  })
  const sends = await Promise.all(runs.map(async ({ id }, index) => {
    const send = sendId(`${id}-${index === 0 ? 'busy' : 'send'}`)
    await world.store.recordComputed({
      run: id, state: 'running', problem: null, at: world.clock.now(), mail: { subject: '', from: '', messageId: '' }, steps: [],
      sends: [{ id: send, node: nodeId('send'), connection: connectionId('support-outbox'), messageId: '<a@b>', from: 'support@example.org', subject: `Mail ${index}`, recipients: ['tickets@example.org'], raw: rawOf('x'), giveUpAt: world.clock.now() }],
    })
    await world.store.recordOutcome({ send, at: world.clock.now(), nextAttemptAt: null, event: { at: world.clock.now(), what: 'refused', say: 'no' }, recipients: [{ address: 'tickets@example.org', state: 'refused', answer: '550 no' }] })
    return send
  }))
  return { world, sends, decided }
}
const tokenOf = async (world: World, name: string): Promise<string> => ((await world.ask('POST', '/api/people', { body: { name, rights: ['view', 'deploy'] } })).body as PersonAdded).token
const page = async (world: World, query: string, token?: string): Promise<OutboxPage> => (await world.ask('GET', `/api/outbox?${query}`, token === undefined ? {} : { token })).body as OutboxPage
const decide = async (world: World, body: object, token?: string): Promise<Decided> => (await world.ask('POST', '/api/outbox/decide', { body, ...(token === undefined ? {} : { token }) })).body as Decided

test('[AP17] the outbox is counted by state and found by flow, connection, state, time and words; what is no filter is refused', async () => {
  const { world } = await refusedMails(3)
  expect(await page(world, 'state=refused')).toMatchObject({ counts: { refused: 3 }, sends: [{ subject: 'Mail 2' }, { subject: 'Mail 1' }, { subject: 'Mail 0' }], next: null })
  const found = async (query: string) => (await page(world, query)).sends.length
  expect([await found('flow=support-tickets'), await found('flow=other'), await found('connection=support-outbox'), await found('text=mail%201'), await found('text=TICKETS@'), await found('since=2030-01-01T00:00:00Z'), await found('text=')]).toEqual([3, 0, 3, 1, 3, 0, 3])
  expect((await world.ask('GET', '/api/outbox/count?state=refused&text=mail')).body).toMatchObject({ count: 3 })
  expect([(await world.ask('GET', '/api/outbox?state=exploded')).status, (await world.ask('GET', '/api/outbox?colour=red')).status]).toEqual([400, 400])
})

test('[AP71] many are decided at once; who could not be is told with the reason, and each decision stands in the audit log with its person', async () => {
  const { world, sends, decided } = await refusedMails(5)
  const answer = await decide(world, { do: 'give-up', ids: [...sends, sendId('no-such-mail')] })
  expect(answer).toMatchObject({ done: 4, next: null })
  expect(answer.left).toEqual([{ say: 'This mail is being sent right now.', count: 1 }, { say: expect.stringContaining('no-such-mail') as string, count: 1 }])
  expect(decided.every((one) => one.endsWith('give-up admin'))).toBe(true)
  expect(world.logged.filter((line) => line.includes('outbox.give-up'))).toHaveLength(4)
  expect((await world.ask('POST', '/api/outbox/decide', { body: { do: 'give-up', ids: Array.from({ length: bulk.most + 1 }, (_, index) => `m${index}`) } })).status).toBe(400)
  expect((await world.ask('POST', '/api/outbox/decide', { body: { do: 'explode', ids: ['a'] } })).status).toBe(400)
})

test('[AP72] all that match are decided page by page, and nothing that came after they were counted', async () => {
  const many = bulk.page + 20
  const { world, sends, decided } = await refusedMails(many)
  const filter = { state: 'refused' as const, text: 'mail' }
  const { count, upTo } = (await world.ask('GET', '/api/outbox/count?state=refused&text=mail')).body as { count: number; upTo: string }
  expect(count).toBe(many)
  const [last] = sends.slice(-1)
  const run = last?.slice(0, 24)
  const late = sendId(`${run}-late`)
  await world.store.replaceSend({
    old: last ?? late, at: world.clock.now(), event: { at: world.clock.now(), what: 'edited', say: '' }, ended: [],
    copy: { id: late, connection: connectionId('support-outbox'), messageId: '<a@b>', subject: 'Mail late', recipients: ['tickets@example.org'], giveUpAt: world.clock.now(), raw: null },
  })
  await world.store.recordOutcome({ send: late, at: world.clock.now(), nextAttemptAt: null, event: { at: world.clock.now(), what: 'refused', say: '' }, recipients: [{ address: 'tickets@example.org', state: 'refused', answer: '' }] })
  const first = await decide(world, { do: 'retry', filter, upTo })
  expect(first).toMatchObject({ done: bulk.page, left: [] })
  const second = await decide(world, { do: 'retry', filter, upTo, cursor: first.next })
  expect(second).toMatchObject({ done: 19, left: [{ say: 'This mail is being sent right now.', count: 1 }], next: null })
  expect(new Set(decided).size).toBe(many - 1)
  expect((await page(world, 'state=refused')).sends.map(({ subject }) => subject)).toEqual(['Mail late', 'Mail 0'])
})

test('[AP73] mails of a connection that is not shared are neither listed nor counted nor decided, by name or by filter', async () => {
  const { world, sends, decided } = await refusedMails(3, ['Sam'])
  const mia = await tokenOf(world, 'Mia')
  expect(await page(world, 'state=refused', mia)).toEqual({ sends: [], next: null, counts: {} })
  expect((await world.ask('GET', '/api/outbox/count?state=refused', { token: mia })).body).toMatchObject({ count: 0 })
  const { upTo } = (await world.ask('GET', '/api/outbox/count')).body as { upTo: string }
  expect(await decide(world, { do: 'give-up', filter: { state: 'refused' }, upTo }, mia)).toEqual({ done: 0, left: [], next: null })
  expect(await decide(world, { do: 'give-up', ids: sends }, mia)).toMatchObject({ done: 0, left: [{ count: 3, say: expect.stringContaining('not shared with you') as string }] })
  expect(decided).toEqual([])
  expect((await page(world, 'state=refused')).counts).toEqual({ refused: 3 })
})

test('[AP73] who sees a part is given full pages of it, with the counts of that part', async () => {
  const { world } = await refusedMails(2)
  const open = { ...forwardFlow(), id: flowId('open'), nodes: forwardFlow().nodes.map((node) => (node.kind === 'receive-email' ? { ...node, config: { connection: 'private-inbox' } } : node)) }
  await world.registry.put(inboxInput({ id: connectionId('private-inbox'), password: 'x', sharing: ['Sam'] }))
  await world.ask('PUT', '/api/flows/open', { body: open })
  await world.ask('POST', '/api/flows/open/deploy', { body: {} })
  for (let uid = 1; uid <= 5; uid += 1) {
    const [run] = await world.store.ingest({
      flow: open.id, node: nodeId('receive'), connection: connectionId('private-inbox'), folder: 'INBOX', version: 1, uidValidity: '1', at: world.clock.now(), cursor: '1', claim: true,
      mails: [{ uid: String(uid), flags: [], receivedAt: null, raw: rawOf('x'), sha256: 'a'.repeat(64) }],
    })
    await world.store.recordComputed({
      run: run?.id ?? runId(''), state: 'running', problem: null, at: world.clock.now(), mail: { subject: '', from: '', messageId: '' }, steps: [],
      sends: [{ id: sendId(`${run?.id}-send`), node: nodeId('send'), connection: connectionId('support-outbox'), messageId: '<a@b>', from: 'a@b', subject: 'Private', recipients: ['x@example.org'], raw: rawOf('x'), giveUpAt: world.clock.now() }],
    })
  }
  const mia = await tokenOf(world, 'Mia')
  expect(await page(world, 'limit=2', mia)).toMatchObject({ sends: [{ subject: 'Mail 1' }, { subject: 'Mail 0' }], next: null, counts: { refused: 2 } })
  expect((await page(world, 'limit=2')).counts).toEqual({ refused: 2, ready: 5 })
})

test('[AP74] an edit asks for the right to deploy, and for the connection it is to go through', async () => {
  const { world, sends } = await refusedMails(2)
  const [, send] = sends
  const edit = async (body: object, token?: string) => (await world.ask('POST', `/api/outbox/${send}/edit`, { body, ...(token === undefined ? {} : { token }) })).status
  expect(await edit({ subject: 'x' }, 'token-that-may-edit')).toBe(403)
  expect(await edit({ connection: 'support-inbox' })).toBe(422)
  expect(await edit({ connection: 'nowhere' })).toBe(404)
  await world.registry.put(outboxInput({ id: connectionId('boss-outbox'), sharing: ['Sam'] }))
  expect(await edit({ connection: 'boss-outbox' }, await tokenOf(world, 'Mia'))).toBe(403)
  expect(await edit({ from: 'boss@example.org' })).toBe(400)
  expect(await edit({ subject: 'x' })).toBe(201)
  expect(world.logged.some((line) => line.includes('outbox.edit'))).toBe(true)
  expect((await world.ask('POST', '/api/outbox/none/edit', { body: { subject: 'x' } })).status).toBe(404)
})

/** Runs and their mails over HTTP. */
import { expect, test } from 'vitest'
import { connectionId, flowId, nodeId, runId, sendId } from '#shared/ids.ts'
import { apiWorld, forwardFlow, oneRun, rawOf, withConnections, type World } from './world.ts'

const codeOf = (body: unknown): unknown => (body as { error?: { code?: string } } | null)?.error?.code

async function worldWithRun(change: Parameters<typeof apiWorld>[0] = {}): Promise<{ readonly world: World; readonly run: string }> {
  const world = await apiWorld(change)
  await withConnections(world)
  await world.ask('PUT', '/api/flows/support-tickets', { body: forwardFlow() })
  await world.ask('POST', '/api/flows/support-tickets/deploy', { body: {} })
  const { id } = await oneRun(world)
  await world.store.recordComputed({
    run: id, state: 'running', problem: null, at: world.clock.now(), mail: { subject: 'Invoice 7', from: 'ann@example.org', messageId: 'one@example.org' },
    steps: [
      { node: nodeId('receive'), state: 'done', startedAt: world.clock.now(), durationMs: 1, outputJson: '{"subject":"Invoice 7"}', problem: null },
      { node: nodeId('map'), state: 'done', startedAt: world.clock.now(), durationMs: 2, outputJson: '{"subject":"Ticket: Invoice 7"}', problem: null },
    ],
    sends: [{
      id: sendId(`${id}-send`), node: nodeId('send'), connection: connectionId('support-outbox'), messageId: '<a@example.org>', from: 'support@example.org', subject: 'Ticket: Invoice 7',
      recipients: ['tickets@example.org'], raw: rawOf('Subject: Ticket: Invoice 7\r\n\r\nout'), giveUpAt: '2026-12-01T00:00:00.000Z',
    }],
  })
  return { world, run: id }
}

test('[AP14] a run shows each step with what went in and what came out', async () => {
  const { world, run } = await worldWithRun()
  const { body } = await world.ask('GET', `/api/runs/${run}`)
  expect(body).toMatchObject({
    id: run, flow: 'support-tickets', version: 1, mail: { subject: 'Invoice 7', from: 'ann@example.org' },
    steps: [
      { node: 'receive', kind: 'receive-email', input: null, output: { subject: 'Invoice 7' } },
      { node: 'map', kind: 'map-data', name: 'Map data', input: { subject: 'Invoice 7' }, output: { subject: 'Ticket: Invoice 7' }, state: 'done', durationMs: 2 },
    ],
    sends: [{ id: `${run}-send`, recipients: [{ address: 'tickets@example.org' }] }],
  })
  expect(body).not.toHaveProperty('uidValidity')
  expect((await world.ask('GET', '/api/runs/none-such')).status).toBe(404)
})

test('[AP14] steps that a failed run never reached are shown as skipped', async () => {
  const { world, run } = await worldWithRun()
  await world.store.setRunState({ run: runId(run), state: 'failed', problem: { code: 'SEND_REFUSED', say: 'no', where: 'send' }, at: world.clock.now() })
  const { body } = await world.ask('GET', `/api/runs/${run}`)
  expect((body as { steps: { node: string; state: string; startedAt: string | null }[] }).steps.map(({ node, state }) => `${node} ${state}`)).toEqual(['receive done', 'map done', 'send skipped'])
})

test('[AP15] the list of runs filters and pages, and refuses a filter it does not know', async () => {
  const { world, run } = await worldWithRun()
  const ids = async (query: string) => ((await world.ask('GET', `/api/runs?${query}`)).body as { runs: { id: string }[] }).runs.map(({ id }) => id)
  for (const query of ['flow=support-tickets', 'state=running', 'subject=invoice', 'from=ann', 'messageId=one@example.org', 'since=2026-11-20T13:00:00%2B01:00']) expect([query, await ids(query)]).toEqual([query, [run]])
  for (const query of ['flow=other', 'state=failed', 'subject=nothing', 'since=2026-11-20T12:00:01Z']) expect([query, await ids(query)]).toEqual([query, []])
  for (const query of ['state=lost', 'limit=0', 'limit=201', 'flwo=x', 'since=yesterday', 'state=done&state=failed']) expect([query, (await world.ask('GET', `/api/runs?${query}`)).status]).toEqual([query, 400])
})

test('[SE16] a stranger\'s mail is only ever a download, whatever it holds', async () => {
  const { world, run } = await worldWithRun()
  const raw = await world.ask('GET', `/api/runs/${run}/raw`)
  expect([raw.status, raw.headers['content-type'], raw.headers['content-disposition'], raw.headers['x-content-type-options']])
    .toEqual([200, 'message/rfc822', `attachment; filename="${run}.eml"`, 'nosniff'])
  expect(raw.text).toBe('Subject: <script>alert(1)</script>\r\n\r\nHello')
  const text = await world.ask('GET', `/api/runs/${run}/raw?as=text`)
  expect([text.headers['content-type'], text.headers['content-disposition']]).toEqual(['text/plain; charset=utf-8', `attachment; filename="${run}.txt"`])
  expect((await world.ask('GET', `/api/runs/${run}/raw?as=html`)).status).toBe(400)
  const sent = await world.ask('GET', `/api/outbox/${run}-send/raw`)
  expect([sent.headers['content-type'], sent.text]).toEqual(['message/rfc822', 'Subject: Ticket: Invoice 7\r\n\r\nout'])
})

test('[AP16] mails of runs, outbox and sandbox are shown taken apart, with their bytes as text', async () => {
  const { world, run } = await worldWithRun()
  expect((await world.ask('GET', `/api/runs/${run}/mail`)).body).toMatchObject({ mail: { subject: 'Subject: <script>alert(1)</script>' }, raw: 'Subject: <script>alert(1)</script>\r\n\r\nHello' })
  expect((await world.ask('GET', `/api/outbox/${run}-send/mail`)).body).toMatchObject({ raw: 'Subject: Ticket: Invoice 7\r\n\r\nout' })
  expect((await world.ask('GET', '/api/sandbox/mail/one')).body).toMatchObject({ raw: 'Subject: One\r\n\r\nout' })
  for (const path of ['/api/runs/none/mail', '/api/outbox/none/mail', '/api/outbox/none/raw', '/api/sandbox/mail/none']) expect([path, (await world.ask('GET', path)).status]).toEqual([path, 404])
})

test('[SX141] held mails are let go or discarded one by one or all of a flow, and a paused flow goes on: by whoever may deploy', async () => {
  const asked: string[] = []
  const { world, run } = await worldWithRun((deps) => ({
    engine: { ...deps.engine, trust: async (flow, version) => { asked.push(`trust ${flow} v${version}`) }, decide: async (send, choice) => { asked.push(`${choice} ${send.slice(-4)}`) } },
  }))
  const row = sendId(`${run}-send`)
  const at = world.clock.now()
  await world.store.recordOutcome({ send: row, at, recipients: [{ address: 'tickets@example.org', state: 'held', answer: '' }], event: { at, what: 'held', say: 'First mails.' }, nextAttemptAt: null })
  await world.store.pauseFlow({ flow: flowId('support-tickets'), at, problem: { code: 'SEND_LOOP', say: 'It answers itself.', where: '' } })
  expect((await world.ask('GET', '/api/flows/support-tickets')).body).toMatchObject({ running: null, held: 1, paused: { at, problem: { say: 'It answers itself.' } } })
  expect((await world.ask('POST', `/api/outbox/${row}/decide`, { body: { do: 'approve' } })).status).toBe(200)
  expect((await world.ask('POST', '/api/flows/support-tickets/held', { body: { do: 'approve', stopAsking: true } })).body).toEqual({ mails: 1 })
  expect((await world.ask('POST', '/api/flows/support-tickets/resume', { body: {} })).body).toEqual({ mails: 0 })
  expect((await world.ask('GET', '/api/flows/support-tickets')).body).toMatchObject({ running: 1, held: 1, paused: null })
  expect((await world.ask('POST', '/api/flows/support-tickets/resume', { body: { held: 'discard' } })).body).toEqual({ mails: 1 })
  expect(asked).toEqual(['approve send', 'trust support-tickets v1', 'approve send', 'discard send'])
  for (const path of ['held', 'resume']) {
    expect((await world.ask('POST', `/api/flows/none/${path}`, { body: { do: 'approve' } })).status).toBe(path === 'held' ? 404 : 400)
    expect((await world.ask('POST', `/api/flows/support-tickets/${path}`, { body: { do: 'explode', held: 'explode' } })).status).toBe(400)
  }
})

test('[AP18] a replay is a new run of the same mail', async () => {
  const { world, run } = await worldWithRun()
  const { status, body } = await world.ask('POST', `/api/runs/${run}/replay`, { body: {} })
  expect(status).toBe(201)
  const again = (body as { run: string }).run
  expect(again).not.toBe(run)
  const { mail: { id: mail } } = (await world.ask('GET', `/api/runs/${run}`)).body as { mail: { id: string } }
  expect((await world.ask('GET', `/api/runs/${again}`)).body).toMatchObject({ state: 'queued', mail: { id: mail } })
})

test('[AP19] the sandbox shows its letters, delivers one, and is simply off when it is off', async () => {
  const world = await apiWorld()
  expect((await world.ask('GET', '/api/sandbox')).body).toMatchObject({ on: true, letters: [{ id: 'hello' }] })
  expect((await world.ask('POST', '/api/sandbox/send', { body: { letter: 'hello' } })).status).toBe(204)
  expect(codeOf((await world.ask('POST', '/api/sandbox/send', { body: { letter: 'none' } })).body)).toBe('API_NOT_FOUND')
  const without = await apiWorld({ sandbox: null })
  expect((await without.ask('GET', '/api/sandbox')).body).toMatchObject({ on: false, letters: [] })
  expect((await without.ask('POST', '/api/sandbox/send', { body: { letter: 'hello' } })).status).toBe(404)
  expect((await without.ask('GET', '/api/me')).body).toMatchObject({ sandbox: false })
})

/** When a mailbox has trouble, in a run: its facts are mapped from and sent as a mail's fields are. */
import { expect, test } from 'vitest'
import { checkFlow } from '#shared/flow-check.ts'
import { connectionId, nodeId } from '#shared/ids.ts'
import { sampleMailboxEvent } from '#shared/mailbox-event.ts'
import { nodeDescriptions, type CheckedNode } from '#shared/nodes/index.ts'
import { computeFlow } from '#runtime/engine/compute-flow.ts'
import { tryFlow } from '#runtime/engine/try.ts'
import { at, flowOf, jobOf, map, receive, send } from '../engine/compute-jobs.ts'
import { bytesOf } from '../mail/mime-letters.ts'

const trouble: CheckedNode = { id: nodeId('trouble'), kind: 'mailbox-event', name: '', config: nodeDescriptions['mailbox-event'].config.parse({}) }
const event = sampleMailboxEvent('inbox', 'INBOX', at)
const facts = Buffer.from(JSON.stringify(event))
const heard = { node: 'trouble', what: 'event' } as const
const alarm = map([{ to: 'to', value: 'ops@example.org' }, { to: 'subject', from: ['trouble.summary'] }, { to: 'text', from: ['trouble.say', 'trouble.since'] }], 'alarm')
const letter = bytesOf('From: a@x.org', 'Subject: Broken printer', '', 'It smokes.')
const both = flowOf([receive(), map([{ to: 'to', value: 'tickets@example.org' }, { to: 'subject', from: ['receive.subject'] }]), send(), trouble, alarm, send({}, 'tell')], [['receive', 'map'], ['map', 'send'], ['trouble', 'alarm'], ['alarm', 'tell']])

test('[RN100] an event run maps and sends what happened to the mailbox, and is called by it', async () => {
  const { steps, sends, mail, problem } = await computeFlow(jobOf(flowOf([trouble, alarm, send()]), facts, { start: heard }))
  expect(problem).toBeNull()
  expect(mail).toEqual({ subject: 'Mailbox inbox / INBOX can\'t be read', from: '', messageId: '' })
  expect(JSON.parse(steps[0]?.outputJson ?? '')).toEqual(event)
  expect(sends[0]).toMatchObject({ subject: event.summary, envelope: { to: ['ops@example.org'] } })
  expect(sends[0]?.explained?.text).toContain('firewall')
})

test('[RN101] a run takes the steps behind its own trigger and none behind another', async () => {
  const ofMail = await computeFlow(jobOf(both, letter, { start: { node: 'receive', what: 'mail' } }))
  expect(ofMail.steps.map(({ node }) => node)).toEqual(['receive', 'map', 'send'])
  const ofEvent = await computeFlow(jobOf(both, facts, { start: heard }))
  expect(ofEvent.steps.map(({ node }) => node)).toEqual(['trouble', 'alarm', 'tell'])
  expect([ofMail, ofEvent].map(({ sends }) => sends.map(({ node }) => node))).toEqual([['send'], ['tell']])
})

test('[RN101] made again on a version that calls the trigger otherwise, a run begins at the first of its kind; without one it fails in words', async () => {
  const renamed = await computeFlow(jobOf(both, facts, { start: { node: 'gone', what: 'event' } }))
  expect(renamed.steps.map(({ node }) => node)).toEqual(['trouble', 'alarm', 'tell'])
  const without = flowOf([receive(), map([{ to: 'to', value: 'a@example.org' }]), send()])
  await expect(computeFlow(jobOf(without, facts, { start: heard }))).rejects.toMatchObject({ code: 'RUN_STEP_FAILED' })
  await expect(computeFlow(jobOf(both, letter, { start: heard }))).rejects.toThrow(/can't be read/)
})

test('[RN101] a flow that only hears of mailboxes is tried with an example', async () => {
  const result = await tryFlow({ compute: computeFlow, readMail: () => Promise.reject(new Error('no mail')), close: () => Promise.resolve() },
    { flow: flowOf([trouble, alarm, send()]), raw: { kind: 'bytes', bytes: letter }, at, spool: { folder: '/nowhere', inlineLimit: 1_000_000 } })
  expect(result.state).toBe('done')
  expect(result.outgoing[0]?.subject).toBe('Mailbox inbox / INBOX can\'t be read')
})

const drawn = (config: Record<string, unknown>, more: Record<string, unknown>[] = []) => ({
  format: 1, id: 'alarm', name: 'Alarm',
  nodes: [
    { id: 'receive', kind: 'receive-email', config: { connection: 'inbox' } }, { id: 'send', kind: 'send-email', config: { connection: 'outbox', from: 'a@x.org', to: 'b@x.org' } },
    { id: 'trouble', kind: 'mailbox-event', config }, { id: 'map', kind: 'map-data', config: { rows: [{ to: 'to', value: 'a@x.org' }, { to: 'subject', from: ['trouble.summary'] }] } }, { id: 'tell', kind: 'send-email', config: { connection: 'outbox', from: 'a@x.org' } }, ...more,
  ],
  edges: [{ from: 'receive', to: 'send' }, { from: 'trouble', to: 'map' }, { from: 'map', to: 'tell' }],
})
const context = { connections: [{ id: connectionId('inbox'), kind: 'imap' }, { id: connectionId('outbox'), kind: 'smtp' }] }
const problemsOf = (flow: unknown) => checkFlow(flow, context).problems.map(({ code, node, field }) => `${code} ${node} ${field}`.trim())

test('[RN102] a flow may have several triggers; two that receive from one folder are refused, and so is a mailbox that is none', () => {
  expect(problemsOf(drawn({}))).toEqual([])
  expect(problemsOf(drawn({ mailboxes: 'chosen', chosen: [{ connection: 'inbox' }, { connection: 'inbox', folder: 'Orders' }] }))).toEqual([])
  expect(problemsOf(drawn({}, [{ id: 'other', kind: 'receive-email', config: { connection: 'inbox', folder: 'Orders' } }]))).toEqual([])
  expect(problemsOf(drawn({}, [{ id: 'other', kind: 'receive-email', config: { connection: 'inbox', folder: 'INBOX' } }]))).toEqual(['FLOW_TWO_TRIGGERS other'])
  expect(problemsOf(drawn({ mailboxes: 'chosen' }))).toEqual(['NODE_CONFIG trouble chosen'])
  expect(problemsOf(drawn({ mailboxes: 'chosen', chosen: [{ connection: 'outbox' }] }))).toEqual(['NODE_WRONG_CONNECTION trouble chosen.0.connection'])
  expect(problemsOf(drawn({ events: [] }))).toEqual(['NODE_CONFIG trouble events'])
})

test('[RN102] a mapping behind the event reads its facts and no mail', () => {
  const flow = drawn({})
  const rows = flow.nodes[3]?.config as { rows: unknown[] }
  rows.rows.push({ to: 'text', from: ['receive.text'] })
  expect(problemsOf(flow)).toEqual(['MAP_UNKNOWN_SOURCE map rows.2.from.0'])
})

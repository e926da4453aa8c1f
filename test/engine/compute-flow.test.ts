/** One run, computed: mapping, composing, attachments, branches, failures. */
import { readFileSync } from 'node:fs'
import { afterAll, expect, test } from 'vitest'
import { computeFlow } from '#runtime/engine/compute-flow.ts'
import type { Raw } from '#runtime/raw.ts'
import { bytesOf } from '../mail/mime-letters.ts'
import { flowOf, jobOf, map, receive, scratch, send } from './compute-jobs.ts'

const folder = scratch()
afterAll(() => { folder.remove() })
const sentBytes = (raw: Raw | undefined): Buffer => (raw?.kind === 'bytes' ? Buffer.from(raw.bytes) : readFileSync(raw?.path ?? ''))
const letter = bytesOf('From: Anna <anna@x.org>', 'Subject: Broken printer', 'Message-ID: <1@x.org>', 'Content-Type: text/plain', '', 'It smokes.')
const ticketRows = [{ to: 'to', value: 'tickets@example.org' }, { to: 'subject', from: ['receive.subject'], through: [{ fn: 'prepend', text: 'Ticket: ' }] }, { to: 'text', from: ['receive.text'] }]

test('[SX43] a run maps, composes and waits for its send; computed again it gives the same bytes', async () => {
  const job = jobOf(flowOf([receive(), map(ticketRows), send()]), letter)
  const { steps, sends, mail, problem, outputs } = await computeFlow(job)
  expect(problem).toBeNull()
  expect(mail).toEqual({ subject: 'Broken printer', from: 'anna@x.org', messageId: '1@x.org' })
  expect(steps.map(({ node, state }) => [node, state])).toEqual([['receive', 'done'], ['map', 'done'], ['send', 'waiting']])
  expect(JSON.parse(steps[2]?.outputJson ?? '')).toMatchObject({ messageId: sends[0]?.messageId, won: { to: 'mapped', from: 'form', subject: 'mapped', text: 'mapped' } })
  expect(sends).toMatchObject([{ node: 'send', connection: 'outbox', envelope: { from: 'flow@example.org', to: ['tickets@example.org'] }, subject: 'Ticket: Broken printer', explained: { text: 'It smokes.', html: '', attachments: [] } }])
  expect(sends[0]?.explained?.headers).toContainEqual({ name: 'Subject', value: 'Ticket: Broken printer' })
  expect(Object.keys(outputs ?? {})).toEqual(['receive', 'map', 'send'])
  const again = await computeFlow(job)
  expect(sentBytes(again.sends[0]?.raw).equals(sentBytes(sends[0]?.raw))).toBe(true)
})

test('[SX48] a failing step skips what follows and takes back the sends of other branches', async () => {
  const flow = flowOf([receive(), map(ticketRows), send({}, 'good'), send({ to: 'not an address', priority: 'form' }, 'bad'), send({}, 'later')], [['receive', 'map'], ['map', 'good'], ['map', 'bad'], ['bad', 'later']])
  const { steps, sends, problem } = await computeFlow(jobOf(flow, letter, { spool: { folder: folder.folder, inlineLimit: 10 } }))
  expect(problem).toMatchObject({ code: 'SEND_BAD_ADDRESS', where: 'bad' })
  expect(steps.map(({ node, state }) => [node, state])).toEqual([['receive', 'done'], ['map', 'done'], ['good', 'skipped'], ['bad', 'failed'], ['later', 'skipped']])
  expect(sends).toEqual([])
})

test('[SX50] each node runs once on what stands before it; branches send each their own mail', async () => {
  const flow = flowOf([receive(), map(ticketRows), map([{ to: 'subject', value: 'copy' }], 'other'), send({}, 'first'), send({ to: 'boss@example.org' }, 'second')], [['receive', 'map'], ['receive', 'other'], ['map', 'first'], ['other', 'second']])
  const { sends, problem } = await computeFlow(jobOf(flow, letter))
  expect(problem).toBeNull()
  expect(sends.map(({ node, subject, envelope }) => [node, subject, envelope.to])).toEqual([['first', 'Ticket: Broken printer', ['tickets@example.org']], ['second', 'copy', ['boss@example.org']]])
  expect(new Set(sends.map(({ messageId }) => messageId)).size).toBe(2)
})

/** One run, computed: mapping, composing, attachments, branches, failures. */
import { randomBytes } from 'node:crypto'
import { readFileSync, readdirSync } from 'node:fs'
import { afterAll, expect, test } from 'vitest'
import { computeFlow } from '#runtime/engine/compute-flow.ts'
import type { Raw } from '#runtime/raw.ts'
import { bytesOf, read } from '../mail/mime-letters.ts'
import { at, flowOf, jobOf, map, receive, scratch, send } from './compute-jobs.ts'

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

test('[SX47] attachments go on byte for byte; a large mail becomes a file and the scratch files of its parts are gone', async () => {
  const large = randomBytes(2_500_000)
  const bytes = bytesOf('From: a@x.org', 'Content-Type: multipart/mixed; boundary=b', '', '--b', 'Content-Type: text/plain', '', 'see', '--b', 'Content-Type: application/pdf; name="Größe.pdf"', 'Content-Transfer-Encoding: base64', '', large.toString('base64').replace(/.{76}/g, '$&\r\n'), '--b',
    'Content-Type: image/png; name=p.png', 'Content-ID: <p@x>', 'Content-Disposition: inline', '', 'png', '--b', 'Content-Type: message/rfc822', '', 'Subject: inner', '', 'x', '--b--', '')
  const flow = flowOf([receive(), map([{ to: 'to', value: 'to@x.org' }, { to: 'html', value: '<img src="cid:p@x">' }, { to: 'attachments', from: ['receive.attachments'] }]), send()])
  const { sends, problem } = await computeFlow(jobOf(flow, bytes, { spool: { folder: folder.folder, inlineLimit: 100_000 } }))
  expect(problem).toBeNull()
  const raw = sends[0]?.raw
  expect(raw?.kind).toBe('file')
  expect(readdirSync(folder.folder).length).toBe(1)
  const original = await read(bytes)
  const sent = await read(sentBytes(raw))
  const facts = (mail: typeof sent) => mail.attachments.map(({ size, sha256 }) => `${size} ${sha256}`).sort((a, b) => a.localeCompare(b))
  expect(facts(sent)).toEqual(facts(original))
  expect(sent.attachments.map(({ name, type, disposition, cid }) => [name, type, disposition, cid])).toEqual([
    ['p.png', 'image/png', 'inline', 'p@x'], ['Größe.pdf', 'application/pdf', 'attachment', ''], ['attachment-3.eml', 'message/rfc822', 'attachment', ''],
  ])
  expect(sends[0]?.explained?.attachments.map(({ sha256 }) => sha256)).toEqual(original.attachments.map(({ sha256 }) => sha256))
})

test('[SX47] an attachment that is none of this mail\'s is refused', async () => {
  for (const ref of ['mail:another/0', 'mail:mail-1/9', '/etc/passwd', 'file:///etc/passwd', 'mail:mail-1/../0', '']) {
    const flow = flowOf([receive(), map([{ to: 'to', value: 'to@x.org' }, { to: 'attachments', value: [{ name: 'x.txt', type: 'text/plain', ref }] }]), send()])
    expect([ref, (await computeFlow(jobOf(flow, letter))).problem]).toMatchObject([ref, { code: 'SEND_ATTACHMENT_MISSING', where: 'send' }])
  }
})

test('[SX48] a failing step skips what follows and takes back the sends of other branches', async () => {
  const flow = flowOf([receive(), map(ticketRows), send({}, 'good'), send({ to: 'not an address', priority: 'form' }, 'bad'), send({}, 'later')], [['receive', 'map'], ['map', 'good'], ['map', 'bad'], ['bad', 'later']])
  const { steps, sends, problem } = await computeFlow(jobOf(flow, letter, { spool: { folder: folder.folder, inlineLimit: 10 } }))
  expect(problem).toMatchObject({ code: 'SEND_BAD_ADDRESS', where: 'bad' })
  expect(steps.map(({ node, state }) => [node, state])).toEqual([['receive', 'done'], ['map', 'done'], ['good', 'skipped'], ['bad', 'failed'], ['later', 'skipped']])
  expect(sends).toEqual([])
})

test('[SX48] a mapping row that fails fails the step, in the row\'s own words', async () => {
  const flow = flowOf([receive(), map([{ to: 'to', expression: '$error("no customer")' }]), send()])
  const { steps, problem } = await computeFlow(jobOf(flow, letter))
  expect(steps.map(({ state }) => state)).toEqual(['done', 'failed', 'skipped'])
  expect(problem).toMatchObject({ where: 'map' })
})

test('[SX50] each node runs once on what stands before it; branches send each their own mail', async () => {
  const flow = flowOf([receive(), map(ticketRows), map([{ to: 'subject', value: 'copy' }], 'other'), send({}, 'first'), send({ to: 'boss@example.org' }, 'second')], [['receive', 'map'], ['receive', 'other'], ['map', 'first'], ['other', 'second']])
  const { sends, problem } = await computeFlow(jobOf(flow, letter))
  expect(problem).toBeNull()
  expect(sends.map(({ node, subject, envelope }) => [node, subject, envelope.to])).toEqual([['first', 'Ticket: Broken printer', ['tickets@example.org']], ['second', 'copy', ['boss@example.org']]])
  expect(new Set(sends.map(({ messageId }) => messageId)).size).toBe(2)
})

test('[SX45] a run does not answer a machine, and says so', async () => {
  const automatic = bytesOf('From: bot@x.org', 'Auto-Submitted: auto-replied', '', 'x')
  const answer = flowOf([receive(), map([{ to: 'to', from: ['receive.from'] }]), send()])
  expect((await computeFlow(jobOf(answer, automatic))).problem).toMatchObject({ code: 'SEND_LOOP', where: 'send' })
})

test('[RX62] a mail that was cut off runs with what could be read, or is put aside, as the flow says', async () => {
  const broken = bytesOf('From: a@x.org', 'Subject: s', 'Content-Type: multipart/mixed; boundary=b', '', '--b\r\nContent-Type: text/plain\r\n\r\nx\r\n'.repeat(2000))
  const run = (unreadable: 'run' | 'put-aside') => computeFlow(jobOf(flowOf([receive({ unreadable }), map(ticketRows), send()]), broken))
  expect((await run('run')).problem).toBeNull()
  expect((await run('put-aside')).problem).toMatchObject({ code: 'MAIL_UNREADABLE', where: 'receive' })
})

test('[SX43] run facts can be mapped, and the time is the run\'s frozen one', async () => {
  const flow = flowOf([receive(), map([{ to: 'to', value: 'to@x.org' }, { to: 'subject', template: '{{run.id}} {{run.version}} {{run.flow}} {{run.time}}' }]), send()])
  expect((await computeFlow(jobOf(flow, letter))).sends[0]?.subject).toBe(`run-1 3 tickets ${at}`)
})

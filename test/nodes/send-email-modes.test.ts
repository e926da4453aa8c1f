/** Send Email as an answer and as a forward, over whole runs. */
import { hash } from 'node:crypto'
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { Row } from '#shared/mapping/mapping.ts'
import { sampleMailboxEvent } from '#shared/mailbox-event.ts'
import { nodeId } from '#shared/ids.ts'
import type { SendEmailConfig } from '#shared/nodes/send-email.ts'
import { computeFlow } from '#runtime/engine/compute-flow.ts'
import type { ComputeJob } from '#runtime/engine/compute.ts'
import type { Raw } from '#runtime/raw.ts'
import { flowOf, jobOf, map, receive, scratch, send, step } from '../engine/compute-jobs.ts'
import { bytesOf, read } from '../mail/mime-letters.ts'

const folder = scratch()
/** Where mails lie that are too large for memory. */
const outside = scratch()
afterAll(() => {
  folder.remove()
  outside.remove()
})
const sentBytes = (raw: Raw | undefined): Buffer => (raw?.kind === 'bytes' ? Buffer.from(raw.bytes) : readFileSync(raw?.path ?? ''))

async function run(bytes: Buffer, config: Partial<SendEmailConfig>, rows: readonly Row[] = [], more: Partial<ComputeJob> = {}) {
  const flow = flowOf([receive(), ...(rows.length > 0 ? [map(rows)] : []), send(config)])
  const { sends, problem, steps } = await computeFlow(jobOf(flow, bytes, { spool: { folder: folder.folder, inlineLimit: 1_000_000 }, ...more }))
  if (problem) return { problem, raw: Buffer.alloc(0), mail: null, envelope: [], won: {} }
  const raw = sentBytes(sends[0]?.raw)
  const { won } = JSON.parse(steps.at(-1)?.outputJson ?? '{}') as { readonly won: unknown }
  return { problem, raw, mail: await read(raw), envelope: sends[0]?.envelope.to ?? [], won }
}
const letter = bytesOf('From: Anna <anna@x.org>', 'To: Flow <FLOW@example.org>, Bea <bea@x.org>, in@y.org', 'Cc: carl@x.org', 'Subject: AW: Printer', 'Message-ID: <b@x.org>', 'References: <a@x.org>', '', 'It smokes.')

test('[SX60] without a mode a mail is new, and takes nothing from the mail', async () => {
  const { mail } = await run(letter, { to: 'to@z.org', subject: 'Hi' })
  expect(mail).toMatchObject({ subject: 'Hi', inReplyTo: '', references: [], text: '' })
  expect((await run(letter, {})).problem).toMatchObject({ code: 'SEND_NO_RECIPIENT' })
})

test('[SX60] a reply has its recipient, subject, thread and quote from the mail, and says that it is automatic', async () => {
  const { mail, raw, envelope, won } = await run(letter, { mode: 'reply', text: 'We come.' })
  expect(mail).toMatchObject({ subject: 'Re: Printer', inReplyTo: 'b@x.org', references: ['a@x.org', 'b@x.org'], to: [{ name: 'Anna', address: 'anna@x.org' }], cc: [], replyText: 'We come.', quotedText: 'Anna wrote:\n> It smokes.' })
  expect(envelope).toEqual(['anna@x.org'])
  expect(raw.toString('latin1')).toContain('\r\nAuto-Submitted: auto-replied\r\n')
  expect(won).toMatchObject({ to: 'mail', subject: 'mail', text: 'form', from: 'form', inReplyTo: 'mail', references: 'mail' })
})

test('[SX64] a reply to all goes to everybody but ourselves: neither "From" nor the users of the connections nor the addresses named', async () => {
  const { mail, envelope } = await run(letter, { mode: 'reply-all', ours: 'Carl <CARL@x.org>' }, [], { ours: ['in@y.org'] })
  expect([mail?.to, mail?.cc].map((people) => people?.map(({ address }) => address))).toEqual([['anna@x.org'], ['bea@x.org']])
  expect(envelope).toEqual(['anna@x.org', 'bea@x.org'])
})

test('[SX66] what is typed or mapped goes before what the mail gives; Cc adds to it, nobody stands twice', async () => {
  const typed = await run(letter, { mode: 'reply-all', to: 'boss@z.org', cc: 'Bea <BEA@x.org>, dan@z.org', bcc: 'carl@x.org', subject: 'Done' })
  expect(typed.mail?.subject).toBe('Done')
  expect([typed.mail?.to, typed.mail?.cc].map((people) => people?.map(({ address }) => address))).toEqual([['boss@z.org'], ['BEA@x.org', 'dan@z.org', 'in@y.org']])
  expect(typed.won).toMatchObject({ to: 'form', cc: 'form', subject: 'form' })
  const mapped = await run(letter, { mode: 'reply', subject: 'typed' }, [{ to: 'subject', value: 'mapped' }, { to: 'inReplyTo', value: '<z@z>' }, { to: 'references', value: ['<y@z>', '<z@z>'] }, { to: 'text', from: ['receive.from.name'] }])
  expect(mapped.mail).toMatchObject({ subject: 'mapped', inReplyTo: 'z@z', references: ['y@z', 'z@z'], replyText: 'Anna' })
  expect(mapped.won).toMatchObject({ to: 'mail', subject: 'mapped', inReplyTo: 'mapped' })
})

test('[SX65] an answer that nobody can address fails the run with the reason; with a typed To it goes', async () => {
  const forged = bytesOf('From: anna@x.org', 'From: eve@evil.org', '', 'x')
  expect((await run(forged, { mode: 'reply' })).problem).toMatchObject({ code: 'SEND_NOT_ANSWERABLE', where: 'send', say: expect.stringContaining('more than one sender') })
  expect((await run(forged, { mode: 'reply', to: 'desk@z.org' })).envelope).toEqual(['desk@z.org'])
  expect((await run(bytesOf('From: noreply@x.org', '', 'x'), { mode: 'reply-all' })).problem).toMatchObject({ code: 'SEND_NOT_ANSWERABLE' })
  expect((await run(bytesOf('From: anna@x.org', 'Auto-Submitted: auto-replied', '', 'x'), { mode: 'reply' })).problem).toMatchObject({ code: 'SEND_LOOP' })
})

const png = Buffer.from('89504e470d0a1a0a00ff', 'hex')
const rich = bytesOf('From: Anna <anna@x.org>', 'Subject: Offer', 'Message-ID: <o@x.org>', 'Content-Type: multipart/mixed; boundary=m', '', '--m', 'Content-Type: multipart/related; boundary=r', '', '--r', 'Content-Type: text/html', '', '<p>Look: <img src="cid:p1@x"><img src="https://x.org/t.gif"></p>',
  '--r', 'Content-Type: image/png; name=p1.png', 'Content-ID: <p1@x>', 'Content-Disposition: inline', 'Content-Transfer-Encoding: base64', '', png.toString('base64'), '--r', 'Content-Type: image/png; name=p2.png', 'Content-ID: <p2@x>', 'Content-Transfer-Encoding: base64', '', png.toString('base64'), '--r--', '--m', 'Content-Type: application/pdf; name=offer.pdf', '', 'pdf', '--m--', '')

test('[SX67] the pictures that a quote shows go along inside the mail; its other files stay behind', async () => {
  const { mail } = await run(rich, { mode: 'reply', html: '<p>Thanks</p>' })
  expect(mail?.html).toMatch(/<p>Thanks<\/p>[\s\S]*<blockquote[\s\S]*<img src="cid:p1@x">/)
  expect(mail?.html).not.toContain('https://x.org/t.gif')
  expect(mail?.attachments.map(({ name, disposition, cid, sha256 }) => [name, disposition, cid, sha256])).toEqual([['p1.png', 'inline', 'p1@x', hash('sha256', png)]])
  expect((await run(rich, { mode: 'reply', html: '<p>Thanks</p>', quote: 'none' })).mail?.attachments).toEqual([])
  expect((await run(rich, { mode: 'reply', text: 'Thanks' })).mail?.attachments).toEqual([])
})

test('[SX69] a mail is sent on with its attachments, once each, in its thread and answering nobody', async () => {
  const { mail, won } = await run(rich, { mode: 'forward', to: 'boss@z.org', text: 'FYI' })
  expect(mail).toMatchObject({ subject: 'Fwd: Offer', inReplyTo: '', references: ['o@x.org'], to: [{ address: 'boss@z.org' }] })
  expect(mail?.text).toMatch(/^FYI\n\n-+ Forwarded message -+\nFrom: Anna <anna@x\.org>\nSubject: Offer\n\nLook:/)
  expect(mail?.html).toContain('<img src="cid:p1@x">')
  expect(mail?.attachments.map(({ name, disposition }) => `${name} ${disposition}`)).toEqual(['p1.png inline', 'p2.png attachment', 'offer.pdf attachment'])
  expect(won).toMatchObject({ to: 'form', subject: 'mail', text: 'form', html: 'mail', attachments: 'mail' })
  const mapped = await run(rich, { mode: 'forward', to: 'boss@z.org' }, [{ to: 'attachments', from: ['receive.attachments'] }])
  expect(mapped.mail?.attachments.length).toBe(3)
  expect((await run(rich, { mode: 'forward' })).problem).toMatchObject({ code: 'SEND_NO_RECIPIENT' })
})

test('[SX70] a mail goes on as a file byte for byte: as message/rfc822 where it is plain, else in base64', async () => {
  const forward: Partial<SendEmailConfig> = { mode: 'forward', forwardAs: 'attachment', to: 'boss@z.org', text: 'FYI' }
  const plain = await run(letter, forward)
  expect(plain.raw.includes(Buffer.concat([Buffer.from('\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: 7bit\r\nContent-Disposition: attachment;\r\n filename="AW_ Printer.eml"\r\n\r\n'), letter, Buffer.from('\r\n--=_')]))).toBe(true)
  expect(plain.mail).toMatchObject({ subject: 'Fwd: Printer', text: 'FYI', attachments: [{ type: 'message/rfc822', size: letter.length, sha256: hash('sha256', letter) }] })
  const others = { '8bit': bytesOf('Subject: x', '', 'Grüße'), 'long lines': bytesOf('Subject: x', '', 'x'.repeat(999)), 'bare LF': Buffer.from('Subject: x\n\nhello\n'), 'bare CR': bytesOf('Subject: x', '', 'a\rb'), 'CR at the end': bytesOf('Subject: x', '', 'a\r'), NUL: bytesOf('Subject: x', '', 'a\0b') }
  for (const [what, bytes] of Object.entries(others)) {
    const { raw, mail } = await run(Buffer.concat([Buffer.from('From: a@x.org\r\n'), bytes]), forward)
    const whole = Buffer.concat([Buffer.from('From: a@x.org\r\n'), bytes])
    expect([what, raw.toString('latin1').includes('message/rfc822'), mail?.attachments.at(-1)]).toMatchObject([what, false, { name: 'x.eml', size: whole.length, sha256: hash('sha256', whole) }])
    // Nothing that leaves is 8bit, too long, or a line end of its own making.
    expect(/[^\r\n -~]|(?<!\r)\n|\r(?!\n)|[^\n]{999}/.test(raw.toString('latin1'))).toBe(false)
  }
  const justFits = bytesOf('From: a@x.org', '', 'x'.repeat(998))
  expect((await run(justFits, forward)).raw.toString('latin1')).toContain('message/rfc822')
})

test('[SX70] a large mail goes on as a file out of a file, and no other file is left behind', async () => {
  const large = Buffer.concat([bytesOf('From: a@x.org', 'Subject: Large', '', ''), Buffer.from('line of text\r\n'.repeat(300_000))])
  const at = path.join(outside.folder, 'large.eml')
  writeFileSync(at, large)
  const before = readdirSync(folder.folder).length
  const flow = flowOf([receive(), send({ mode: 'forward', forwardAs: 'attachment', to: 'boss@z.org' })])
  const job = jobOf(flow, letter, { raw: { kind: 'file', path: at, size: large.length, sha256: hash('sha256', large) }, spool: { folder: folder.folder, inlineLimit: 100_000 } })
  const { sends } = await computeFlow(job)
  expect(sends[0]?.raw.kind).toBe('file')
  expect(sentBytes(sends[0]?.raw).includes(large)).toBe(true)
  expect(sends[0]?.explained?.attachments).toEqual([{ name: 'Large.eml', type: 'message/rfc822', size: large.length, sha256: hash('sha256', large) }])
  expect(readdirSync(folder.folder).length).toBe(before + 1)
})

test('[SX69] a mail that could not be read whole is sent on as a file', async () => {
  const flow = flowOf([receive(), send({ mode: 'forward', to: 'boss@z.org' })])
  const { sends } = await computeFlow(jobOf(flow, letter, { headersOnly: true }))
  expect((await read(sentBytes(sends[0]?.raw))).attachments).toMatchObject([{ type: 'message/rfc822', sha256: hash('sha256', letter) }])
})

test('[SX71] computed twice, an answer and a forward are the same bytes', async () => {
  for (const config of [{ mode: 'reply-all', html: '<p>x</p>' }, { mode: 'forward', to: 'b@z.org' }, { mode: 'forward', forwardAs: 'attachment', to: 'b@z.org' }] as const) {
    expect((await run(rich, config)).raw.equals((await run(Buffer.from(rich), config)).raw)).toBe(true)
  }
})

test('[SX72] a run that no mail started has nothing to answer', async () => {
  const flow = flowOf([step('mailbox-event', {}, 'trouble'), send({ mode: 'reply' })])
  const event = Buffer.from(JSON.stringify(sampleMailboxEvent('inbox', 'INBOX', '2026-01-01T00:00:00.000Z')))
  const { problem } = await computeFlow(jobOf(flow, event, { start: { node: nodeId('trouble'), what: 'event' } }))
  expect(problem).toMatchObject({ code: 'SEND_NO_MAIL', where: 'send' })
})

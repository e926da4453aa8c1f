/** Send Email in a run. */
import { hash, randomBytes } from 'node:crypto'
import { readFileSync, readdirSync } from 'node:fs'
import { afterAll, expect, test } from 'vitest'
import { computeFlow } from '#runtime/engine/compute-flow.ts'
import type { Raw } from '#runtime/raw.ts'
import { flowOf, jobOf, map, receive, scratch, send } from '../engine/compute-jobs.ts'
import { bytesOf, read } from '../mail/mime-letters.ts'
import { fileIn, tnefOf, wide } from '../mail/tnef-letters.ts'

const folder = scratch()
afterAll(() => { folder.remove() })
const sentBytes = (raw: Raw | undefined): Buffer => (raw?.kind === 'bytes' ? Buffer.from(raw.bytes) : readFileSync(raw?.path ?? ''))
const letter = bytesOf('From: Anna <anna@x.org>', 'Subject: Broken printer', 'Content-Type: text/plain', '', 'It smokes.')

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

test('[SX45] a run does not answer a machine, and says so', async () => {
  const automatic = bytesOf('From: bot@x.org', 'Auto-Submitted: auto-replied', '', 'x')
  const answer = flowOf([receive(), map([{ to: 'to', from: ['receive.from'] }]), send()])
  expect((await computeFlow(jobOf(answer, automatic))).problem).toMatchObject({ code: 'SEND_LOOP', where: 'send' })
})

test('[RX85] a forwarded HTML keeps its pictures: they stand beside it under the same Content-ID, however their sender listed them', async () => {
  const picture = (id: string, disposition: string) => ['--r', 'Content-Type: image/png', `Content-ID: <${id}>`, ...(disposition === '' ? [] : [`Content-Disposition: ${disposition}; filename=${id.slice(0, 2)}.png`]), '', `png ${id}`]
  const bytes = bytesOf('From: a@x.org', 'Content-Type: multipart/related; boundary=r', '', '--r', 'Content-Type: text/html', '', '<p>Hi</p><img src="cid:p1@x"><img src="cid:p2%24y@x"><img src=\'cid:p3@x\'>',
    ...picture('p1@x', ''), ...picture('p2$y@x', 'inline'), ...picture('p3@x', 'attachment'), ...picture('p4@x', 'attachment'), '--r--', '')
  const flow = flowOf([receive(), map([{ to: 'to', value: 'to@x.org' }, { to: 'html', from: ['receive.html'] }, { to: 'attachments', from: ['receive.attachments'] }]), send()])
  const { sends } = await computeFlow(jobOf(flow, bytes))
  const raw = sentBytes(sends[0]?.raw)
  const sent = await read(raw)
  expect(sent.html).toContain('cid:p1@x')
  expect(sent.attachments.map(({ name, disposition, cid }) => [name, disposition, cid])).toEqual([['attachment-1.png', 'inline', 'p1@x'], ['p2.png', 'inline', 'p2$y@x'], ['p3.png', 'inline', 'p3@x'], ['p4.png', 'attachment', '']])
  // The pictures are related to the HTML; the other file stands outside.
  const [, related = ''] = raw.toString('latin1').split('multipart/related')
  expect(raw.indexOf('multipart/mixed')).toBeLessThan(raw.indexOf('multipart/related'))
  expect(related).toContain('Content-ID: <p3@x>')
  expect(related).not.toContain('Content-ID: <p4@x>')
})

test('[RX78] a file out of winmail.dat is sent on byte for byte', async () => {
  const data = randomBytes(5000)
  const bytes = bytesOf('From: a@x.org', 'Content-Type: application/ms-tnef; name=winmail.dat', 'Content-Transfer-Encoding: base64', '', tnefOf(fileIn('PLAN~1.PDF', data, [0x1f, 0x3707, wide('Plan für März.pdf')])).toString('base64').replace(/.{76}/g, '$&\r\n'))
  const flow = flowOf([receive(), map([{ to: 'to', value: 'to@x.org' }, { to: 'attachments', from: ['receive.attachments'] }]), send()])
  const { sends } = await computeFlow(jobOf(flow, bytes))
  expect((await read(sentBytes(sends[0]?.raw))).attachments).toMatchObject([{ name: 'Plan für März.pdf', type: 'application/pdf', size: 5000, sha256: hash('sha256', data) }])
})

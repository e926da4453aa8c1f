/** Outgoing mails: what is decided, what is refused, what the bytes say when they are read back. */
import { readFileSync } from 'node:fs'
import { assert, asyncProperty, constantFrom, oneof, string } from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { Fault } from '#shared/errors.ts'
import type { JsonObject } from '#shared/json.ts'
import type { Mail } from '#shared/mail.ts'
import { composeMail } from '#runtime/mail/compose/compose-mail.ts'
import { decideOutgoing } from '#runtime/mail/compose/outgoing.ts'
import type { Side } from '#shared/outgoing.ts'
import type { Raw } from '#runtime/raw.ts'
import { scratch, sendConfig } from '../engine/compute-jobs.ts'
import { read } from './mime-letters.ts'

const folder = scratch()
afterAll(() => { folder.remove() })
const context = { run: 'run-1', node: 'send', flow: 'tickets', at: '2026-03-04T05:06:07.000Z', spool: { folder: folder.folder, inlineLimit: 10_000_000 } }
const bytesOf = (raw: Raw): Buffer => (raw.kind === 'bytes' ? Buffer.from(raw.bytes) : readFileSync(raw.path))
const decide = (mapped: JsonObject, form: Parameters<typeof sendConfig>[0] = {}, priorities: Record<string, Side> = {}) => decideOutgoing(mapped, sendConfig(form), priorities)
const compose = (mapped: JsonObject, form: Parameters<typeof sendConfig>[0] = {}) => composeMail(decide({ to: 'to@example.org', ...mapped }, form), [], context)
const readBack = (mapped: JsonObject): Promise<Mail> => read(bytesOf(compose(mapped).raw))
const refusal = (run: () => unknown): string => {
  try {
    run()
    return 'none'
  } catch (error) {
    return error instanceof Fault ? `${error.code} ${error.where}`.trim() : String(error)
  }
}

test('[SX40] priority decides field by field, a row goes before it, a blank side gives way', () => {
  const mapped = { to: [{ name: '', address: 'm@x.org' }], subject: 'mapped', text: '  ' }
  const form = { to: 'f@x.org', subject: 'form', text: 'form text', cc: 'c@x.org; d@x.org' }
  expect(decide(mapped, { ...form, priority: 'mapped' })).toMatchObject({ to: [{ address: 'm@x.org' }], subject: 'mapped', text: 'form text', cc: [{ address: 'c@x.org' }, { address: 'd@x.org' }], won: { to: 'mapped', subject: 'mapped', text: 'form', cc: 'form', from: 'form' } })
  expect(decide(mapped, { ...form, priority: 'form' })).toMatchObject({ to: [{ address: 'f@x.org' }], subject: 'form', won: { to: 'form', subject: 'form' } })
  expect(decide(mapped, { ...form, priority: 'form' }, { subject: 'mapped' })).toMatchObject({ subject: 'mapped', won: { to: 'form', subject: 'mapped' } })
  expect(decide({ to: 'm@x.org', subject: 'only mapped' }, { priority: 'form' })).toMatchObject({ subject: 'only mapped', won: { subject: 'mapped' } })
})

test('[SX41] what is not plainly an address is refused by field, and so is a mail to nobody or from nobody', () => {
  expect(refusal(() => decide({}))).toBe('SEND_NO_RECIPIENT to')
  expect(refusal(() => decide({ to: [{ name: '', address: '' }, ' '] }))).toBe('SEND_NO_RECIPIENT to')
  expect(refusal(() => decide({ to: 'b@x\r\nBcc: e@evil.test' }))).toBe('SEND_BAD_ADDRESS to')
  expect(refusal(() => decide({ to: ['a@x.org, b@x.org'] }))).toBe('SEND_BAD_ADDRESS to')
  expect(refusal(() => decide({ to: 'a@x.org', cc: [{ name: '', address: 'a@x>\r\nRCPT TO:<e@e.test>' }] }))).toBe('SEND_BAD_ADDRESS cc')
  expect(refusal(() => decide({ to: 'a@x.org', replyTo: 7 }))).toBe('SEND_BAD_ADDRESS replyTo')
  expect(refusal(() => decide({ to: 'a@x.org' }, { from: ' ' }))).toBe('SEND_NO_FROM from')
  expect(refusal(() => decide({ to: 'a@x.org' }, { from: 'a@x.org, b@x.org' }))).toBe('SEND_BAD_ADDRESS from')
  expect(refusal(() => decide({ to: 'a@x.org, b@x.org' }))).toBe('SEND_BAD_ADDRESS to')
  expect(refusal(() => decide({ bcc: [{ name: 'N', address: 'c@x.org' }] }, { to: 'a@x.org, b@x.org' }))).toBe('none')
})

test('[SX46] a mail with nothing in it is still a mail', async () => {
  expect(await readBack({})).toMatchObject({ subject: '', text: '', html: '', attachments: [] })
})

test('[SX42] headers keep to the grammar and to what a flow may say; values lose what could end a line', async () => {
  for (const name of ['To', 'bcc', 'Content-Type', 'MIME-Version', 'Received', 'DKIM-Signature', 'Return-Path', 'Message-ID', 'X Y', 'X:', 'X\r\nBcc', '', '1X', 'X-Mailweave-Flow', 'Resent-To', 'a'.repeat(80)]) {
    expect([name, refusal(() => decide({ to: 'a@x.org', headers: { [name]: 'v' } }))]).toEqual([name, 'SEND_BAD_HEADER headers'])
  }
  const { headers } = await readBack({ headers: { 'X-Ticket': 'one\r\nBcc: e@evil.test\u2028\0two', 'X-Blank': ' ', 'X-Number': 7, 'X-Long': 'y'.repeat(3000) } })
  expect(headers.filter(({ name }) => name.startsWith('X-') && name !== 'X-Mailweave-Flow')).toEqual([
    { name: 'X-Ticket', value: 'one Bcc: e@evil.test two' }, { name: 'X-Number', value: '7' }, { name: 'X-Long', value: 'y'.repeat(3000) },
  ])
})

test('[SX43] the same run gives the same bytes; another node gives another Message-ID', () => {
  const mail = { subject: 'Grüße', text: 'täxt', html: '<p>x</p>' }
  const [one, two] = [compose(mail), compose(mail)]
  expect(bytesOf(one.raw).equals(bytesOf(two.raw))).toBe(true)
  expect(one.messageId).toMatch(/^<[0-9a-f]{24}\.[0-9a-f]{16}\.flow@example\.org>$/)
  expect(composeMail(decide({ to: 'to@example.org' }), [], { ...context, node: 'send-2' }).messageId).not.toBe(one.messageId)
  expect(bytesOf(one.raw).toString()).toContain('Date: Wed, 04 Mar 2026 05:06:07 +0000\r\n')
})

test('[SX49] every mail says that no person wrote it and which flow sent it', async () => {
  const { headers, isAutoReply } = await readBack({ text: 'x' })
  expect(headers).toEqual(expect.arrayContaining([{ name: 'Auto-Submitted', value: 'auto-generated' }, { name: 'X-Mailweave-Flow', value: 'tickets' }]))
  expect(isAutoReply).toBe(true)
  expect(headers.some(({ name }) => name.toLowerCase() === 'x-mailer' || name.toLowerCase() === 'bcc')).toBe(false)
})

const evil = ['\r\nBcc: e@evil.test', '\nBcc: e@evil.test\n\nbody', '\r\n\r\n<script>', '\r.\r\n', '\r\n.\r\nMAIL FROM:<e@evil.test>', '\0', '\u2028Bcc: e@evil.test', '\u0085X: y', '=?utf-8?Q?=0D=0ABcc:_e=40evil.test?=', '=?utf-8?B?DQpCY2M6IGVAZXZpbC50ZXN0?=', '", <e@evil.test>, "', '<e@evil.test>', ', e@evil.test', '; e@evil.test', 'e@evil.test:', '(comment', '\\', '"', '--=_boundary--', '\ud800', '𝒳'.repeat(40), ' '.repeat(200), 'x'.repeat(1200), 'a\tb  c', '%0d%0aBcc:e@evil.test']

test('[SX44] 500 hostile values in every field come back as one value each, and the envelope has nobody new', async () => {
  const payloads = Array.from({ length: 500 }, (_, index) => [`${evil[index % evil.length] ?? ''}${index >= 25 ? evil[(index * 7 + Math.floor(index / 25)) % evil.length] ?? '' : ''}`, index] as const)
  const names = ['Date', 'From', 'To', 'Cc', 'Reply-To', 'Subject', 'Message-ID', 'In-Reply-To', 'References', 'Auto-Submitted', 'X-Mailweave-Flow', 'X-Ticket', 'MIME-Version', 'Content-Type', 'Content-Transfer-Encoding']
  for (const [payload, index] of payloads) {
    const text = `a${payload}b`
    const name = (address: string) => ({ name: text, address })
    const sent = compose({ to: [name('to@example.org')], cc: [name('cc@example.org')], bcc: [name('bcc@example.org'), name('cc@example.org')], replyTo: [name('re@example.org')], from: name('from@example.org'), subject: text, text, headers: { 'X-Ticket': text }, inReplyTo: text, references: [text] })
    expect(sent.envelope).toEqual({ from: 'from@example.org', to: ['to@example.org', 'cc@example.org', 'bcc@example.org'] })
    const bytes = bytesOf(sent.raw)
    const mail = await read(bytes)
    const told = mail.headers.map((header) => header.name)
    expect([index, told.filter((header) => !names.includes(header))]).toEqual([index, []])
    expect([index, new Set(told).size]).toEqual([index, told.length])
    expect([mail.to, mail.cc, mail.replyTo, [mail.from]].map((list) => list.map(({ address }) => address))).toEqual([['to@example.org'], ['cc@example.org'], ['re@example.org'], ['from@example.org']])
    const wanted = text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').toWellFormed().trim()
    // A value that is an encoded word itself must come back as those characters, not decoded.
    expect([mail.subject, mail.from.name, mail.headers.find((header) => header.name === 'X-Ticket')?.value]).toEqual([wanted, wanted, wanted])
    expect(mail.text.trimEnd()).toBe(text.replace(/\r\n|\r/g, '\n').toWellFormed().trimEnd())
    expect(mail.attachments).toEqual([])
    expect(bytes.toString('latin1').split('\r\n').every((line) => line.length <= 998 && /^[\p{ASCII}]*$/u.test(line) && !line.includes('\n') && !line.includes('\r'))).toBe(true)
  }
})

const plain = (value: string): string => value.replace(/\r\n|\r/g, '\n').toWellFormed()
const blank = (value: string): boolean => value.trim() === ''

test('[SX46] any text and HTML come back as given, each line short and ASCII', async () => {
  const writing = oneof(string({ unit: 'binary', maxLength: 400 }), string({ unit: constantFrom('a', ' ', '\n', '=', 'ü', '.', '\t', '日', 'From ', '-'), maxLength: 300 }), string({ unit: 'grapheme', maxLength: 60 }).map((piece) => piece.repeat(40)))
  await assert(asyncProperty(writing, writing, async (text, html) => {
    const bytes = bytesOf(compose({ text, html }).raw)
    const lines = bytes.toString('latin1').split('\r\n')
    expect(lines.every((line) => line.length <= 998 && /^[\p{ASCII}]*$/u.test(line) && !line.includes('\n'))).toBe(true)
    const mail = await read(bytes)
    if (!blank(text)) expect(mail.text.replace(/\n$/, '')).toBe(plain(text).replace(/\n$/, ''))
    if (!blank(html)) expect(mail.html.replace(/\n$/, '')).toBe(plain(html).replace(/\n$/, ''))
    expect(mail.textDerived).toBe(blank(text) && !blank(html))
  }), { numRuns: 300, seed: 7 })
})

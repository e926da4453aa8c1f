/** Mail from machines: automatic answers, lists, bounces and what they say, complaints. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { read, bytesOf, readLines } from './mime-letters.ts'

const plain = ['Content-Type: text/plain; charset=utf-8', '', 'Hello']
const report = (type: string, notice: readonly string[], status: readonly string[], original: readonly string[]) => [
  'From: Mail Delivery System <MAILER-DAEMON@mx.example.net>', `Content-Type: multipart/report; report-type=${type}; boundary=b`, '', '--b', 'Content-Type: text/plain', '', ...notice,
  '--b', `Content-Type: message/${type}`, '', ...status, '--b', 'Content-Type: text/rfc822-headers', '', ...original, '--b--', '']

test('[RX72] automatic mail is known by RFC 3834, by vendors\' marks, and by being a report; newsletters and groups are not', async () => {
  const automatic = ['Auto-Submitted: auto-replied; owner=x', 'Auto-Submitted: auto-generated', 'X-Autoreply: yes', 'Precedence: auto_reply', 'X-Auto-Response-Suppress: All', 'X-Auto-Response-Suppress: OOF, ALL', 'X-POST-MessageClass: 9; Autoresponder', 'Delivered-To: Autoresponder', 'X-FC-MachineGenerated: true']
  for (const line of automatic) expect([line, (await readLines(line, ...plain)).isAutoReply]).toEqual([line, true])
  const people = ['Auto-Submitted: no', 'Auto-Submitted:', 'Precedence: bulk', 'Precedence: list', 'X-Auto-Response-Suppress: DR, OOF, AutoReply', 'List-Unsubscribe: <mailto:x@y>', 'Delivered-To: jane@example.org']
  for (const line of people) expect([line, (await readLines(line, ...plain)).isAutoReply]).toEqual([line, false])
  expect(await readLines('Content-Type: multipart/report; report-type=disposition-notification; boundary=b', '', '--b--')).toMatchObject({ isAutoReply: true, isBounce: false, bounce: null })
})

test('[RX72] lists are known by List-Id, List-Post and Precedence', async () => {
  for (const line of ['List-Id: <l.x.org>', 'List-Post: <mailto:l@x.org>', 'Precedence: list', 'Mailing-List: contact x']) expect([line, (await readLines(line, ...plain)).isList]).toEqual([line, true])
  for (const line of ['List-Unsubscribe: <mailto:x@y>', 'List-Post: NO', 'Precedence: bulk']) expect([line, (await readLines(line, ...plain)).isList]).toEqual([line, false])
})

test('[RX73] bounces are known by their report, by a machine\'s name, or by a null return path with such a subject', async () => {
  const bounces = [['From: MAILER-DAEMON@x.org'], ['X-Failed-Recipients: a@b.org'], ['Return-Path: <>', 'From: postmaster@x.org'], ['Return-Path: <>', 'From: Robot <r@x.org>', 'Subject: Undeliverable: Hello'], ['From: postmaster@x.org', 'Subject: Delivery failure']]
  for (const lines of bounces) expect([lines, (await readLines(...lines, ...plain)).isBounce]).toEqual([lines, true])
  const others = [['From: postmaster@x.org', 'Subject: Welcome'], ['Return-Path: <>', 'From: jane@x.org', 'Subject: Away until Monday'], ['From: jane@x.org', 'Subject: Delivery failure at gate 4']]
  for (const lines of others) expect([lines, await readLines(...lines, ...plain)]).toMatchObject([lines, { isBounce: false, bounce: null }])
})

test('[RX74] a delivery report tells whom the mail did not reach, why, and which mail it was', async () => {
  const { bounce } = await readLines(...report('delivery-status', ['It failed.'], [
    'Reporting-MTA: dns; mx.example.net', 'Arrival-Date: Fri, 20 Nov 2026 10:00:00 +0100', '',
    'Original-Recipient: rfc822;jane+list@Example.ORG', 'Final-Recipient: rfc822; inner@example.org', 'Action: Failed (bad)', 'Status: 5.1.1 (no such user)', 'Remote-MTA: dns; mail.example.org', 'Diagnostic-Code: smtp; 550 5.1.1', '  <jane@example.org>: unknown', '',
    'Final-Recipient: utf-8; m\\x{fc}ller@example.org', 'Action: delayed', 'Status: 4.4.1', '',
    'Final-Recipient: rfc822;gone@example.org', 'Diagnostic-Code: smtp; 452 4.2.2 full',
  ], ['Message-ID: <sent-1@example.com>', 'Subject: Offer']))
  expect(bounce).toEqual({
    kind: 'failed', messageId: 'sent-1@example.com', arrivedAt: '2026-11-20T09:00:00.000Z', reporter: 'mx.example.net',
    recipients: [
      { address: 'jane+list@example.org', action: 'failed', status: '5.1.1', diagnostic: '550 5.1.1 <jane@example.org>: unknown', remote: 'mail.example.org' },
      { address: 'müller@example.org', action: 'delayed', status: '4.4.1', diagnostic: '', remote: '' },
      { address: 'gone@example.org', action: 'delayed', status: '4.2.2', diagnostic: '452 4.2.2 full', remote: '' },
    ],
  })
})

test('[RX74] a report is as its worst recipient: delayed, relayed and delivered are told from failed', async () => {
  const kindOf = async (...actions: readonly string[]) =>
    (await readLines(...report('delivery-status', ['x'], ['Reporting-MTA: dns; m', ...actions.flatMap((action) => ['', 'Final-Recipient: rfc822;a@b.org', `Action: ${action}`])], []))).bounce?.kind
  expect(await kindOf('delayed')).toBe('delayed')
  expect(await kindOf('relayed', 'delivered')).toBe('relayed')
  expect(await kindOf('delivered', 'failed', 'delayed')).toBe('failed')
  expect(await kindOf('expanded', 'delivered')).toBe('expanded')
})

test('[RX75] bounces that are only text are read where they are plain: qmail, Exim, Exchange, Sendmail', async () => {
  const textBounce = async (head: readonly string[], ...lines: readonly string[]) => (await readLines('From: MAILER-DAEMON@x.org', ...head, 'Content-Type: text/plain', '', ...lines)).bounce
  expect(await textBounce([], 'Hi. This is the qmail-send program at x.org.', '', '<jane@example.org>:', '192.0.2.1 failed after I sent the message.', 'Remote host said: 550 5.7.1 no thanks', '', '--- Below this line is a copy of the message.', '', 'Message-ID: <q1@x.org>', 'To: other@example.org', '<not@example.org>:')).toEqual({
    kind: 'failed', messageId: 'q1@x.org', arrivedAt: null, reporter: 'MAILER-DAEMON@x.org',
    recipients: [{ address: 'jane@example.org', action: 'failed', status: '5.7.1', diagnostic: '192.0.2.1 failed after I sent the message. Remote host said: 550 5.7.1 no thanks', remote: '' }],
  })
  expect(await textBounce(['X-Failed-Recipients: a@b.org, c@d.org'], 'A message that you sent could not be delivered', '', '  a@b.org', '    Unrouteable address', '  c@d.org', '    mailbox is full')).toMatchObject({ recipients: [{ address: 'a@b.org', diagnostic: 'Unrouteable address' }, { address: 'c@d.org', diagnostic: 'mailbox is full' }] })
  expect(await textBounce([], 'Your message did not reach some or all of the intended recipients.', '', "      'jane@example.org' on 11/20/2026 10:00 AM", '            The e-mail account does not exist. <x #5.1.1>')).toMatchObject({ recipients: [{ address: 'jane@example.org', status: '5.1.1' }] })
  expect(await textBounce([], '   ----- The following addresses had permanent fatal errors -----', '<jane@example.org>', '    (reason: 550 5.1.1 User unknown)')).toMatchObject({ recipients: [{ address: 'jane@example.org', status: '5.1.1' }] })
  expect(await textBounce([], 'Invalid final delivery userid: jane@example.org', '', 'Original message follows.', '<other@example.org>:')).toMatchObject({ recipients: [{ address: 'jane@example.org' }] })
  expect(await textBounce([], 'A message has not been delivered yet. We will keep trying.', '', '<jane@example.org>:', 'host timed out')).toMatchObject({ kind: 'delayed', recipients: [{ action: 'delayed' }] })
  expect(await textBounce([], 'Something went wrong.')).toMatchObject({ kind: 'failed', recipients: [], messageId: '' })
})

test('[RX76] a complaint is marked as one, is no bounce, and says who complained about which mail', async () => {
  const mail = await readLines(...report('feedback-report', ['abuse'], ['Feedback-Type: abuse', 'User-Agent: SomeGenerator/1.0', 'Original-Rcpt-To: <Jane@Example.org>', 'Arrival-Date: 20 Nov 2026 10:00:00 +0000'], ['Message-ID: <news-7@example.com>']))
  expect(mail).toMatchObject({
    isBounce: false, isAutoReply: true,
    bounce: { kind: 'complaint', messageId: 'news-7@example.com', arrivedAt: '2026-11-20T10:00:00.000Z', reporter: 'SomeGenerator/1.0', recipients: [{ address: 'Jane@example.org', action: 'abuse' }] },
  })
})

test('[RX76] a complaint or a report in a mail that does not call itself one is known by its part', async () => {
  const within = (type: string, line: string) => ['From: staff@x.org', 'Content-Type: multipart/mixed; boundary=b', '', '--b', 'Content-Type: text/plain', '', 'x', '--b', `Content-Type: ${type}`, '', line, '--b--']
  expect(await readLines(...within('message/feedback-report', 'Feedback-Type: fraud'))).toMatchObject({ isBounce: false, bounce: { kind: 'complaint' } })
  expect(await readLines(...within('message/delivery-status', 'Final-Recipient: rfc822; a@b.org'))).toMatchObject({ isBounce: true, bounce: { kind: 'failed', recipients: [{ address: 'a@b.org' }] } })
})

test('[RX77] whatever a report holds, it is read within its bounds, and twice alike', async () => {
  const line = fc.oneof(fc.constantFrom('', 'Final-Recipient: rfc822;', 'Action: failed', 'Status: 5', ': x', 'Original-Recipient: rfc822; <<a@b>', 'Diagnostic-Code: \\x{110000}\\x{d800}', '<a@b.org>:', '\u0000'), fc.string())
  await fc.assert(fc.asyncProperty(fc.array(line, { maxLength: 30 }), async (lines) => {
    const bytes = bytesOf(...report('delivery-status', lines, lines, lines))
    const { bounce } = await read(bytes)
    expect(bounce).toEqual((await read(bytes)).bounce)
    expect(bounce?.kind).toMatch(/^(failed|delayed|delivered|relayed|expanded)$/)
  }), { numRuns: 60 })
  const many = Array.from({ length: 5000 }, (_, index) => ['', `Final-Recipient: rfc822; p${index}@x.org`, 'Action: failed']).flat()
  expect((await readLines(...report('delivery-status', ['x'], many, [])))?.bounce?.recipients.length).toBe(1000)
  for (const text of ['<a@b.org>:\n'.repeat(100_000), ' '.repeat(1_000_000), '-'.repeat(1_000_000), 'a'.repeat(1_000_000), 'recipient '.repeat(100_000)]) {
    expect((await readLines('From: MAILER-DAEMON@x.org', 'Content-Type: text/plain', '', text)).bounce?.recipients.length).toBeLessThanOrEqual(1)
  }
})

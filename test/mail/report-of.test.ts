/** Which mails tell of one that we sent, and what they say of it. */
import { expect, test } from 'vitest'
import { reportOf } from '#runtime/mail/mime/report-of.ts'
import { ownMessageId, runOfMessageId } from '#runtime/mail/message-id.ts'
import type { MailBounce } from '#shared/mail.ts'
import { readLines } from './mime-letters.ts'

const run = '0123456789abcdef01234567'
const own = ownMessageId(run, 'send', 'example.org')
const bare = own.replace(/[<>]/g, '')
const failed = { address: 'Ann@example.net', action: 'failed', status: '5.2.2', diagnostic: '552 5.2.2 mailbox full', remote: 'mx.example.net' }
const bounce = (changed: Partial<MailBounce> = {}): MailBounce => ({ kind: 'failed', recipients: [failed], messageId: bare, arrivedAt: null, reporter: 'mx', ...changed })
const mail = (changed: { bounce?: MailBounce | null; inReplyTo?: string; references?: readonly string[] }) => ({ bounce: bounce(), inReplyTo: '', references: [], ...changed })

test('[SX160] a Message-ID of our own names its run; no other does', () => {
  expect([runOfMessageId(own), runOfMessageId(bare)]).toEqual([run, run])
  for (const id of ['', '<a@b>', `<${run}@example.org>`, `<x${bare}>`, `<${bare} >`, `<${bare.toUpperCase()}>`, `<${bare}${'x'.repeat(1000)}>`, ownMessageId('try', 'send', 'example.org').replace('.flow@', '@')]) expect([id, runOfMessageId(id)]).toEqual([id, null])
})

test('[SX160] the mail it is about is named by what was returned, else by the thread; a mail that is no bounce tells nothing', () => {
  const ids = { run, messageId: own }
  expect(reportOf(mail({}))).toEqual({ ...ids, kind: 'bounced', told: [{ address: 'Ann@example.net', what: 'bounced', say: '552 5.2.2 mailbox full' }] })
  expect(reportOf(mail({ bounce: bounce({ messageId: '' }), inReplyTo: bare }))).toMatchObject(ids)
  expect(reportOf(mail({ bounce: bounce({ messageId: 'rewritten@provider.example' }), references: ['a@b', bare] }))).toMatchObject(ids)
  expect(reportOf(mail({ bounce: bounce({ messageId: 'somebody@else.example' }) }))).toBeNull()
  expect(reportOf(mail({ bounce: null, inReplyTo: bare, references: [bare] }))).toBeNull()
})

test('[SX162] each recipient has what became of it: delayed and delivered are told from failed, a complaint from all', () => {
  const of = (action: string, kind: MailBounce['kind'] = 'failed') => reportOf(mail({ bounce: bounce({ kind, recipients: [{ ...failed, action }] }) }))?.told[0]?.what
  expect(['failed', 'delayed', 'delivered', 'relayed', 'expanded', 'odd'].map((action) => of(action))).toEqual(['bounced', 'delayed', 'delivered', 'delivered', 'delivered', 'bounced'])
  expect(of('abuse', 'complaint')).toBe('complained')
  expect(of('constructor')).toBe('bounced')
  expect(reportOf(mail({ bounce: bounce({ kind: 'delayed', recipients: [] }) }))).toMatchObject({ kind: 'delayed', told: [] })
})

test('[SX163] the words of a hostile report are one bounded line; the status stands in front where the words leave it out', () => {
  const say = (changed: Partial<typeof failed>) => reportOf(mail({ bounce: bounce({ recipients: [{ ...failed, ...changed }] }) }))?.told[0]?.say ?? ''
  expect(say({ diagnostic: 'no\r\nsuch\u001b[2Juser' })).toBe('5.2.2 no such [2Juser')
  expect(say({ diagnostic: 'x'.repeat(100_000) }).length).toBeLessThanOrEqual(500)
  expect(say({ diagnostic: '' })).toBe('5.2.2 said by mx.example.net')
})

test('[SX160] a real report is read to the same: the returned part names the mail', async () => {
  const mailOf = await readLines(
    'From: Mail Delivery System <MAILER-DAEMON@mx.example.net>', 'Content-Type: multipart/report; report-type=delivery-status; boundary=b', '', '--b', 'Content-Type: text/plain', '', 'It failed.',
    '--b', 'Content-Type: message/delivery-status', '', 'Reporting-MTA: dns; mx.example.net', '', 'Final-Recipient: rfc822; ann@example.net', 'Action: failed', 'Status: 5.1.1', 'Diagnostic-Code: smtp; 550 5.1.1 unknown',
    '--b', 'Content-Type: text/rfc822-headers', '', `Message-ID: ${own}`, 'Subject: Offer', '--b--', '')
  expect(reportOf(mailOf)).toEqual({ run, messageId: own, kind: 'bounced', told: [{ address: 'ann@example.net', what: 'bounced', say: '550 5.1.1 unknown' }] })
})

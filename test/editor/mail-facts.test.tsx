/** What is said about a mail beside its text: sender checks, kind, bounce, invitation. */
import { MantineProvider } from '@mantine/core'
import { renderToStaticMarkup } from 'react-dom/server'
import { expect, test } from 'vitest'
import { MailView } from '#editor/ui/mail-view.tsx'
import { picturesIn } from '#editor/ui/use-pictures.ts'
import type { Mail, MailInvite } from '#shared/mail.ts'
import { mail } from '../mapping/sample.ts'

const show = (more: Partial<Mail>): string =>
  renderToStaticMarkup(<MantineProvider env="test"><MailView mail={{ ...mail, ...more }} /></MantineProvider>).replace(/<style[\s\S]*?<\/style>/g, '').replace(/<[^>]+>/g, ' ').replace(/&#x27;/g, '\'').replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/\s+/g, ' ')
const plain = { auth: { spf: 'none', dkim: 'none', dmarc: 'none', by: '' }, isAutoReply: false, isBounce: false, isList: false, ambiguousSender: false, bounce: null, invite: null }
const invite: MailInvite = {
  method: 'REQUEST', uid: '1', sequence: 0, summary: 'Planning', description: '', location: 'Room 5', start: '2026-11-20T09:00:00.000Z', end: '2026-11-20T10:00:00.000Z', allDay: false, timeZone: 'floating',
  organizer: { name: 'Anna Berg', address: 'anna@x.org', domain: 'x.org' }, attendees: [{ name: 'Bob', address: 'bob@x.org', status: 'ACCEPTED', role: '' }, { name: '', address: 'cy@x.org', status: 'NEEDS-ACTION', role: '' }], status: '', recurrence: '',
}

test('[SX111] attachments can be downloaded where their bytes are given out; the pictures that the HTML shows are asked for, and no others', () => {
  const files: Mail = { ...mail, html: '<img src="cid:a@x">', attachments: [
    { name: 'a.png', type: 'image/png', size: 100, disposition: 'inline', cid: 'a@x', sha256: '', ref: 'mail:m/0' }, { name: 'b.pdf', type: 'application/pdf', size: 100, disposition: 'attachment', cid: 'b@x', sha256: '', ref: 'mail:m/1' },
    { name: 'huge.png', type: 'image/png', size: 50_000_000, disposition: 'inline', cid: 'huge@x', sha256: '', ref: 'mail:m/2' },
  ] }
  const links = (partsHref?: string) => [...renderToStaticMarkup(<MantineProvider env="test"><MailView mail={files} {...(partsHref === undefined ? {} : { partsHref })} /></MantineProvider>).matchAll(/href="([^"]+)" download="([^"]+)"/g)].map(([, href, name]) => `${href} ${name}`)
  expect(links('/api/runs/r/attachments')).toEqual(['/api/runs/r/attachments/0 a.png', '/api/runs/r/attachments/1 b.pdf', '/api/runs/r/attachments/2 huge.png'])
  expect(links()).toEqual([])
  expect(picturesIn(files)).toEqual([{ cid: 'a@x', at: 0 }])
  expect(picturesIn({ ...files, html: '<p>none</p>' })).toEqual([])
})

test('[RX87] sender checks and the kind of a mail are shown where there are any, and nothing where there are none', () => {
  const words = show({ ...plain, auth: { spf: 'pass', dkim: 'fail', dmarc: 'none', by: 'mx.example.org' }, isList: true, isAutoReply: true })
  for (const part of ['SPF pass', 'DKIM fail', 'DMARC none', 'by mx.example.org', 'Automatic mail', 'Mailing list']) expect(words).toContain(part)
  const none = show(plain)
  for (const part of ['SPF', 'Checks', 'Kind', 'Invitation', 'did not arrive']) expect(none).not.toContain(part)
})

test('[RX87] a bounce says whom the mail did not reach and why; a thousand recipients do not fill the screen', () => {
  const one = { address: 'jane@x.org', action: 'failed', status: '5.1.1', diagnostic: '550 5.1.1 No such user <b>', remote: '' }
  const words = show({ ...plain, isBounce: true, bounce: { kind: 'failed', recipients: [one, ...Array.from({ length: 999 }, (_, index) => ({ ...one, address: `p${index}@x.org` }))], messageId: 'sent-1@x.org', arrivedAt: null, reporter: 'mx.x.org' } })
  for (const part of ['A mail sent earlier did not arrive', 'jane@x.org', '550 5.1.1 No such user <b>', 'and 992 more', 'It was about sent-1@x.org, says mx.x.org']) expect(words).toContain(part)
  expect(show({ ...plain, bounce: { kind: 'complaint', recipients: [], messageId: '', arrivedAt: null, reporter: '' } })).toContain('Somebody complained about a mail sent earlier')
})

test('[RX87] an invitation says what, when and where; whole days end on their last day, a floating time is shown as written', () => {
  const words = show({ ...plain, invite })
  for (const part of ['Invitation: Planning', 'Fri, 20 Nov 2026, 09:00 to 10:00', 'Room 5', 'from Anna Berg , to 2 people']) expect(words).toContain(part)
  const days = { ...invite, allDay: true, timeZone: '', start: '2026-11-20T00:00:00.000Z', end: '2026-11-22T00:00:00.000Z' }
  expect(show({ ...plain, invite: days })).toContain('Fri, 20 Nov 2026 to Sat, 21 Nov 2026')
  expect(show({ ...plain, invite: { ...days, end: '2026-11-21T00:00:00.000Z', method: 'CANCEL' } })).toMatch(/Called off: Planning Fri, 20 Nov 2026 Room/)
  expect(show({ ...plain, invite: { ...invite, method: 'REPLY', start: null, end: null } })).toMatch(/Answer to an invitation: Planning Without a time that can be read .* Bob comes/)
})

/** The mail that is answered, as it stands in the answer. */
import { expect, test } from 'vitest'
import { splitReply } from '#shared/reply-text.ts'
import { quotedLetters } from '#shared/sending/limits.ts'
import { canStandInText, forwardMail, quoteMail } from '#shared/sending/quote.ts'
import { readLines } from '../../mail/mime-letters.ts'

const head = ['From: Anna Schmidt <anna@x.org>', 'To: Desk <desk@y.org>', 'Cc: bea@x.org', 'Date: Wed, 04 Mar 2026 06:06:07 +0100', 'Subject: Printer']
const textMail = await readLines(...head, '', 'It smokes.', '', '> Does it burn?', 'No.')
const htmlMail = await readLines(...head, 'Content-Type: text/html', '', '<p>It <b>smokes</b>.</blockquote></div><script>x()</script><img src="cid:p1@x"><img src="https://x.org/t.gif" alt="track">')
const answer = { text: 'Call us.', html: '' }

test('[SX67] the answer stands above what it answers, which is named by date and writer and marked line by line', () => {
  const { text, html } = quoteMail(answer, textMail, 'below')
  expect(text).toBe('Call us.\n\nOn Wed, 4 Mar 2026 at 06:06 +0100, Anna Schmidt wrote:\n> It smokes.\n>\n>> Does it burn?\n> No.')
  expect(html).toBe('')
  expect(splitReply(text)).toMatchObject({ replyText: 'Call us.' })
})

test('[SX67] or below it, or it is left out; an answer without words is the quote alone', () => {
  expect(quoteMail(answer, textMail, 'inline').text).toBe('On Wed, 4 Mar 2026 at 06:06 +0100, Anna Schmidt wrote:\n> It smokes.\n>\n>> Does it burn?\n> No.\n\nCall us.')
  expect(quoteMail(answer, textMail, 'none')).toEqual({ text: 'Call us.', html: '', pictures: [] })
  expect(quoteMail({ text: ' ', html: '' }, textMail, 'below').text).toMatch(/^On Wed/)
})

test('[SX67] dates are by the writer\'s clock on any machine; a mail without a readable date or name is quoted without', async () => {
  const said = async (...lines: readonly string[]) => quoteMail(answer, await readLines(...lines, '', 'x'), 'below').text.split('\n')[2]
  expect(await said('From: anna@x.org', 'Date: Wed, 31 Dec 2025 23:30:00 -0800 (PST)')).toBe('On Wed, 31 Dec 2025 at 23:30 -0800, anna@x.org wrote:')
  expect(await said('From: anna@x.org', 'Date: Thu, 1 Jan 2026 00:30:00 GMT')).toBe('On Thu, 1 Jan 2026 at 00:30 +0000, anna@x.org wrote:')
  expect(await said('From: anna@x.org', 'Date: Thu, 1 Jan 2026 00:30:00 +9959')).toMatch(/^(?:On .* \+0000, )?anna@x.org wrote:$/)
  expect(await said('From: anna@x.org', 'Date: soon')).toBe('anna@x.org wrote:')
  expect(await said('Date: Thu, 1 Jan 2026 00:30:00 +0000')).toBe('On Thu, 1 Jan 2026 at 00:30 +0000, somebody wrote:')
})

test('[SX67] in HTML the quote is a blockquote of sanitised HTML, within the page of the answer; its pictures are named', () => {
  const { text, html, pictures } = quoteMail({ text: '', html: '<html><body><p>Call us.</p></body></html>' }, htmlMail, 'below')
  // Words for it are made of the whole.
  expect(text).toBe('')
  expect(html).toMatch(/^<html><body><p>Call us\.<\/p>\n<br>\n<div>On Wed, 4 Mar 2026 at 06:06 \+0100, Anna Schmidt wrote:<\/div>\n<blockquote type="cite" style="[^"]*overflow:hidden">\n<p>It <b>smokes<\/b>\.<img src="cid:p1@x">track<\/p>\n<\/blockquote>\n<\/body><\/html>$/)
  expect(pictures).toEqual(['p1@x'])
  expect(quoteMail({ text: '', html: '<body class=x><p>Call us.</p>' }, htmlMail, 'inline').html).toMatch(/^<body class=x><div>On [\s\S]*<\/blockquote>\n<br>\n<p>Call us\.<\/p>$/)
  expect(quoteMail({ text: 'Call us.', html: '<p>Call us.</p>' }, textMail, 'below')).toMatchObject({ text: expect.stringContaining('> It smokes.'), html: expect.stringContaining('&gt; Does it burn?<br>') })
})

test('[SX67] a name that would be markup is none, and a mail too long to quote says that it goes on', () => {
  const evil = { ...textMail, from: { name: '</div><script>', address: 'e@x.org', domain: 'x.org' } }
  expect(quoteMail({ text: '', html: '<p>x</p>' }, evil, 'below').html).toContain('&lt;/div&gt;&lt;script&gt; wrote:')
  const long = { ...textMail, text: 'x'.repeat(quotedLetters + 5), html: `<p>${'y'.repeat(quotedLetters + 20_000)}` }
  const both = quoteMail({ text: 'a', html: '<p>a</p>' }, long, 'below')
  expect([both.text, both.html].map((words) => words.includes('its end was left out'))).toEqual([true, true])
  expect(both.html.length).toBeLessThan(quotedLetters + 20_000)
  expect(canStandInText(long)).toBe(false)
  expect(canStandInText({ ...textMail, truncated: ['body'] })).toBe(false)
  expect(canStandInText(textMail)).toBe(true)
})

test('[SX69] a mail sent on stands below its head; a note in words alone has HTML where the mail has some', () => {
  expect(forwardMail(answer, textMail)).toEqual({
    text: 'Call us.\n\n---------- Forwarded message ----------\nFrom: Anna Schmidt <anna@x.org>\nDate: Wed, 4 Mar 2026 at 06:06 +0100\nSubject: Printer\nTo: Desk <desk@y.org>\nCc: bea@x.org\n\nIt smokes.\n\n> Does it burn?\nNo.', html: '', pictures: [],
  })
  const { text, html } = forwardMail({ text: 'See <below>.', html: '' }, htmlMail)
  expect(text).toMatch(/^See <below>\.\n\n-{10} Forwarded message -{10}\nFrom: [\s\S]*\n\nIt smokes\.\n\ntrack$/)
  expect(html).toMatch(/^See &lt;below&gt;\.\n<br>\n<blockquote type="cite" [^>]*>\n<p>---------- Forwarded message ----------<br>\nFrom: Anna Schmidt &lt;anna@x\.org&gt;<br>[\s\S]*<\/p>\n<p>It <b>smokes<\/b>\.<img src="cid:p1@x">track<\/p>\n<\/blockquote>$/)
  expect(splitReply(text).replyText).toBe('See <below>.')
})

test('[SX69] a head names fifty people and counts the others', async () => {
  const many = await readLines('From: a@x.org', `To: ${Array.from({ length: 80 }, (_, at) => `p${at}@x.org`).join(', ')}`, '', 'x')
  expect(forwardMail(answer, many).text).toContain('p49@x.org and 30 more\n')
})

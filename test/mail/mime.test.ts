/** A mail becomes our Mail: headers, addresses, texts, attachments, verdicts. */
import { hash } from 'node:crypto'
import { expect, test } from 'vitest'
import { bytesOf, octetsOf, read, readLines } from './mime-letters.ts'

const plain = ['Content-Type: text/plain; charset=utf-8', '', 'Hello']

test('[RX40] the Date header becomes UTC whatever its zone is written like, and the mailbox facts stand beside it', async () => {
  const cases: readonly (readonly [string, string | null])[] = [
    ['Fri, 20 Nov 2026 13:27:44 +0200 (CEST)', '2026-11-20T11:27:44.000Z'], ['20 Nov 26 13:27 EST', '2026-11-20T18:27:00.000Z'],
    ['Thu, 1 Jan 70 00:00:00 GMT', '1970-01-01T00:00:00.000Z'], ['Thu Jan  1 09:08:07 2026', '2026-01-01T09:08:07.000Z'],
    ['2026-02-28T23:59:59Z', '2026-02-28T23:59:59.000Z'], ['December 1, 2014 at 2:59:42 PM PST', '2014-12-01T22:59:42.000Z'],
    ['29 Feb 2024 12:00 +0000', '2024-02-29T12:00:00.000Z'],
  ]
  for (const [raw, iso] of cases) expect([raw, (await readLines(`Date: ${raw}`, ...plain)).date]).toEqual([raw, iso])
  expect(await readLines(...plain)).toMatchObject({ folder: 'INBOX', uid: '7', flags: ['\\Seen'], receivedAt: '2026-01-02T03:04:05.000Z', size: bytesOf(...plain).length })
})

test('[RX44] a date that can not be read is null with its words kept, never today', async () => {
  for (const raw of ['tomorrow', 'Fri, 31 Feb 2026 10:00:00 +0000', 'Fri, 20 Foo 2026 10:00:00 +0000', 'Fri, 20 Nov 2026 25:00:00 +0000', '1 Jan 2026 10:00 +9999', '20 Nov 2026 10:00 XYZT']) {
    expect(await readLines(`Date: ${raw}`, ...plain)).toMatchObject({ date: null, dateRaw: raw })
  }
  expect(await readLines(...plain)).toMatchObject({ date: null, dateRaw: '' })
})

test('[RX41] every header stands in order on one line, repeated ones kept, folded ones joined, words decoded', async () => {
  const { headers } = await readLines('Received: one', 'X-Long: a', '\tb', '  c', 'Received: two', 'From someone@example.org', 'X-Word: =?utf-8?Q?gr=C3=BC=C3=9Fe=0D=0ABcc:_x?=', ...plain)
  expect(headers).toEqual([
    { name: 'Received', value: 'one' }, { name: 'X-Long', value: 'a b c' }, { name: 'Received', value: 'two' }, { name: 'X-Word', value: 'grüße Bcc: x' },
    { name: 'Content-Type', value: 'text/plain; charset=utf-8' },
  ])
})

test('[RX42] encoded words are decoded after addresses are cut, so an encoded comma or address is only a name', async () => {
  const mail = await readLines('From: =?utf-8?Q?a=40evil.test=2C?= <real@example.org>', 'To: "Berg, Anna" <anna@example.org>, =?utf-8?B?w4TDtg==?= =?utf-8?B?w7w=?= <ao@example.org>, bare@Example.ORG (Comment)', 'Cc: Team: a@x.org, b@x.org;, Doe, John <john@x.org>', ...plain)
  expect(mail.from).toEqual({ name: 'a@evil.test,', address: 'real@example.org', domain: 'example.org' })
  expect(mail.to).toEqual([
    { name: 'Berg, Anna', address: 'anna@example.org', domain: 'example.org' }, { name: 'Äöü', address: 'ao@example.org', domain: 'example.org' },
    { name: 'Comment', address: 'bare@example.org', domain: 'example.org' },
  ])
  expect(mail.cc.map(({ name, address }) => [name, address])).toEqual([['', 'a@x.org'], ['', 'b@x.org'], ['Doe, John', 'john@x.org']])
})

test('[RX42] confusing addresses name the domain that a mail server would use', async () => {
  const cases: readonly (readonly [string, string])[] = [
    ['"a@evil.test"@good.test', 'good.test'], ['"x" <"b@evil.test"@good.test>', 'good.test'], ['<@evil.test:a@good.test>', 'good.test'], ['evil@evil.test <a@good.test>', 'good.test'],
    ['=?utf-8?Q?a=40evil.test?= <a@good.test>', 'good.test'], ['(a@evil.test) a@good.test', 'good.test'], ['a@BÜCHER.test', 'xn--bcher-kva.test'], ['<a@good.test', 'good.test'],
  ]
  for (const [from, domain] of cases) expect([from, (await readLines(`From: ${from}`, ...plain)).from.domain]).toEqual([from, domain])
  expect((await readLines('From: MAILER-DAEMON', 'To: undisclosed-recipients:;', ...plain))).toMatchObject({ from: { address: 'MAILER-DAEMON', domain: '' }, to: [] })
})

test('[RX43] of two senders the first wins and the mail says that it is ambiguous', async () => {
  expect(await readLines('From: a@one.test', 'From: b@two.test', 'Subject: first', 'Subject: second', ...plain)).toMatchObject({ from: { address: 'a@one.test' }, subject: 'first', ambiguousSender: true })
  expect(await readLines('From: a@one.test, b@two.test', ...plain)).toMatchObject({ from: { address: 'a@one.test' }, fromAll: [{ address: 'a@one.test' }, { address: 'b@two.test' }], ambiguousSender: true })
  expect(await readLines('From: a@one.test', 'Sender: s@one.test', ...plain)).toMatchObject({ sender: { address: 's@one.test' }, ambiguousSender: false })
})

test('[RX45] text is made from HTML only where there is no text, and says so; HTML is never made from text', async () => {
  expect(await readLines('Content-Type: text/html; charset=utf-8', '', '<p>Hello <b>you</b></p>')).toMatchObject({ text: 'Hello you', html: '<p>Hello <b>you</b></p>', textDerived: true })
  expect(await readLines(...plain)).toMatchObject({ text: 'Hello', html: '', textDerived: false })
  const both = await readLines('Content-Type: multipart/alternative; boundary=b', '', '--b', 'Content-Type: text/plain', '', 'plain', '--b', 'Content-Type: text/html', '', '<i>rich</i>', '--b--')
  expect(both).toMatchObject({ text: 'plain', html: '<i>rich</i>', textDerived: false })
  const footer = await readLines('Content-Type: multipart/mixed; boundary=b', '', '--b', 'Content-Type: text/html', '', '<i>rich</i>', '--b', 'Content-Type: text/plain', '', 'list <footer>', '--b--')
  expect(footer).toMatchObject({ text: 'rich\nlist <footer>', html: '<i>rich</i><br>\nlist &lt;footer&gt;', textDerived: false })
})

test('[RX46] reports, nested mails, inline images, nameless and same-named parts are all listed, measured without the delimiter', async () => {
  const { attachments, text } = await readLines(
    'Content-Type: multipart/mixed; boundary=b', '', '--b', 'Content-Type: text/plain', '', 'body', '--b', 'Content-Type: message/rfc822', '', 'Subject: inner', '', 'inner body', '--b',
    'Content-Type: message/delivery-status', '', 'Action: failed', '--b', 'Content-Type: image/png; name=a.png', 'Content-ID: <pic@x>', 'Content-Disposition: inline', 'Content-Transfer-Encoding: base64', '', 'iVBORw==', '--b',
    'Content-Type: application/pdf; name=a.png', '', '%PDF', '--b', 'Content-Type: application/pdf', '', '', '--b--', '')
  expect(text).toBe('body')
  expect(attachments.map(({ name, type, size, disposition, cid, ref }) => [name, type, size, disposition, cid, ref])).toEqual([
    ['attachment-1.eml', 'message/rfc822', 'Subject: inner\r\n\r\ninner body'.length, 'attachment', '', 'mail:m1/0'], ['attachment-2.txt', 'message/delivery-status', 14, 'attachment', '', 'mail:m1/1'],
    ['a.png', 'image/png', 4, 'inline', 'pic@x', 'mail:m1/2'], ['a (2).png', 'application/pdf', 4, 'attachment', '', 'mail:m1/3'], ['attachment-5.pdf', 'application/pdf', 0, 'attachment', '', 'mail:m1/4'],
  ])
  expect(attachments[4 - 1]?.sha256).toBe(hash('sha256', '%PDF'))
})

test('[RX46] blanks behind a delimiter hide no part, wherever the bytes are cut, and other lines keep theirs', async () => {
  const { makePaddingStripper } = await import('#runtime/mail/mime/delimiter-padding.ts')
  const padded = Buffer.from('pre\r\n--a  \r\nContent-Type: multipart/x; boundary="b c"\r\n\r\n--b c\t\r\n-- \r\n--x  \r\n--b c--  \r\n--a--  ')
  for (let size = 1; size <= padded.length; size += 1) {
    const stripper = makePaddingStripper('multipart/mixed; boundary=a')
    for (let at = 0; at < padded.length; at += size) stripper.write(padded.subarray(at, at + size))
    stripper.end()
    expect(Buffer.concat(await stripper.toArray()).toString()).toBe('pre\r\n--a\r\nContent-Type: multipart/x; boundary="b c"\r\n\r\n--b c\r\n-- \r\n--x  \r\n--b c--\r\n--a--')
  }
  const mail = await readLines('Content-Type: multipart/mixed; boundary="1"', '', '--1', 'Content-Type: text/plain', '', 'A', '--1 \t', 'Content-Type: image/jpeg', '', 'C', '--1--  ')
  expect([mail.text, mail.attachments.map(({ size }) => size)]).toEqual(['A', [1]])
})

test('[RX47] names of attachments are safe for any file system and unique in their mail', async () => {
  const names = ['../../etc/passwd', 'C:\\x\\CON.txt', 'con', 'a\u202egpj.exe', '.hidden', 'x'.repeat(300) + '.pdf', 'tab\tname.txt', '   ', 'a:b|c?.txt', 'Größe.pdf', 'Größe.pdf']
  const parts = names.flatMap((name) => ['--b', 'Content-Type: application/pdf', `Content-Disposition: attachment; filename*=UTF-8''${encodeURIComponent(name)}`, '', 'x'])
  const { attachments } = await readLines('Content-Type: multipart/mixed; boundary=b', '', ...parts, '--b--')
  expect(attachments.map(({ name }) => name)).toEqual([
    '_.._etc_passwd', 'C__x_CON.txt', '_con', 'agpj.exe', 'hidden', `${'x'.repeat(196)}.pdf`, 'tabname.txt', 'attachment-8.pdf', 'a_b_c_.txt', 'Größe.pdf', 'Größe (2).pdf',
  ])
})

test('[RX86] endless types of attachments and long address lists are read whole and break nothing', async () => {
  const types = [`application/${'x'.repeat(300)}`, `application/pdf; ${'a=b; '.repeat(400)}name=long.pdf`, `application/pdf; x="${'y'.repeat(5000)}"; name=long.pdf`, 'x'.repeat(2000), 'a/'.repeat(500)]
  const mail = await readLines('Content-Type: multipart/mixed; boundary=b', '', ...types.flatMap((type) => ['--b', `Content-Type: ${type}`, 'Content-Disposition: attachment', '', '%PDF']), '--b--')
  expect(mail.truncated).toEqual([])
  expect(mail.attachments.map(({ size }) => size)).toEqual(types.map(() => 4))
  expect(mail.attachments[1]).toMatchObject({ name: 'long.pdf', type: 'application/pdf' })
  const people = Array.from({ length: 3000 }, (_, index) => `Person ${index} <p${index}@example.org>`)
  const { to, truncated } = await readLines(`To: ${people.join(',\r\n ')}`, ...plain)
  expect([to.length, to.at(-1)?.address, truncated]).toEqual([3000, 'p2999@example.org', []])
})

test('[RX50] no charset, known, wrong or unknown, loses a mail', async () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['iso-8859-1', 'Gr\xfc\xdfe', 'Grüße'], ['windows-1252', '\x80 5', '€ 5'], ['utf-8', Buffer.from('żółty').toString('latin1'), 'żółty'], ['koi8-r', '\xf0\xf2\xe9', 'ПРИ'],
    ['shift_jis', '\x93\xfa\x96\x7b', '日本'], ['iso-2022-jp', '\x1b$BF|K\\\x1b(B', '日本'], ['gb18030', '\xd6\xd0', '中'], ['euc-kr', '\xc7\xd1', '한'],
  ]
  for (const [charset, body, text] of cases) expect([charset, (await read(octetsOf(`Content-Type: text/plain; charset=${charset}`, '', body))).text]).toEqual([charset, text])
  expect((await read(octetsOf('Content-Type: text/plain; charset=no-such-thing', '', 'plain'))).text).toBe('plain')
  expect((await read(octetsOf('Subject: =?no-such?Q?caf=E9?= and =?utf-7?Q?+ADw-?=', 'X-Raw: caf\xe9', '', 'b'))).headers.map(({ value }) => value)).toEqual(['café and +ADw-', 'café'])
})

test('[RX51] sender checks, automatic mail, bounces and lists are told', async () => {
  const auth = await readLines('Authentication-Results: mx.here; spf=pass (ok) smtp.mailfrom=a; dkim=fail; dkim=pass; dmarc=none', 'Authentication-Results: forged; spf=fail; dmarc=pass', ...plain)
  expect(auth.auth).toEqual({ spf: 'pass', dkim: 'pass', dmarc: 'none', by: 'mx.here' })
  expect((await readLines(...plain)).auth).toEqual({ spf: 'none', dkim: 'none', dmarc: 'none', by: '' })
  expect(await readLines('Auto-Submitted: auto-replied; owner=x', ...plain)).toMatchObject({ isAutoReply: true, isBounce: false })
  expect(await readLines('Auto-Submitted: no', ...plain)).toMatchObject({ isAutoReply: false })
  expect(await readLines('From: MAILER-DAEMON@x.org', ...plain)).toMatchObject({ isBounce: true })
  expect(await readLines('Content-Type: multipart/report; report-type=delivery-status; boundary=b', '', '--b--')).toMatchObject({ isBounce: true })
  expect(await readLines('Content-Type: multipart/report; report-type=disposition-notification; boundary=b', '', '--b--')).toMatchObject({ isBounce: false })
  expect(await readLines('List-Id: <l.x.org>', ...plain)).toMatchObject({ isList: true })
  expect(await readLines('List-Unsubscribe: <mailto:x@y>', ...plain)).toMatchObject({ isList: false })
})

test('[RX41] Message-IDs lose their brackets, in references one by one', async () => {
  expect(await readLines('Message-ID: <a@x>', 'In-Reply-To: <b@x> (of yesterday)', 'References: <c@x>', ' <b@x>', ...plain)).toMatchObject({ messageId: 'a@x', inReplyTo: 'b@x', references: ['c@x', 'b@x'] })
})

const around = (leaf: readonly string[]) => [['Content-Type: multipart/alternative; boundary="b"', '', '--b', ...leaf, '--b', 'Content-Type: text/html', '', '<p>x</p>', '--b--', '']]

test('[RX53] simple mails are read the short way only where both ways agree', async () => {
  const { readBody } = await import('#runtime/mail/mime/body.ts')
  const { readSimpleBody } = await import('#runtime/mail/mime/simple-body.ts')
  const { readHeaderFields } = await import('#runtime/mail/mime/header-fields.ts')
  const { makeByteSink } = await import('#runtime/mail/byte-sink.ts')
  const { mime } = await import('#runtime/limits.ts')
  const bodies = ['', 'x', 'x\r\n', '\r\n\r\nx\r\n\r\n', 'a=20b=\r\nc=3D=E4', 'soft =\r\nbreak', 'bad =ZZ', 'blank \r\nend', 'aGVsbG8=', 'aGVs\r\nbG8=\r\n', 'aGVs bG8', '--b', '--b--', 'line\n.\nline', '\u00fc', '=C3=BC']
  const types = ['', 'text/plain', 'text/html; charset=utf-8', 'text/plain; charset=iso-8859-1', 'text/plain; format=flowed', 'text/plain; charset=koi8-r']
  const encodings = ['7bit', 'quoted-printable', 'base64', '8bit', 'x-odd']
  const leaves = types.flatMap((type) => encodings.flatMap((encoding) => bodies.map((body) => [...(type === '' ? [] : [`Content-Type: ${type}`]), `Content-Transfer-Encoding: ${encoding}`, '', body])))
  let short = 0
  for (const lines of [...leaves, ...leaves.flatMap(around)]) {
    const bytes = bytesOf(...lines)
    const { fields, bodyAt } = readHeaderFields(bytes, mime.headerBytes)
    const simple = readSimpleBody(fields, bytes.subarray(bodyAt), mime.headerBytes)
    if (!simple) continue
    short += 1
    const long = await readBody(fields, { bytes: bytes.subarray(bodyAt) }, mime, makeByteSink(null, 0))
    expect([lines, simple, 0]).toEqual([lines, long.texts, long.attached.length])
  }
  expect(short).toBeGreaterThan(200)
})

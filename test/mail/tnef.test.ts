/** winmail.dat is opened; what can't be opened stays as it is. */
import { hash } from 'node:crypto'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { tmpdir } from 'node:os'
import { readRtf } from '#runtime/mail/mime/rtf.ts'
import { readMail } from '#runtime/mail/mime/read-mail.ts'
import { readTnef } from '#runtime/mail/mime/tnef.ts'
import { facts, read } from './mime-letters.ts'
import { attribute, fileIn, named, narrow, propertiesOf, tnefOf, u32, wide } from './tnef-letters.ts'

const mailWith = (tnef: Buffer, text = 'See the files.'): Buffer => Buffer.from([
  'From: a@x.org', 'Content-Type: multipart/mixed; boundary=b', '', '--b', 'Content-Type: text/plain', '', text, '--b', 'Content-Type: application/ms-tnef; name=winmail.dat', 'Content-Transfer-Encoding: base64', 'Content-Disposition: attachment; filename=winmail.dat', '',
  tnef.toString('base64').replace(/(.{76})/g, '$1\r\n'), '--b', 'Content-Type: application/pdf; name=after.pdf', '', '%PDF', '--b--', ''].join('\r\n'))
const pdf = Buffer.from('%PDF-1.7 \u00ff\u0000 words', 'latin1')
const picture = Buffer.from('89504e470d0a1a0a', 'hex')
const sample = tnefOf(
  attribute(1, 0x9003, propertiesOf([0x1e, 0x1000, narrow('The text inside')], [0x102, 0x1013, Buffer.from('<p>Gr\xfc\xdfe</p>', 'latin1')], [3, 0x3fde, u32(28591)])),
  fileIn('OFFER-~1.PDF', pdf, [0x1f, 0x3707, wide('Angebot für Käthe.pdf')], [0x1e, 0x370e, narrow('Application/PDF')]),
  fileIn('logo.png', picture, [0x1f, 0x3712, wide('<logo@x>')]),
  fileIn('notes.txt', Buffer.from('n')),
)

test('[RX78] the files in winmail.dat stand in its place among the attachments, with their long names, and can be sent on', async () => {
  const raw = { kind: 'bytes', bytes: mailWith(sample) } as const
  const { mail, bytes, discard } = await readMail(raw, facts, { mailId: 'm1', scratch: tmpdir() })
  expect(mail.attachments.map(({ name, type, size, disposition, cid, ref }) => [name, type, size, disposition, cid, ref])).toEqual([
    ['Angebot für Käthe.pdf', 'application/pdf', pdf.length, 'attachment', '', 'mail:m1/0'], ['logo.png', 'image/png', 8, 'inline', 'logo@x', 'mail:m1/1'],
    ['notes.txt', 'text/plain', 1, 'attachment', '', 'mail:m1/2'], ['after.pdf', 'application/pdf', 4, 'attachment', '', 'mail:m1/3'],
  ])
  expect(mail.attachments[0]?.sha256).toBe(hash('sha256', pdf))
  expect(bytes.map((one) => (one?.kind === 'bytes' ? Buffer.from(one.bytes).toString('latin1') : one))).toEqual([pdf.toString('latin1'), picture.toString('latin1'), 'n', '%PDF'])
  expect(mail).toMatchObject({ text: 'See the files.', html: '', truncated: [] })
  discard()
})

test('[RX78] the text in winmail.dat is the mail\'s where it has none of its own', async () => {
  expect(await read(mailWith(sample, ''))).toMatchObject({ text: 'The text inside', html: '<p>Grüße</p>', textDerived: false })
  const only = Buffer.concat([Buffer.from('Content-Type: application/ms-tnef\r\nContent-Transfer-Encoding: base64\r\n\r\n'), Buffer.from(sample.toString('base64'))])
  expect(await read(only)).toMatchObject({ text: 'The text inside', attachments: [{ name: 'Angebot für Käthe.pdf' }, {}, {}] })
  expect(await read(mailWith(tnefOf(attribute(1, 0x800c, narrow('Old body'))), ''))).toMatchObject({ text: 'Old body', attachments: [{ name: 'after.pdf' }] })
})

test('[RX78] a file given as an object, a mail inside, named properties and lists of values are read', () => {
  const count = (properties: Buffer, more: Buffer) => Buffer.concat([u32(properties.readUInt32LE(0) + 1), more, properties.subarray(4)])
  const object = propertiesOf([0x0d, 0x3701, Buffer.concat([Buffer.alloc(16), tnefOf()])], [0x1f, 0x3001, wide('Inner mail')])
  const many = Buffer.concat([Buffer.from([0x1f, 0x10, 0x02, 0x30]), u32(2), u32(4), wide('a'), u32(4), wide('b')])
  expect(readTnef(tnefOf(attribute(2, 0x9002, Buffer.alloc(14)), attribute(2, 0x9005, count(count(object, named('Own')), many))))).toMatchObject({ files: [{ name: 'Inner mail.dat', type: 'application/ms-tnef' }] })
})

test('[RX79] compressed RTF is read as text, plain or made from HTML', () => {
  const stored = (rtf: string) => Buffer.concat([u32(rtf.length + 12), u32(rtf.length), u32(0x414c454d), u32(0), Buffer.from(rtf, 'latin1')])
  expect(readRtf(stored('{\\rtf1\\ansi\\ansicpg1252{\\fonttbl{\\f0 Arial;}}\\f0 Gr\\\'fc\\\'dfe, \\u8364?5 \\{x\\}\\par next\\line}'))).toBe('Grüße, €5 {x}\nnext')
  expect(readRtf(stored('{\\rtf1\\ansi\\fromhtml1{\\*\\htmltag64 <p>}\\htmlrtf {\\htmlrtf0 Hello{\\*\\htmltag72 </p>}\\htmlrtf\\par}\\htmlrtf0}'))).toBe('Hello')
  // The two examples of MS-OXRTFCP.
  const compressed = Buffer.from('2d0000002b0000004c5a4675f1c5c7a703000a00726370673132354232 0af320 68656c 09 00 2062 77 05 b0 6c 64 7d 0a 80 0f a0'.replaceAll(' ', ''), 'hex')
  expect(readRtf(compressed)).toBe('hello world')
  expect(readRtf(Buffer.from('1a0000001c0000004c5a4675e2d44b51410004205758595a0d6e7d010eb0', 'hex'))).toContain('WXYZWXYZWXYZWXYZWXYZ')
})

test('[RX80] a cut or lying winmail.dat stays an attachment and the mail says so; the mail is read all the same', async () => {
  const whole = readTnef(sample)
  expect(whole?.files.length).toBe(3)
  for (let length = 0; length < sample.length; length += 1) {
    const cut = readTnef(sample.subarray(0, length))
    if (cut) expect(cut.files.length).toBeLessThanOrEqual(3)
  }
  const mail = await read(mailWith(sample.subarray(0, sample.length - 3)))
  expect(mail).toMatchObject({ text: 'See the files.', truncated: ['winmail.dat'], attachments: [{ name: 'winmail.dat', type: 'application/ms-tnef', size: sample.length - 3 }, { name: 'after.pdf' }] })
  // No TNEF at all, only called so: nothing is missing.
  expect(await read(mailWith(Buffer.from('hello')))).toMatchObject({ truncated: [], attachments: [{ name: 'winmail.dat' }, {}] })
})

test('[RX80] hostile lengths end it, and nothing grows', () => {
  fc.assert(fc.property(fc.array(fc.tuple(fc.nat(sample.length - 1), fc.constantFrom(0, 1, 0x10, 0x7f, 0x80, 0xff)), { minLength: 1, maxLength: 12 }), (changes) => {
    const bytes = Buffer.from(sample)
    for (const [at, value] of changes) if (at > 3) bytes[at] = value
    const tnef = readTnef(bytes)
    const held = tnef?.files.reduce((total, file) => total + file.bytes.length, 0) ?? 0
    expect(held).toBeLessThanOrEqual(bytes.length)
  }), { numRuns: 2000 })
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (noise) => {
    readTnef(Buffer.concat([sample.subarray(0, 6), noise]))
    expect(readRtf(Buffer.from(noise)).length).toBeLessThanOrEqual(4 * 1024 * 1024)
  }))
  const lies = [attribute(2, 0x9005, u32(0xffffffff)), Buffer.concat([Buffer.from([2]), u32(0x9002), u32(0xffffffff)]), attribute(1, 0x9003, Buffer.concat([u32(1), Buffer.from([0x02, 0x11, 1, 0]), u32(20_000), ...Array.from({ length: 50 }, () => u32(0))]))]
  for (const lie of lies) expect(readTnef(tnefOf(attribute(2, 0x9002, Buffer.alloc(14)), lie))).toBeNull()
  expect(readTnef(Buffer.concat([sample, ...Array.from({ length: 1500 }, () => fileIn('a', Buffer.from('b')))]))).toBeNull()
  expect(readRtf(Buffer.concat([u32(99), u32(0x7fffffff), u32(0x75465a4c), u32(0), Buffer.alloc(100)]))).toBe('')
})

/** Other words in a mail that was composed here: what is not edited stays byte for byte, whatever the mail is built from. */
import { expect, test } from 'vitest'
import { editMail } from '#runtime/mail/compose/edit-mail.ts'

const head = ['Date: Fri, 20 Nov 2026 10:00:00 +0000', 'From: <a@example.org>', 'To: <b@example.org>', 'Subject: A long subject that is', ' folded', 'Message-ID: <old@example.org>', 'DKIM-Signature: v=1; a=rsa-sha256;', ' b=abc', 'X-Ticket: 7', 'MIME-Version: 1.0']
const mail = (...lines: readonly string[]): Buffer => Buffer.from(`${[...head, ...lines].join('\r\n')}\r\n`, 'latin1')
const edited = (bytes: Buffer, words: Parameters<typeof editMail>[1]): readonly string[] => editMail(bytes, words, '<new@example.org>').toString('latin1').split('\r\n')
const plain = ['Content-Type: text/plain; charset=utf-8', 'Content-Transfer-Encoding: 7bit', '', 'Hello']
const rich = ['Content-Type: text/html; charset=utf-8', 'Content-Transfer-Encoding: quoted-printable', '', '<p>Hello=\r\n</p>']
const file = ['Content-Type: text/plain; charset=utf-8', 'Content-Disposition: attachment; filename="a.txt"', '', 'Hello']
const whole = [
  'Content-Type: multipart/mixed;', ' boundary="=_m"', '', '--=_m', 'Content-Type: multipart/related;', ' boundary="=_r"', '', '--=_r',
  'Content-Type: multipart/alternative;', ' boundary="=_a"', '', '--=_a', ...plain, '--=_a', ...rich, '--=_a--', '--=_r', 'Content-Type: image/png', '', 'picture', '--=_r--', '--=_m', ...file, '--=_m--',
]

test('[LG52] a new subject changes Subject and Message-ID, and takes a signature off that was made for the old ones', () => {
  expect(edited(mail(...plain), { subject: 'Short' })).toEqual([...head.slice(0, 3), 'Subject: Short', 'Message-ID: <new@example.org>', ...head.slice(8), ...plain, ''])
  expect(edited(mail(...plain), { subject: '' }).some((line) => line.startsWith('Subject'))).toBe(false)
})

test('[LG52] text and HTML are exchanged where they stand; pictures and attachments stay, and one without words of its kind is refused', () => {
  const lines = edited(mail(...whole), { text: 'Bye', html: '<p>Bye</p>' })
  const of = (words: string) => lines.filter((line) => line === words).length
  expect([of('Bye'), of('<p>Bye</p>'), of('Hello'), of('picture')]).toEqual([1, 1, 1, 1])
  expect(lines.slice(9)).toEqual(mail(...whole).toString('latin1').split('\r\n').slice(11)
    .join('\r\n').replace('7bit\r\n\r\nHello', '7bit\r\n\r\nBye').replace('quoted-printable\r\n\r\n<p>Hello=\r\n</p>', '7bit\r\n\r\n<p>Bye</p>').split('\r\n'))
  expect(() => edited(mail(...plain), { html: 'x' })).toThrow('no HTML part')
  expect(() => edited(mail(...rich), { text: 'x' })).toThrow('no text part')
})

test('[LG52] no words can close a part or begin another', () => {
  const lines = edited(mail(...whole), { text: 'x\r\n--=_a--\r\n--=_m\r\nContent-Type: text/html\r\n\r\n<script>' })
  expect(lines.filter((line) => line.startsWith('--'))).toEqual(mail(...whole).toString('latin1').split('\r\n').filter((line) => line.startsWith('--')))
})

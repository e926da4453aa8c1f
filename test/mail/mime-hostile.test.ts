/** Mails made to hurt: each is read to an end, within its bounds, and says what was cut off. */
import { hash, randomBytes } from 'node:crypto'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { mime } from '#runtime/limits.ts'
import { readMail } from '#runtime/mail/mime/read-mail.ts'
import { bytesOf, facts, read, readLines } from './mime-letters.ts'

const cleanups: (() => Promise<void>)[] = []
afterEach(async () => { for (const cleanup of cleanups.splice(0)) await cleanup() })
async function scratchFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'mailweave-mime-'))
  cleanups.push(() => rm(folder, { recursive: true, force: true }))
  return folder
}

const head = ['From: a@x.org', 'Subject: still here']
const nested = (depth: number): string[] => Array.from({ length: depth }, (_, index) => `Content-Type: multipart/mixed; boundary=b${index}\r\n\r\n--b${index}`)

test('[RX48] beyond a limit a mail keeps its headers and says what is missing', async () => {
  const cases: readonly (readonly [string, Buffer])[] = [
    ['headers', bytesOf(...head, ...Array.from({ length: 100_000 }, (_, index) => `X-H${index}: some value`), '', 'body')],
    ['headers', bytesOf(...head, `X-Long: ${'a'.repeat(mime.headerBytes)}`, '', 'body')],
    ['depth', bytesOf(...head, ...nested(300), 'Content-Type: text/plain', '', 'deep')],
    ['parts', bytesOf(...head, 'Content-Type: multipart/mixed; boundary=b', '', ...Array.from({ length: 20_000 }, () => '--b\r\nContent-Type: text/plain\r\n\r\nx'), '--b--')],
    ['addresses', bytesOf(...head, `To: ${Array.from({ length: 20_000 }, (_, index) => `a${index}@x.org`).join(', ')}`, '', 'body')],
    ['body', bytesOf(...head, 'Content-Type: text/plain', '', 'x'.repeat(mime.bodyChars + 10))],
  ]
  for (const [what, bytes] of cases) {
    const mail = await read(bytes)
    expect([what, mail.truncated, mail.subject, mail.from.address]).toEqual([what, [what], 'still here', 'a@x.org'])
  }
  const many = await readLines(...head, `To: ${'a@x.org,'.repeat(10_000)}`, 'Cc: b@x.org', '', 'b')
  expect([many.to.length, many.cc.length]).toEqual([mime.addresses - 1, 0])
})

test('[RX49] hostile mails are read to an end', async () => {
  const multi = ['Content-Type: multipart/mixed; boundary=b', '']
  const hostile: readonly Buffer[] = [
    bytesOf(...head, 'Content-Type: text/html', '', '<b>'.repeat(2_000_000)), bytesOf(...head, 'Content-Type: text/html', '', '<'.repeat(500_000)),
    bytesOf(...head, 'Content-Type: text/plain; format=flowed', '', 'a \r\n'.repeat(200_000)), bytesOf(...head, 'Content-Type: text/plain', 'Content-Transfer-Encoding: quoted-printable', '', '='.repeat(500_000)),
    bytesOf(...head, ...Array.from({ length: 2000 }, () => 'Content-Type: message/rfc822\r\n'), '', 'x'), bytesOf(...head, ...multi, ...Array.from({ length: 500 }, () => '--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\n--b')),
    bytesOf(`From: ${'('.repeat(200_000)}`, '', 'x'), bytesOf(`From: ${'<'.repeat(200_000)}`, '', 'x'), bytesOf(`From: ${'"'.repeat(200_001)}`, '', 'x'), bytesOf(`From: ${'<a'.repeat(100_000)}`, '', 'x'), bytesOf(`To: ${','.repeat(500_000)}`, '', 'x'),
    bytesOf(`Subject: ${'=?utf-8?q?'.repeat(50_000)}`, '', 'x'), bytesOf(`Subject: ${'=?a?b?c?= '.repeat(50_000)}`, '', 'x'), bytesOf(`References: ${'<'.repeat(300_000)}`, '', 'x'), bytesOf(`Date: ${'1 '.repeat(200_000)}`, '', 'x'),
    bytesOf(`Content-Type: multipart/mixed; boundary="${'b'.repeat(100_000)}"`, '', '--', 'x'), bytesOf('Content-Type: multipart/mixed', '', '--', 'x'), bytesOf('Content-Type: ;;;;', 'Content-Disposition: ====', '', 'x'),
    bytesOf(`Content-Type: application/x; ${Array.from({ length: 5000 }, (_, index) => `name*${index}*=%ff`).join('; ')}`, '', 'x'), bytesOf(`Authentication-Results: ${'spf '.repeat(100_000)}`, '', 'x'), bytesOf(`Authentication-Results: ${'('.repeat(200_000)}`, '', 'x'),
    Buffer.alloc(0), Buffer.from('\r\n'), Buffer.from('\n'), Buffer.from(':'), Buffer.alloc(300_000), Buffer.alloc(300_000, '\n'), Buffer.alloc(300_000, '\r'), Buffer.from('From'), randomBytes(100_000), Buffer.from('Subject: x'),
  ]
  for (const bytes of hostile) expect((await read(bytes)).size).toBe(bytes.length)
})

const withText = (encoding: string, body: string) => bytesOf(...head, 'Content-Type: multipart/mixed; boundary=b', '', '--b', 'Content-Type: text/plain; charset=utf-8', `Content-Transfer-Encoding: ${encoding}`, '', body, '--b', 'Content-Type: text/html', '', '<p>later</p>', '--b', 'Content-Type: image/png', '', 'picture', '--b--')

test('[RX48] texts beyond the limit end early, whichever way they come, and never reach the heap whole', async () => {
  const small = { ...mime, bodyBytes: 50_000 }
  for (const [encoding, body] of [['7bit', 'word '.repeat(40_000)], ['base64', Buffer.from('word '.repeat(40_000)).toString('base64').replace(/.{76}/g, '$&\r\n')], ['quoted-printable', 'word=20=\r\n'.repeat(20_000)]] as const) {
    const mail = await read(withText(encoding, body), { limits: small })
    expect([encoding, mail.truncated, mail.text.startsWith('word word'), mail.text.length <= small.bodyBytes, mail.attachments.map(({ size }) => size)]).toEqual([encoding, ['body'], true, true, [7]])
  }
  expect((await read(withText('7bit', 'word '.repeat(5000)), { limits: small })).truncated).toEqual([])
})

test('[RX49] an image shown a thousand times in the HTML is not copied into it', async () => {
  const mail = await readLines(...head, 'Content-Type: multipart/related; boundary=b', '', '--b', 'Content-Type: text/html', '', '<img src="cid:p@x">'.repeat(5000), '--b', 'Content-Type: image/png', 'Content-ID: <p@x>', '', 'x'.repeat(100_000), '--b--')
  expect(mail.html.length).toBe('<img src="cid:p@x">'.length * 5000)
})

const part = (bytes: Buffer) => ['--b', 'Content-Type: application/pdf', 'Content-Transfer-Encoding: base64', '', bytes.toString('base64').replace(/.{76}/g, '$&\r\n')]

test('[RX56] large attachments go to scratch files, digest and all, and are gone when the run is computed', async () => {
  const folder = await scratchFolder()
  const large = randomBytes(3_000_000)
  const small = Buffer.from('small')
  const bytes = bytesOf(...head, 'Content-Type: multipart/mixed; boundary=b', '', ...part(small), ...part(large), '--b--')
  const file = path.join(folder, 'raw.eml')
  await writeFile(file, bytes)
  for (const raw of [{ kind: 'bytes', bytes }, { kind: 'file', path: file, size: bytes.length, sha256: '' }] as const) {
    const result = await readMail(raw, facts, { mailId: 'm', scratch: folder })
    const digest = hash('sha256', large)
    expect(result.mail.attachments.map(({ size }) => size)).toEqual([5, large.length])
    expect(result.mail.attachments[1]?.sha256).toBe(digest)
    expect(result.bytes).toMatchObject([{ kind: 'bytes', bytes: small }, { kind: 'file', size: large.length, sha256: digest }])
    expect((await readdir(folder)).length).toBe(2)
    result.discard()
    expect(await readdir(folder)).toEqual(['raw.eml'])
  }
})

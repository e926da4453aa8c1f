/** Signatures: judged by an independent verifier as a server got them, the same each time, broken by any change. */
import { generateKeyPairSync, hash, type KeyObject } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { array, assert, constantFrom, nat, property, string } from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { composeMail } from '#runtime/mail/compose/compose-mail.ts'
import { decideOutgoing } from '#runtime/mail/compose/outgoing.ts'
import { makeBodyHash } from '#runtime/mail/dkim/canonical.ts'
import { dkimRecordOf, readDkimKey, type DkimSigner } from '#runtime/mail/dkim/key.ts'
import { signMail } from '#runtime/mail/dkim/sign-mail.ts'
import type { Raw } from '#runtime/raw.ts'
import { judgeDkimRecord } from '#shared/dkim.ts'
import type { JsonObject } from '#shared/json.ts'
import { scratch, sendConfig } from '../engine/compute-jobs.ts'
import { hasPython, verifyByPython } from '../python.ts'
import { senderTo, server } from './smtp-world.ts'

const folder = scratch()
afterAll(() => { folder.remove() })

const pemOf = (key: KeyObject): string => String(key.export({ type: 'pkcs8', format: 'pem' }))
const rsa = (bits: number): KeyObject => generateKeyPairSync('rsa', { modulusLength: bits }).privateKey
const ed25519 = generateKeyPairSync('ed25519').privateKey
const signer = (key: KeyObject, more: Partial<DkimSigner> = {}): DkimSigner => ({ domain: 'example.org', selector: 'mail2026', key, ...more })
const small = signer(rsa(1024))
const signers = [small, signer(rsa(2048), { selector: 'a.b' }), signer(ed25519, { domain: 'xn--bcher-kva.example' })]

const compose = (form: Parameters<typeof sendConfig>[0], mapped: JsonObject = {}): Raw =>
  composeMail(decideOutgoing({ to: 'to@example.org', ...mapped }, sendConfig(form), {}), [], { run: 'run-1', node: 'send', flow: 'tickets', at: '2026-03-04T05:06:07.000Z', spool: { folder: folder.folder, inlineLimit: 10_000_000 } }).raw
const rawOf = (text: string): Raw => ({ kind: 'bytes', bytes: Buffer.from(text) })
const bytesOf = (raw: Raw): Buffer => Buffer.from(raw.kind === 'bytes' ? raw.bytes : '')
const onDisk = (bytes: Buffer): Raw => {
  const file = path.join(folder.folder, `mail-${hash('sha256', bytes).slice(0, 16)}`)
  writeFileSync(file, bytes)
  return { kind: 'file', path: file, size: bytes.length, sha256: hash('sha256', bytes) }
}
const bodyHash = (...pieces: readonly (string | Buffer)[]): string => {
  const body = makeBodyHash()
  for (const piece of pieces) body.update(Buffer.from(piece))
  return body.digest()
}
const plainHash = (text: string): string => hash('sha256', text, 'base64')

const letters: readonly Raw[] = [
  compose({ subject: 'Grüße an alle '.repeat(20), text: 'täxt  with   blanks \n\n\n', html: '<p>x</p>', listUnsubscribe: 'https://example.org/leave', oneClick: true, sender: 'robot@example.org', importance: 'high', replyTo: 'a@example.org, "Last, First" <b@example.org>' }),
  compose({}, { headers: { 'X-Long': 'word '.repeat(200) }, references: Array.from({ length: 40 }, (_, n) => `<${n}@example.org>`) }),
  rawOf('From: a@example.org\r\nSubject:   much\t blank  \r\n\tand a fold\r\n\r\n'),
  rawOf('From: a@example.org\r\nSubject: no body at all\r\n'),
  rawOf('From: a@example.org\r\nX-Same: 1\r\nX-Same: 2\r\nTo: b@example.org\r\nTo: c@example.org\r\n\r\n \t \r\nline \t end\t\r\n\r\nlast without an end'),
  rawOf('From: a@example.org\nSubject: bare line ends\n\none\ntwo\rthree\r\n\n'),
  rawOf(`From: a@example.org\r\n\r\n${'x'.repeat(700_000)}\r\n${'\r\n'.repeat(400_000)}end\r\n\r\n`),
]

describe.skipIf(!hasPython())('signatures', () => {
  test('[SX90] an independent verifier finds each signature good, as the server got the mail: RSA and Ed25519, from memory and from disk', async () => {
    for (const one of signers) {
      const smtp = await server()
      const sender = senderTo(smtp.port, { dkim: one, maxConnections: 1 })
      for (const raw of letters) for (const way of [raw, onDisk(bytesOf(raw))]) expect((await sender.deliver({ from: 'a@example.org', to: ['b@example.org'] }, way)).recipients[0]?.state).toBe('sent')
      const record = dkimRecordOf(one)
      expect(await verifyByPython(smtp.accepted.map(({ bytes }) => ({ mail: bytes, ...record })))).toEqual(smtp.accepted.map(() => true))
      expect(smtp.accepted).toHaveLength(letters.length * 2)
      // Before the mail, and otherwise byte for byte what it was.
      const [first] = smtp.accepted
      const mail = bytesOf(letters[0] ?? rawOf(''))
      expect(first?.bytes.subarray(-mail.length).equals(mail)).toBe(true)
      expect(first?.bytes.subarray(0, -mail.length).toString()).toMatch(/^DKIM-Signature: v=1; (?:[ -~]|\r\n )+\r\n$/)
    }
  })

  test('[SX90] whatever is changed, added or taken away breaks it', async () => {
    const [raw = rawOf('')] = letters
    const signed = Buffer.concat([await signMail(raw, small), bytesOf(raw)]).toString('latin1')
    const record = dkimRecordOf(small)
    const changes: readonly (readonly [string, string])[] = [
      ['the text', signed.replace(/\r\n\r\n/, '\r\n\r\nX')], ['the subject', signed.replace('Subject: ', 'Subject: Re: ')], ['a second From', `From: ceo@example.org\r\n${signed}`], ['a second Subject', `Subject: Win\r\n${signed}`],
      ['a Cc', `Cc: e@evil.test\r\n${signed}`], ['a Reply-To', `Reply-To: e@evil.test\r\n${signed}`], ['the unsubscribe link', signed.replace('example.org/leave', 'evil.test/leave')], ['no To', signed.replace(/^To: .*\r\n/m, '')],
      ['another type', signed.replace('multipart/alternative', 'text/html')], ['another time', signed.replace(/ t=\d+;/, ' t=1;')], ['another key', signed.replace('s=mail2026', 's=other')],
    ]
    const verdicts = await verifyByPython([...changes.map(([, text]) => text), signed, signed.replace('Subject: ', 'Subject:   '), `Received: from a relay\r\n${signed}`].map((text) => ({ mail: Buffer.from(text, 'latin1'), ...record })))
    expect(changes.map(([what], at) => [what, verdicts[at] === true])).toEqual(changes.map(([what]) => [what, false]))
    // Blanks and what relays put in front do not.
    expect(verdicts.slice(changes.length)).toEqual([true, true, true])
  })
})

test('[SX91] the same mail and key give the same signature, with the mail\'s own time, from memory as from disk', async () => {
  for (const one of signers) for (const raw of letters) {
    const first = (await signMail(raw, one)).toString()
    expect((await signMail(raw, one)).toString()).toBe(first)
    expect((await signMail(onDisk(bytesOf(raw)), one)).toString()).toBe(first)
    expect(first.split('\r\n').every((line) => line.length <= 78)).toBe(true)
  }
  expect((await signMail(letters[0] ?? rawOf(''), small)).toString()).toContain(` t=${Date.parse('2026-03-04T05:06:07Z') / 1000};`)
  expect((await signMail(letters[2] ?? rawOf(''), small)).toString()).not.toContain(' t=')
})

test('[SX91] the body is the same however it comes in pieces; blanks at line ends, runs of blanks and empty lines at the end count for nothing', () => {
  expect(bodyHash('')).toBe(plainHash(''))
  expect([bodyHash('\r\n'), bodyHash('\r\n\r\n \t\r\n'), bodyHash(' ')]).toEqual([plainHash(''), plainHash(''), plainHash('')])
  expect(bodyHash(' C \r\nD \t E\r\n\r\n\r\n')).toBe(plainHash(' C\r\nD E\r\n')) // RFC 6376 section 3.4.5
  expect(bodyHash('a\nb\rc\r\n\n')).toBe(plainHash('a\r\nb\r\nc\r\n'))
  expect(bodyHash('no end')).toBe(plainHash('no end\r\n'))
  const letter = string({ unit: constantFrom('a', ' ', '\t', '\r', '\n', '\r\n', 'ü', '.'), maxLength: 60 })
  assert(property(letter, array(nat(70), { maxLength: 8 }), (text, cuts) => {
    const bytes = Buffer.from(text)
    const places = [0, ...cuts.filter((cut) => cut < bytes.length).toSorted((one, other) => one - other), bytes.length]
    const pieces = places.slice(1).map((end, at) => bytes.subarray(places[at], end))
    expect(bodyHash(...pieces)).toBe(bodyHash(bytes))
    expect(bodyHash(...Array.from(bytes, (byte) => Buffer.from([byte])))).toBe(bodyHash(bytes))
  }), { numRuns: 500, seed: 3 })
})

test('[SX92] what must be published follows from the key; what is published is judged against it', () => {
  const [first, , third] = signers
  const record = dkimRecordOf(first ?? small)
  expect(record.name).toBe('mail2026._domainkey.example.org')
  expect(record.value).toMatch(/^v=DKIM1; k=rsa; p=MIG[A-Za-z0-9+/]+=*$/)
  expect(dkimRecordOf(third ?? small).value).toMatch(/^v=DKIM1; k=ed25519; p=[A-Za-z0-9+/]{43}=$/)
  const key = record.value.slice(record.value.indexOf('p=') + 2)
  const judged = (...published: readonly string[]) => judgeDkimRecord(record, published)
  expect([judged(record.value), judged(`p=${key}`), judged('spf', `v=DKIM1;k=rsa; s=email; p=${key.slice(0, 40)} ${key.slice(40)};`)]).toEqual(['same', 'same', 'same'])
  expect([judged(), judged('v=spf1 -all'), judged('v=DKIM1; p='), judged(dkimRecordOf(signer(rsa(1024))).value), judged(`v=DKIM1; t=s:y; p=${key}`), judged(`v=DKIM2; p=${key}`), judged(`v=DKIM1; k=ed25519; p=${key}`)]).toEqual(['missing', 'missing', 'revoked', 'other', 'testing', 'missing', 'other'])
})

test('[SX92] only a key that receivers trust is taken, and no word of a refused one is told', () => {
  const pkcs1 = String(rsa(2048).export({ type: 'pkcs1', format: 'pem' }))
  const locked = String(ed25519.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' }))
  const curve = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  const refusal = (pem: string): string => {
    try {
      return readDkimKey(pem).type
    } catch (error) {
      for (const line of pem.split('\n').filter((one) => one.length > 20 && !one.startsWith('-----'))) expect(String(error)).not.toContain(line)
      return String(error)
    }
  }
  expect([refusal(pkcs1), refusal(pemOf(ed25519)), refusal(`\n  ${pemOf(ed25519)}\n`)]).toEqual(['private', 'private', 'private'])
  expect([refusal(locked), refusal(pemOf(curve)), refusal(pemOf(rsa(512))), refusal('hello'), refusal(''), refusal(pkcs1.slice(0, 200)), refusal('-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----')].map((say) => /mail: (.*)\.$/.exec(say)?.[1])).toEqual([
    'it is locked with a password; take that off first', 'it is neither an RSA nor an Ed25519 key', 'it has 512 bits; receivers trust keys of 1024 to 4096', ...Array.from({ length: 3 }, () => 'it should begin with "-----BEGIN PRIVATE KEY-----"'), 'this is the public half; the private one is needed',
  ])
})

import { generateKeyPairSync, hash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '#runtime/clock.ts'
import { silentLog } from '#runtime/log.ts'
import { checkConnection } from '#runtime/mail/check.ts'
import { imapAdapter } from '#runtime/mail/imap/adapter.ts'
import { dkimRecordOf } from '#runtime/mail/dkim/key.ts'
import { hasPython, verifyByPython } from '../python.ts'
import { accountAt, bytesOf, letter, policy, senderTo, to } from '../mail/smtp-world.ts'
import { dovecot, hasDovecot, type Dovecot } from '../servers/dovecot.ts'
import { hasPostfix, postfix, type Postfix } from '../servers/postfix.ts'
import { smtpServer, type ScriptedSmtp } from '../servers/smtp-server.ts'


describe.skipIf(!hasPostfix() || !hasDovecot())('a real Postfix', () => {
  let sink: ScriptedSmtp
  let logins: Dovecot
  let server: Postfix
  beforeAll(async () => {
    sink = await smtpServer({ extensions: ['PIPELINING', '8BITMIME', 'SMTPUTF8', 'SIZE 52428800'] })
    logins = await dovecot()
    server = await postfix({ relayTo: sink.port, sasl: logins.sasl })
  })
  afterAll(async () => {
    await server.stop()
    await logins.stop()
    await sink.stop()
  })
  const account = (changes = {}) => ({ host: 'localhost', security: 'starttls', certificate: server.ca, user: 'u0', password: logins.password, ...changes }) as const

  test('[SX17] 200 mails over STARTTLS with a login reach their server once and whole', async () => {
    const sender = senderTo(server.smtp, account())
    const bodies = Array.from({ length: 200 }, (_, n) => `X-Number: ${n}\r\n\r\n${`.line ${n} Grüße\r\n`.repeat(1 + (n % 50))}.\r\nlast ${n}\r\n`)
    const deliveries = await Promise.all(bodies.map((body, n) => sender.deliver(to(`b${n}@example.org`), bytesOf(`From: a@example.org\r\nSubject: mail ${n}\r\n${body}`))))
    expect(deliveries.every(({ recipients }) => recipients[0]?.state === 'sent' && recipients[0].answer.startsWith('250 2.0.0 Ok: queued as'))).toBe(true)
    await sink.untilDots(200)
    const arrived = sink.accepted.map((mail) => hash('sha256', mail.bytes.toString().slice(mail.bytes.toString().indexOf('X-Number:')).replace(/^(X-Number: \d+\r\n)(?:[A-Z].*\r\n(?:[ \t].*\r\n)*)*/, '$1')))
    expect(arrived.toSorted()).toEqual(bodies.map((body) => hash('sha256', body)).toSorted())
    expect(sink.accepted.flatMap((mail) => mail.to).toSorted()).toEqual(bodies.map((_, n) => `b${n}@example.org`).toSorted())
  })

  test('[SX17] TLS from the start, names beyond ASCII, a mail beyond its limit, a refused login', async () => {
    const sender = senderTo(server.smtps, account({ security: 'tls' }))
    expect((await sender.deliver(to('jörg@bücher.example', 'b@example.org'), letter('Grüße'))).recipients.map((one) => one.state)).toEqual(['sent', 'sent'])
    expect((await sender.deliver(to(), { kind: 'bytes', bytes: Buffer.alloc(53 * 1024 * 1024, 'line\r\n') })).recipients[0]?.state).toBe('refused')
    await expect(senderTo(server.smtp, account({ password: 'wrong' })).deliver(to(), letter())).rejects.toMatchObject({ code: 'MAIL_LOGIN_REFUSED' })
    expect((await senderTo(server.smtp, account({ user: '' })).deliver(to(), letter())).recipients[0]).toMatchObject({ state: 'refused', answer: expect.stringContaining('554 5.7.1') })
    await expect(senderTo(server.smtp, account({ security: 'none' })).deliver(to(), letter())).rejects.toMatchObject({ code: 'MAIL_LOGIN_DISABLED' })
  })

  test.skipIf(!hasPython())('[SX90] signatures arrive whole behind it, RSA and Ed25519, small mails and one of 12 MB from disk', async () => {
    const before = sink.accepted.length
    const folder = await mkdtemp(path.join(tmpdir(), 'mailweave-dkim-'))
    const big = Buffer.from(`From: a@example.org\r\nSubject: big\r\nDate: Wed, 04 Mar 2026 05:06:07 +0000\r\n\r\n${`${'line  of words\t'.repeat(5)}\r\n`.repeat(160_000)}\r\n\r\n`)
    try {
      await writeFile(path.join(folder, 'big'), big)
      const signers = [generateKeyPairSync('rsa', { modulusLength: 2048 }), generateKeyPairSync('ed25519')].map(({ privateKey: key }, at) => ({ domain: 'example.org', selector: `s${at}`, key }))
      for (const dkim of signers) {
        const sender = senderTo(server.smtp, account({ dkim }))
        for (const raw of [letter('Grüße\r\n.\r\n\r\n'), letter(''), { kind: 'file' as const, path: path.join(folder, 'big'), size: big.length, sha256: hash('sha256', big) }]) expect((await sender.deliver(to(), raw)).recipients[0]?.state).toBe('sent')
      }
      await sink.untilDots(before + 6)
      const questions = sink.accepted.slice(before).map(({ bytes }) => ({ mail: bytes, ...dkimRecordOf(signers.find(({ selector }) => bytes.toString('latin1', 0, 4000).includes(` s=${selector};`)) ?? { domain: '', selector: '', key: generateKeyPairSync('ed25519').privateKey }) }))
      expect(await verifyByPython(questions)).toEqual(questions.map(() => true))
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })

  test('[SX17] the connection check finds it in order', async () => {
    const { ok, lines } = await checkConnection(accountAt(server.smtp, account()), { policy, clock: systemClock, log: silentLog, mailboxes: imapAdapter({ policy, clock: systemClock, log: silentLog }) })
    expect(lines.map((line) => line.say)).toEqual([
      'localhost is 127.0.0.1.', `Something listens on port ${server.smtp}.`, expect.stringMatching(/^Encrypted \(TLSv1\.3\), and the certificate is trusted until /), expect.stringMatching(/^It offers .*PIPELINING/), 'Logged in as u0.',
      'The server is ready to take mails up to 50 MB. No mail was sent.',
    ])
    expect(ok).toBe(true)
  })
})

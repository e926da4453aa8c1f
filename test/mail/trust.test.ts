/** Which certificate is taken for a server's own, and which TLS is spoken: alike for every protocol and both kinds of TLS. */
import { X509Certificate } from 'node:crypto'
import { expect, onTestFinished, test } from 'vitest'
import { systemClock } from '#runtime/clock.ts'
import { silentLog } from '#runtime/log.ts'
import { connectTarget } from '#runtime/mail/connect-target.ts'
import { mailboxAdapter } from '#runtime/mail/adapter.ts'
import type { Account } from '#runtime/mail/mailbox.ts'
import { openSession } from '#runtime/mail/smtp/session.ts'
import { usableCiphers } from '#runtime/mail/trust.ts'
import { waitsOf } from '#runtime/mail/waits.ts'
import { connectionInputSchema, plainFingerprint, usualLine } from '#shared/connection.ts'
import { authority, selfSigned, type KeyPair } from '../servers/certificates.ts'
import { fakeClock } from '../servers/fake-clock.ts'
import { wireServer, type WireScript } from '../servers/wire-server.ts'
import { accountAt, policy } from './smtp-world.ts'

const ca = authority()
const good = ca.issue(['IP:127.0.0.1', 'DNS:localhost'])
const stranger = ca.issue(['IP:127.0.0.1', 'DNS:localhost'])
const canary = 'canary-Pa55word-77'
const fingerprintOf = (pair: KeyPair): string => new X509Certificate(pair.cert).fingerprint256

const kinds = ['imap', 'pop3', 'smtp'] as const
const lines = ['tls', 'starttls', 'starttls-if-offered'] as const

/** Logs in as real work does; resolves to 'logged in' or to what came instead. */
async function logIn(script: Omit<WireScript, 'kind'>, kind: (typeof kinds)[number], changes: Partial<Account>): Promise<{ readonly outcome: unknown; readonly said: string; readonly clear: string }> {
  const server = await wireServer({ ...script, kind, implicit: changes.security === 'tls' })
  onTestFinished(() => server.stop())
  const account = accountAt(server.port, { kind, user: 'u', password: canary, ...changes })
  const deps = { policy, clock: systemClock, log: silentLog }
  const opened = kind === 'smtp' ? openSession(account, deps).then((session) => session.quit()) : mailboxAdapter(deps).open(account, 'INBOX', new AbortController().signal).then((mailbox) => mailbox.close())
  const outcome: unknown = await opened.then(() => 'logged in', (error: unknown) => error)
  return { outcome, said: server.secret(), clear: server.clear() }
}
const secrets = [canary, Buffer.from(canary).toString('base64'), Buffer.from(`\0u\0${canary}`).toString('base64')]
const showsPassword = (bytes: string): boolean => secrets.some((secret) => bytes.includes(secret))

test.each<[string, KeyPair]>([
  ['signed by itself, for another name', selfSigned(['DNS:mine.example'])],
  ['of an authority nobody knows', good],
  ['long out of date', ca.issue(['DNS:other.example'], { expired: true })],
])('[SE100] a pinned certificate is taken as it is: %s', async (_, shown) => {
  const pin = fingerprintOf(shown)
  for (const kind of kinds) {
    for (const security of lines) {
      for (const pinned of [pin, plainFingerprint(pin), `sha256:${pin.toLowerCase()}`]) {
        const { outcome, clear } = await logIn({ tls: shown }, kind, { security, pinned })
        expect([kind, security, pinned, outcome]).toEqual([kind, security, pinned, 'logged in'])
        expect(showsPassword(clear)).toBe(false)
      }
    }
  }
})

test('[SE100] with a pinned certificate no other is taken, however good it is, and it never hears the password', async () => {
  for (const kind of kinds) {
    for (const security of lines) {
      for (const trusting of [{}, { certificate: ca.cert }, { certificate: stranger.cert }, { trustedServers: ['localhost'], checkHostName: false, certificate: ca.cert }]) {
        const { outcome, said, clear } = await logIn({ tls: stranger }, kind, { security, pinned: fingerprintOf(good), ...trusting })
        expect([kind, security, outcome]).toEqual([kind, security, expect.objectContaining({ code: 'MAIL_CERTIFICATE_CHANGED', message: expect.stringContaining(fingerprintOf(stranger)) })])
        expect(showsPassword(said + clear)).toBe(false)
      }
    }
  }
})

test('[SE101] without the check of the name any name is taken, but no unknown authority and no date gone by', async () => {
  const other = ca.issue(['DNS:other.example'])
  for (const kind of kinds) {
    for (const security of lines) {
      const outcomeOf = async (shown: KeyPair, changes: Partial<Account>) => (await logIn({ tls: shown }, kind, { security, ...changes })).outcome
      expect(await outcomeOf(other, { certificate: ca.cert })).toMatchObject({ code: 'MAIL_CERTIFICATE_NAME' })
      expect(await outcomeOf(other, { certificate: ca.cert, checkHostName: false })).toBe('logged in')
      expect(await outcomeOf(other, { checkHostName: false })).toMatchObject({ code: 'MAIL_CERTIFICATE_UNTRUSTED' })
      expect(await outcomeOf(ca.issue(['DNS:other.example'], { expired: true }), { certificate: ca.cert, checkHostName: false })).toMatchObject({ code: 'MAIL_CERTIFICATE_EXPIRED' })
    }
  }
})

test('[SE102] with TLS 1.3 as the lowest version a server of 1.2 is refused; otherwise it is taken', async () => {
  for (const kind of kinds) {
    for (const security of lines) {
      const old = { tls: good, speaks: { maxVersion: 'TLSv1.2' } } as const
      const trusting = { security, certificate: ca.cert }
      expect((await logIn(old, kind, trusting)).outcome).toBe('logged in')
      expect((await logIn(old, kind, { ...trusting, minTls: 'TLSv1.3' })).outcome).toMatchObject({ code: 'MAIL_TLS_FAILED' })
      expect((await logIn({ tls: good }, kind, { ...trusting, minTls: 'TLSv1.3' })).outcome).toBe('logged in')
    }
  }
})

test('[SE103] only the ciphers named are spoken', async () => {
  for (const kind of kinds) {
    for (const security of lines) {
      const server = { tls: good, speaks: { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES256-GCM-SHA384' } } as const
      const trusting = { security, certificate: ca.cert }
      expect((await logIn(server, kind, { ...trusting, ciphers: 'ECDHE-ECDSA-AES256-GCM-SHA384' })).outcome).toBe('logged in')
      expect((await logIn(server, kind, { ...trusting, ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' })).outcome).toMatchObject({ code: 'MAIL_TLS_FAILED' })
    }
  }
})

test('[SE103] a cipher that OpenSSL does not know, or that hides nothing, is refused in words', () => {
  const told = (ciphers: string, minTls: Account['minTls'] = 'TLSv1.2'): unknown => {
    try { return usableCiphers({ ciphers, minTls }) } catch (error) { return error instanceof Error ? error.message : error }
  }
  const refused = (reason: string) => `The TLS settings of this connection can't be used: ${reason}.`
  expect(told('')).toBe('')
  expect(told('HIGH:!SHA1')).toBe('HIGH:!SHA1:!aNULL:!eNULL')
  expect(told('TLS_AES_128_GCM_SHA256', 'TLSv1.3')).toBe('TLS_AES_128_GCM_SHA256')
  // OpenSSL alone would pass over the second name in silence.
  expect(told('HIGH:AES129-GCM')).toBe(refused('OpenSSL knows no cipher named AES129-GCM'))
  expect(told('TLS_NO_SUCH')).toBe(refused('OpenSSL knows no cipher named TLS_NO_SUCH'))
  expect(told('eNULL')).toBe(refused('they leave no cipher that encrypts'))
  expect(told('aNULL')).toBe(refused('they leave no cipher that encrypts'))
  expect(told('DEFAULT@SECLEVEL=0')).toBe(refused('@SECLEVEL=0 takes every lower bound on keys away'))
  expect(told('HIGH', 'TLSv1.3')).toBe(refused('none of these ciphers belongs to TLS 1.3; name one, such as TLS_AES_128_GCM_SHA256'))
})

test('[SE104] a connection waits as long as it was told to, for every protocol alike', async () => {
  const clock = fakeClock()
  for (const kind of kinds) {
    const server = await wireServer({ kind, say: { EHLO: '', CAPABILITY: '', CAPA: '' } })
    onTestFinished(() => server.stop())
    const account = accountAt(server.port, { kind, user: 'u', password: canary, timeoutSeconds: 7 })
    const { answerMs } = waitsOf(account)
    expect(answerMs).toBe(21_000)
    const deps = { policy, clock, log: silentLog }
    const opening = (kind === 'smtp' ? openSession(account, deps) : mailboxAdapter(deps).open(account, 'INBOX', new AbortController().signal)).catch((error: unknown) => error)
    await clock.untilWaits(answerMs)
    clock.pass(answerMs)
    expect(await opening).toMatchObject({ code: 'MAIL_TIMEOUT', message: '127.0.0.1 did not answer within 21 seconds.' })
  }
})

test('[SE105] what was saved before these settings existed means the usual ones, and nonsense is refused with its field', async () => {
  const base = { id: 'in', name: 'In', kind: 'imap', host: 'mail.example', port: 993, security: 'tls' }
  expect(connectionInputSchema.parse(base)).toMatchObject(usualLine)
  const wrong = { pinned: 'ab:cd', ciphers: 'a b', minTls: 'TLSv1.1', timeoutSeconds: 4, checkHostName: 'no' }
  const told = connectionInputSchema.safeParse({ ...base, ...wrong })
  expect(told.error?.issues.map((issue) => issue.path[0]).toSorted()).toEqual(Object.keys(wrong).toSorted())
  const account = accountAt(993, { security: 'tls', ciphers: 'NOPE' })
  await expect(connectTarget(account, policy)).rejects.toMatchObject({ code: 'MAIL_TLS_SETTING', where: 'ciphers' })
})

/** Logging in by token and into shared mailboxes: what is said to the server, what a refusal leads to, and where a token never goes. */
import { onTestFinished, expect, test } from 'vitest'
import { systemClock } from '#runtime/clock.ts'
import { makeLog, silentLog } from '#runtime/log.ts'
import { makeHostPolicy } from '#runtime/mail/host-policy.ts'
import { checkConnection } from '#runtime/mail/check.ts'
import { imapAdapter } from '#runtime/mail/imap/adapter.ts'
import type { Account, TokenSource } from '#runtime/mail/mailbox.ts'
import { saslOf } from '#runtime/mail/sasl.ts'
import { makeSender } from '#runtime/mail/smtp/pool.ts'
import { withoutSecret } from '#runtime/mail/without-secret.ts'
import { fault } from '#shared/errors.ts'
import { imapServer, type ImapFaults } from '../servers/imap-server.ts'
import { accountAt, letter, policy, senderTo, server, to } from './smtp-world.ts'

const plain = (lines: readonly string[] = []): readonly string[] => lines.map((line) => Buffer.from(line, 'base64').toString())
const elsewhere = { permits: () => true }

/** Gives out token-1, token-2 and so on; counts what was renewed. */
function tokens(): TokenSource & { readonly renewed: readonly string[] } {
  const renewed: string[] = []
  return { renewed, current: () => Promise.resolve(`token-${renewed.length + 1}`), renew: (refused) => { renewed.push(refused); return Promise.resolve(`token-${renewed.length + 1}`) } }
}
const offers = (mechanism: string): readonly string[] => ['PIPELINING', '8BITMIME', `AUTH ${mechanism}`]

test('[SE81] the SASL lines are those of RFC 7628, of XOAUTH2 and of RFC 4616, for one\'s own mailbox and a shared one', () => {
  const account = accountAt(993, { host: 'imap.example.org', login: 'oauth2', user: 'me=,@example.org', password: 'tok' })
  expect(saslOf(account, ['PLAIN', 'XOAUTH2', 'OAUTHBEARER'])).toMatchObject({ mechanism: 'OAUTHBEARER', breaker: 'AQ==' })
  expect(plain(saslOf(account, ['OAUTHBEARER'])?.lines)).toEqual(['n,a=me=3D=2C@example.org,\x01host=imap.example.org\x01port=993\x01auth=Bearer tok\x01\x01'])
  expect(plain(saslOf({ ...account, mailbox: 'shared@example.org' }, ['PLAIN', 'XOAUTH2'])?.lines)).toEqual(['user=shared@example.org\x01auth=Bearer tok\x01\x01'])
  expect(saslOf(account, ['PLAIN', 'LOGIN'])).toBeNull()
  const typed = { ...account, login: 'password', user: 'me', mailbox: 'shared' } as const
  expect(plain(saslOf(typed, ['LOGIN', 'PLAIN', 'XOAUTH2'])?.lines)).toEqual(['shared\0me\0tok'])
  expect(plain(saslOf(typed, ['LOGIN'])?.lines)).toEqual(['me\\shared', 'tok'])
  expect(plain(saslOf({ ...typed, mailbox: '' }, ['PLAIN'])?.lines)).toEqual(['\0me\0tok'])
  expect(saslOf(typed, ['CRAM-MD5'])).toBeNull()
})

test('[SE82] SMTP takes a token by XOAUTH2 or OAUTHBEARER, whichever the server has', async () => {
  for (const mechanism of ['XOAUTH2', 'OAUTHBEARER', 'PLAIN LOGIN XOAUTH2']) {
    const smtp = await server({ extensions: offers(mechanism), takes: (token) => token === 'token-1' })
    const sent = await senderTo(smtp.port, { login: 'oauth2', user: 'me@example.org', tokens: tokens() }).deliver(to(), letter())
    expect([sent.recipients[0]?.state, smtp.logins]).toEqual(['sent', ['me@example.org']])
  }
})

test('[SE83] a refused token is renewed once and tried again; a second refusal asks the person', async () => {
  const once = tokens()
  const fickle = await server({ extensions: offers('XOAUTH2'), takes: (token) => token === 'token-2' })
  expect((await senderTo(fickle.port, { login: 'oauth2', user: 'me', tokens: once }).deliver(to(), letter())).recipients[0]?.state).toBe('sent')
  expect(once.renewed).toEqual(['token-1'])
  const twice = tokens()
  const strict = await server({ extensions: offers('XOAUTH2'), takes: () => false })
  await expect(senderTo(strict.port, { login: 'oauth2', user: 'me', tokens: twice }).deliver(to(), letter())).rejects.toMatchObject({ code: 'MAIL_TOKEN_REFUSED' })
  expect([twice.renewed, strict.logins.length]).toEqual([['token-1'], 2])
  const checked = tokens()
  const check = await checkConnection(accountAt(fickle.port, { login: 'oauth2', user: 'me', tokens: checked }), { policy, clock: systemClock, log: silentLog, mailboxes: imapAdapter({ policy, clock: systemClock, log: silentLog }) })
  expect([check.ok, checked.renewed]).toEqual([true, ['token-1']])
  const wrong = await server({ password: 'right' })
  await expect(senderTo(wrong.port, { user: 'me', password: 'wrong', tokens: null }).deliver(to(), letter())).rejects.toMatchObject({ code: 'MAIL_LOGIN_REFUSED' })
  expect(wrong.logins).toHaveLength(1)
})

test('[SE84] a token never leaves this machine in clear, even where a password may', async () => {
  for (const security of ['none', 'starttls-if-offered'] as const) {
    const smtp = await server({ extensions: offers('XOAUTH2'), takes: () => true })
    // 0.0.0.0 leads to this machine without being a loopback address, so it stands for a server somewhere else.
    const sender = makeSender(accountAt(smtp.port, { host: '0.0.0.0', security, login: 'oauth2', user: 'me', tokens: tokens() }), { policy: elsewhere, log: silentLog, clock: systemClock })
    onTestFinished(() => sender.close())
    await expect(sender.deliver(to(), letter())).rejects.toMatchObject({ code: 'MAIL_STARTTLS_MISSING' })
    expect(smtp.logins).toEqual([])
    const imap = await imapOf({})
    const outcome = await inbox(imap.account({ host: '0.0.0.0', security, login: 'oauth2', tokens: tokens() }), true)
    expect(outcome).toMatchObject({ code: 'MAIL_STARTTLS_MISSING' })
    expect(imap.commands.map(({ name }) => name)).not.toContain('AUTHENTICATE')
  }
})

test('[SE85] a server without login by token, and one that wants a login where there is none, are named in words', async () => {
  const imap = await imapOf({})
  expect(await inbox(imap.account({ login: 'oauth2', tokens: tokens() }))).toMatchObject({ code: 'MAIL_OAUTH_MISSING' })
  expect(await inbox(imap.account({ login: 'none', user: '', password: '' }))).toMatchObject({ code: 'MAIL_LOGIN_WANTED' })
  const smtp = await server({ password: 'right' })
  expect((await senderTo(smtp.port, { login: 'none', user: 'left over', password: 'left over' }).deliver(to(), letter())).recipients[0]?.state).toBe('sent')
  expect(smtp.logins).toEqual([])
})

test('[SE88] the connection check tells who logs in and for which mailbox, and what is wrong with the sign-in, in the line of the login', async () => {
  const smtp = await server({ extensions: offers('XOAUTH2'), takes: (token) => token === 'token-1' })
  const lineOf = async (change: Partial<Account>): Promise<string> => {
    const { lines } = await checkConnection(accountAt(smtp.port, { login: 'oauth2', user: 'me', tokens: tokens(), ...change }), { policy, clock: systemClock, log: silentLog, mailboxes: imapAdapter({ policy, clock: systemClock, log: silentLog }) })
    const login = lines.find(({ step }) => step === 'login')
    return `${login?.state}: ${login?.say}`
  }
  expect(await lineOf({})).toBe('ok: Logged in as me.')
  expect(await lineOf({ mailbox: 'shared' })).toBe('ok: Logged in as me, for the mailbox shared.')
  const ended = { current: () => Promise.reject(fault('SIGN_IN_AGAIN', { user: 'me' })), renew: () => Promise.reject(fault('SIGN_IN_AGAIN', { user: 'me' })) }
  expect(await lineOf({ tokens: ended })).toBe('failed: Sign in again: no valid sign-in is kept for me.')
  const imap = await imapOf({})
  expect(await lineOf({ kind: 'imap', port: imap.port, tokens: ended })).toBe('failed: Sign in again: no valid sign-in is kept for me.')
  expect(await lineOf({ login: 'none' })).toBe('ok: This connection is set to log in nowhere, so no login was tried.')
})

test('[SE86] over SMTP a shared mailbox is named beside the user where the server can take it apart, else behind the user', async () => {
  for (const [offered, login] of [['PLAIN LOGIN', 'me for shared'], ['LOGIN', 'me\\shared']] as const) {
    const smtp = await server({ extensions: offers(offered), password: 'right' })
    const sent = await senderTo(smtp.port, { user: 'me', mailbox: 'shared', password: 'right' }).deliver(to(), letter())
    expect([sent.recipients[0]?.state, smtp.logins]).toEqual(['sent', [login]])
  }
})

test('[SE87] a token that a server repeats is struck out, in every form it was sent in', async () => {
  const account = accountAt(25, { login: 'oauth2', user: 'me', mailbox: 'shared', password: 'canary-token' })
  const forms = ['canary-token', ...['XOAUTH2', 'OAUTHBEARER'].flatMap((mechanism) => saslOf(account, [mechanism])?.lines ?? [])]
  for (const form of forms) expect(withoutSecret(`I heard ${form}!`, account)).toBe('I heard (password)!')
  const lines: string[] = []
  const smtp = await server({ extensions: offers('XOAUTH2'), takes: () => false, mail: '530 no' })
  const sender = makeSender({ ...account, port: smtp.port, tokens: { current: () => Promise.resolve('canary-token'), renew: () => Promise.resolve('canary-token') } }, { policy, log: makeLog('debug', (line) => lines.push(line)), clock: systemClock })
  onTestFinished(() => sender.close())
  const outcome = String(await sender.deliver(to(), letter()).catch((error: unknown) => error))
  expect(forms.filter((form) => `${lines.join('')} ${outcome}`.includes(form))).toEqual([])
})

async function imapOf(faults: ImapFaults) {
  const made = await imapServer(faults)
  onTestFinished(() => made.stop())
  return made
}
const inbox = (account: Account, far = false): Promise<unknown> =>
  imapAdapter({ policy: far ? elsewhere : makeHostPolicy({ loopbackBound: true, allowed: [] }), clock: systemClock, log: silentLog }).open(account, 'INBOX', new AbortController().signal).then((mailbox) => mailbox.close(), (error: unknown) => error)

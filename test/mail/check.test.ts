import { expect, test } from 'vitest'
import { checkMs, greetingQuietMs } from '#runtime/limits.ts'
import { systemClock } from '#runtime/clock.ts'
import { silentLog } from '#runtime/log.ts'
import { checkConnection, type CheckDeps } from '#runtime/mail/check.ts'
import { makeHostPolicy } from '#runtime/mail/host-policy.ts'
import { mailboxAdapter } from '#runtime/mail/adapter.ts'
import type { Account } from '#runtime/mail/mailbox.ts'
import { startSandboxImap } from '#runtime/sandbox/imap.ts'
import { makeMailStore } from '#runtime/sandbox/mailstore.ts'
import type { CheckLine } from '#shared/connection.ts'
import { authority, selfSigned } from '../servers/certificates.ts'
import { fakeClock } from '../servers/fake-clock.ts'
import { pop3Server } from '../servers/pop3-server.ts'
import { closedPort } from '../servers/ports.ts'
import { accountAt, atEnd, policy, server } from './smtp-world.ts'

const ca = authority()
const good = ca.issue(['DNS:localhost', 'IP:127.0.0.1'])

// What else listens on this machine is no part of these tests.
const nowhere = { imap: [], pop3: [], smtp: [] }
const check = (account: Account, changes: Partial<Pick<CheckDeps, 'clock' | 'policy' | 'lookUp' | 'places'>> = {}) =>
  checkConnection(account, { policy, clock: systemClock, log: silentLog, mailboxes: mailboxAdapter({ policy, clock: systemClock, log: silentLog }), places: nowhere, ...changes })
const failed = (lines: readonly CheckLine[]): CheckLine => {
  const wrong = lines.filter((line) => line.state === 'failed')
  expect(wrong).toHaveLength(1)
  const [line] = wrong
  if (line === undefined) throw new Error('one line failed')
  // Before it all is well, behind it nothing was tried.
  const at = lines.indexOf(line)
  expect(lines.slice(0, at).every((one) => one.state === 'ok') && lines.slice(at + 1).every((one) => one.state === 'skipped')).toBe(true)
  return line
}

test('[SE40] the check of a sending connection says of each step that it went well, and sends nothing', async () => {
  const smtp = await server({ tls: good, implicitTls: true, password: 'right' })
  const { ok, lines } = await check(accountAt(smtp.port, { host: 'localhost', security: 'tls', user: 'u', password: 'right', certificate: ca.cert }))
  expect(lines.map((line) => [line.step, line.state])).toEqual([['host', 'ok'], ['port', 'ok'], ['security', 'ok'], ['offers', 'ok'], ['login', 'ok'], ['send', 'ok']])
  expect(ok).toBe(true)
  expect(lines.map((line) => line.say)).toEqual([
    'localhost is 127.0.0.1.', `Something listens on port ${smtp.port}.`, expect.stringMatching(/^Encrypted \(TLSv1\.3\), and the certificate is trusted until 20\d\d-\d\d-\d\d\.$/),
    'It offers PIPELINING, 8BITMIME, SMTPUTF8, SIZE 104857600, AUTH PLAIN LOGIN.', 'Logged in as u.', 'The server is ready to take mails up to 100 MB. No mail was sent.',
  ])
  expect(smtp.accepted).toEqual([])
  expect(smtp.commands.at(-1)).toBe('QUIT')
  await smtp.untilOpen(0)
})

test('[SE40] the check of a receiving connection opens INBOX and counts its mails', async () => {
  const store = makeMailStore({ clock: systemClock, users: { 'you@sandbox.example': 'right' } })
  const imap = await startSandboxImap({ store })
  atEnd(() => imap.stop())
  store.deliver('you@sandbox.example', Buffer.from('Subject: x\r\n\r\nx\r\n'))
  const account = accountAt(imap.port, { kind: 'imap', user: 'you@sandbox.example', password: 'right' })
  const { ok, lines } = await check(account)
  expect(lines.map((line) => [line.step, line.state])).toEqual([['host', 'ok'], ['port', 'ok'], ['security', 'ok'], ['offers', 'ok'], ['login', 'ok'], ['folder', 'ok']])
  expect(ok).toBe(true)
  expect(lines.at(-1)?.say).toBe('INBOX can be read: 1 mail, 1 unread.')
  expect(failed((await check({ ...account, password: 'wrong' })).lines)).toMatchObject({ step: 'login', say: expect.stringContaining('refused this user name or password') })
})

test('[PO23] the check of a POP3 connection logs in and counts the mails, and tells the mails\' trouble from the login\'s', async () => {
  let refuses = ''
  const pop3 = await pop3Server({ onCommand: (command, wire) => command.name === refuses && wire.write(`-ERR [${refuses === 'AUTH' ? 'AUTH' : 'SYS/TEMP'}] not now\r\n`) })
  atEnd(() => pop3.stop())
  pop3.store.deliver('u0', Buffer.from('Subject: x\r\n\r\nx\r\n'))
  const { ok, lines } = await check(pop3.account())
  expect([ok, lines.at(-1)?.say]).toEqual([true, 'INBOX can be read: 1 mail.'])
  const bare = await pop3Server({ capabilities: ['USER'] })
  atEnd(() => bare.stop())
  const offers = (await check(bare.account())).lines.find((line) => line.step === 'offers')
  expect(offers?.say).toContain('UIDL and TOP')
  for (const [word, step] of [['AUTH', 'login'], ['LIST', 'folder']] as const) {
    refuses = word
    expect(failed((await check(pop3.account())).lines)).toMatchObject({ step, say: expect.stringContaining('not now') })
  }
})

test.each<[string, () => Promise<[Account, Parameters<typeof check>[1]?]>, CheckLine['step'], RegExp]>([
  ['a name that does not exist', () => Promise.resolve([accountAt(25, { host: 'no-such.example' }), { lookUp: () => Promise.reject(Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' })) }]), 'host', /There is no server named no-such\.example/],
  ['a name server that is silent', () => Promise.resolve([accountAt(25, { host: 'mail.example' }), { lookUp: () => Promise.reject(Object.assign(new Error('getaddrinfo EAI_AGAIN'), { code: 'EAI_AGAIN' })) }]), 'host', /could not be looked up/],
  ['a host that may not be reached', () => Promise.resolve([accountAt(25, { host: 'mail.example' }), { lookUp: () => Promise.resolve(['169.254.169.254']) }]), 'host', /not allowed here/],
  ['a port that nobody listens on', async () => [accountAt(await closedPort())], 'port', /nothing listens on port \d+/],
  ['TLS on a plain port', async () => [accountAt((await server()).port, { security: 'tls' })], 'security', /does not speak TLS from the start.*usually 465/],
  ['an unknown authority', async () => [accountAt((await server({ tls: good, implicitTls: true })).port, { security: 'tls' })], 'security', /not signed by an authority this machine trusts/],
  ['an unknown authority after STARTTLS', async () => [accountAt((await server({ tls: good })).port, { security: 'starttls' })], 'security', /not signed by an authority this machine trusts/],
  ['a certificate for another name', async () => [accountAt((await server({ tls: ca.issue(['DNS:mail.example.org', 'DNS:smtp.example.org']), implicitTls: true })).port, { security: 'tls', certificate: ca.cert })], 'security', /made for mail\.example\.org, smtp\.example\.org\. Use that name/],
  ['a certificate out of date', async () => [accountAt((await server({ tls: ca.issue(['IP:127.0.0.1'], { expired: true }), implicitTls: true })).port, { security: 'tls', certificate: ca.cert })], 'security', /expired on 2021-02-03/],
  ['STARTTLS that is not offered', async () => [accountAt((await server()).port, { security: 'starttls', user: 'u', password: 'p' })], 'security', /does not offer STARTTLS, so the password was not sent/],
  ['a pasted text that is no certificate', async () => [accountAt((await server()).port, { certificate: 'hello' })], 'host', /pasted into the connection cannot be read/],
  ['a wrong password', async () => [accountAt((await server({ password: 'right' })).port, { user: 'u', password: 'wrong' })], 'login', /refused this user name or password\. It said: 535 5\.7\.8/],
  ['a server without login', async () => [accountAt((await server({ extensions: [] })).port, { user: 'u', password: 'p' })], 'login', /does not accept a login on this connection/],
  ['a server that turns us away', async () => [accountAt((await server({ greeting: { thenDrop: '554 5.7.1 your address is listed' } })).port)], 'security', /turned us away for now: 554 5\.7\.1 your address is listed/],
  ['a server of another kind', async () => [accountAt((await server({ greeting: { say: '* OK IMAP4rev1' } })).port)], 'security', /answered in a way that no mail server should/],
  ['a server that hangs up', async () => [accountAt((await server({ greeting: 'drop' })).port)], 'security', /broke off/],
])('[SE41] %s is named in its own line', async (_, make, step, say) => {
  const [account, changes] = await make()
  const { ok, lines } = await check(account, changes)
  expect(ok).toBe(false)
  expect(failed(lines)).toMatchObject({ step, say: expect.stringMatching(say) })
})

test('[SE42] a silent server on a plain line is asked for TLS, and the person is told to choose it', async () => {
  const smtp = await server({ tls: selfSigned(['DNS:localhost']), implicitTls: true })
  const clock = fakeClock()
  for (const kind of ['smtp', 'imap'] as const) {
    const result = check(accountAt(smtp.port, { kind }), { clock })
    await clock.untilWaits(greetingQuietMs)
    clock.pass(greetingQuietMs)
    expect(failed((await result).lines)).toMatchObject({ step: 'security', say: `127.0.0.1:${smtp.port} speaks TLS from the start. Choose TLS as the security of this connection.` })
  }
})

test('[SE43] a check ends within its deadline whatever the server does', async () => {
  const clock = fakeClock()
  const smtp = await server({ greeting: 'hang' })
  const result = check(accountAt(smtp.port), { clock })
  await clock.untilWaits(greetingQuietMs)
  clock.pass(checkMs)
  const { lines, ms } = await result
  expect(failed(lines)).toMatchObject({ step: 'security', say: '127.0.0.1 did not answer within 25 seconds.' })
  expect(ms).toBe(checkMs)
  await smtp.untilOpen(0)
})

test('[SE44] the check shows no password, even when the server repeats it', async () => {
  const secret = ['S3cret-canary', Buffer.from('S3cret-canary').toString('base64'), Buffer.from('\0u\0S3cret-canary').toString('base64')]
  const smtp = await server({ auth: (name) => `535 5.7.8 ${name} sent ${secret.join(' ')}` })
  const { lines } = await check(accountAt(smtp.port, { user: 'u', password: 'S3cret-canary' }))
  expect(JSON.stringify(lines)).toContain('535 5.7.8 u sent (password) (password) (password)')
  for (const one of secret) expect(JSON.stringify(lines)).not.toContain(one)
})

test('[SE45] behind a public address the check reaches only what the policy permits', async () => {
  const smtp = await server()
  const strict = makeHostPolicy({ loopbackBound: false, allowed: [] })
  const account = accountAt(smtp.port)
  const { lines } = await checkConnection(account, { policy: strict, clock: systemClock, log: silentLog, mailboxes: mailboxAdapter({ policy: strict, clock: systemClock, log: silentLog }) })
  expect(failed(lines)).toMatchObject({ step: 'host' })
  expect(smtp.sessions()).toBe(0)
})

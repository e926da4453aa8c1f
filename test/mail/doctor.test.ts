/** What the connection check finds out about a server that fails in one exact way, and what it offers to do about it. */
import { X509Certificate } from 'node:crypto'
import { createServer, type AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { systemClock } from '#runtime/clock.ts'
import { greetingQuietMs } from '#runtime/limits.ts'
import { silentLog } from '#runtime/log.ts'
import { checkConnection, type CheckDeps } from '#runtime/mail/check.ts'
import { commonPlaces } from '#runtime/mail/doctor/other-port.ts'
import { makeHostPolicy } from '#runtime/mail/host-policy.ts'
import { mailboxAdapter } from '#runtime/mail/adapter.ts'
import type { Account } from '#runtime/mail/mailbox.ts'
import { waitsOf } from '#runtime/mail/waits.ts'
import { checkSteps, type CheckLine, type CheckStep, type ConnectionCheck } from '#shared/connection.ts'
import { authority, selfSigned } from '../servers/certificates.ts'
import { fakeClock } from '../servers/fake-clock.ts'
import { wireServer, type WireScript, type WireServer } from '../servers/wire-server.ts'
import { accountAt, policy } from './smtp-world.ts'

const ca = authority()
const good = ca.issue(['IP:127.0.0.1', 'DNS:localhost'])
const kinds = ['imap', 'pop3', 'smtp'] as const
type Kind = (typeof kinds)[number]
const nowhere = { imap: [], pop3: [], smtp: [] }

async function serve(script: WireScript): Promise<WireServer> {
  const server = await wireServer(script)
  onTestFinished(() => server.stop())
  return server
}
const check = (account: Account, changes: Partial<CheckDeps> = {}): Promise<ConnectionCheck> =>
  checkConnection(account, { policy, clock: systemClock, log: silentLog, mailboxes: mailboxAdapter({ policy, clock: systemClock, log: silentLog }), places: nowhere, ...changes })
const failed = ({ lines }: ConnectionCheck): CheckLine | undefined => lines.find((line) => line.state === 'failed')

interface Case {
  readonly script: Omit<WireScript, 'kind'>
  readonly account?: Partial<Account>
  readonly step: CheckStep
  readonly say: RegExp
  readonly fix: RegExp
  readonly change?: object
}
/** RFC 8446 section 6: fatal, protocol_version. */
const protocolVersionAlert = Buffer.from([21, 3, 1, 0, 2, 2, 70])
const overTls = { tls: good, implicit: true } as const
const cases: Record<string, (kind: Kind) => Case> = {
  'TLS on a plain port that offers STARTTLS': () => ({ script: { tls: good }, account: { security: 'tls' }, step: 'security', say: /does not speak TLS from the start/, fix: /offers STARTTLS on this port/, change: { security: 'starttls' } }),
  'TLS on a plain port without STARTTLS': () => ({ script: { offers: ['IMAP4rev1'] }, account: { security: 'tls' }, step: 'security', say: /does not speak TLS from the start/, fix: /Choose STARTTLS, or the port for TLS/ }),
  'an unknown authority': () => ({ script: overTls, account: { security: 'tls' }, step: 'security', say: /not signed by an authority/, fix: /trust exactly this certificate/ }),
  'a certificate for another name': () => ({ script: { tls: ca.issue(['DNS:mail.acme.example']), implicit: true }, account: { security: 'tls', certificate: ca.cert }, step: 'security', say: /made for mail\.acme\.example/, fix: /Use the name in the certificate/, change: { host: 'mail.acme.example' } }),
  'a certificate out of date': () => ({ script: { tls: ca.issue(['IP:127.0.0.1'], { expired: true }), implicit: true }, account: { security: 'tls', certificate: ca.cert }, step: 'security', say: /expired on 2021-02-03/, fix: /renew it/ }),
  'a certificate not valid yet': () => ({ script: { tls: ca.issue(['IP:127.0.0.1'], { early: true }), implicit: true }, account: { security: 'tls', certificate: ca.cert }, step: 'security', say: /valid only from 2049-01-01/, fix: /clock/ }),
  'STARTTLS missing': (kind) => ({ script: { offers: { imap: ['IMAP4rev1'], pop3: ['USER', 'UIDL'], smtp: ['AUTH PLAIN'] }[kind] }, account: { security: 'starttls' }, step: 'security', say: /does not offer STARTTLS, so the password was not sent/, fix: /encrypted port/ }),
  'a TLS version that is too old': () => ({ script: { implicit: true, handshake: protocolVersionAlert }, account: { security: 'tls', certificate: ca.cert }, step: 'security', say: /speaks no TLS version that this connection allows/, fix: /lowest version/ }),
  'a login refused': (kind) => ({ script: { login: { imap: '{tag} NO [AUTHENTICATIONFAILED] wrong', pop3: '-ERR [AUTH] wrong', smtp: '535 5.7.8 wrong' }[kind] }, step: 'login', say: /refused this user name or password\. It said: .*wrong/, fix: /app password/ }),
  'a login that is not offered in clear': (kind) => ({ script: { tls: good, offers: { imap: ['IMAP4rev1', 'STARTTLS', 'LOGINDISABLED'], pop3: ['UIDL', 'STLS'], smtp: ['STARTTLS'] }[kind] }, step: 'login', say: /does not accept a login on this connection/, fix: /offers STARTTLS on this port/, change: { security: 'starttls' } }),
  'a server that turns us away': (kind) => ({ script: { greeting: { lastly: { imap: '* BYE too many connections', pop3: '-ERR [SYS/TEMP] too many connections', smtp: '421 4.7.0 too many connections' }[kind] } }, step: 'security', say: /turned us away for now: .*too many connections/, fix: /why it turns this machine away/ }),
  'a server of another protocol': (kind) => ({ script: { greeting: kind === 'smtp' ? '* OK IMAP4rev1 ready' : '220 mail ESMTP' }, step: 'security', say: /answered in a way that no mail server should/, fix: { imap: /This is the port of SMTP; IMAP usually has port 993 with TLS/, pop3: /This is the port of SMTP; POP3 usually has port 995 with TLS/, smtp: /This is the port of IMAP; SMTP usually has port 465 with TLS/ }[kind], change: { security: 'tls' } }),
  'an answer without end': () => ({ script: { greeting: 'x'.repeat(70_000) }, step: 'security', say: /its answer never ends/, fix: /those of a mail server/ }),
}

test.each(kinds.flatMap((kind) => Object.entries(cases).map(([name, make]) => [kind, name, make(kind)] as const)))('[SE106] %s: %s is told with its cause and its fix', async (kind, _, { script, account, step, say, fix, change }) => {
  const server = await serve({ ...script, kind })
  const result = await check(accountAt(server.port, { kind, user: 'u@acme.example', password: 'canary-1', ...account }))
  const line = failed(result)
  expect(line).toMatchObject({ step, say: expect.stringMatching(say), fix: expect.stringMatching(fix) })
  if (change === undefined) expect(line?.apply).toBe(null)
  else expect(line?.apply).toMatchObject({ label: expect.stringMatching(/^Use /), change })
  // In the order of the work: all well before it, nothing tried behind it.
  const at = checkSteps(kind).indexOf(step)
  expect(result.lines.map((one) => [one.step, one.state])).toEqual(checkSteps(kind).map((one, index) => [one, index < at ? 'ok' : index === at ? 'failed' : 'skipped']))
})

/** A sending server that says this to MAIL or RCPT. */
const rehearsed = async (say: Readonly<Record<string, string>>, account: Partial<Account> = {}, senders: readonly string[] = []) => {
  const server = await serve({ kind: 'smtp', say, offers: ['AUTH PLAIN', 'SIZE 52428800', '8BITMIME'] })
  const result = await check(accountAt(server.port, { user: 'desk@acme.example', password: 'canary-1', ...account }), { senders: async () => senders })
  return { result, said: server.clear().split('\r\n').filter((line) => /^(MAIL|RCPT|RSET|DATA)/.test(line)) }
}
test.each([
  ['a sender it does not take', { MAIL: '553 5.7.1 Sender address rejected: not owned by user' }, /takes no mail from desk@acme\.example by this login\. It said: 553 5\.7\.1 Sender/, /"From" address that belongs to this login/],
  ['a recipient it does not take', { RCPT: '550 5.7.1 Relaying denied' }, /would not take a mail to desk@acme\.example\. It said: 550 5\.7\.1 Relaying denied/, /for whom it takes mail/],
  ['a login it wants', { MAIL: '530 5.7.0 Authentication required' }, /wants a login, and this connection has none/, /a user and a password/],
  ['a bad moment', { MAIL: '451 4.3.0 try later' }, /turned us away for now: 451 4\.3\.0 try later/, /Try again later/],
])('[SE111] a server that takes logins but no mail is told by the check: %s', async (_, say, words, fix) => {
  const { result, said } = await rehearsed(say)
  expect(failed(result)).toMatchObject({ step: 'send', say: expect.stringMatching(words), fix: expect.stringMatching(fix) })
  expect(said).not.toContain('DATA')
})

test('[SE111] the check asks about each address that flows send from, ends before a mail would begin, and tells what the server can\'t carry', async () => {
  const { result, said } = await rehearsed({}, { user: 'desk' }, ['a@acme.example', 'b@acme.example', 'a@acme.example', 'c@größe.example', 'no address\r\nDATA'])
  expect(result.ok).toBe(true)
  expect(said).toEqual(['a', 'b'].flatMap((name) => [`MAIL FROM:<${name}@acme.example>`, `RCPT TO:<${name}@acme.example>`, 'RSET']))
  expect(result.lines.at(-1)?.say).toBe('It takes mail from a@acme.example, b@acme.example up to 50 MB, but not addresses beyond ASCII. No mail was sent.')
  // Nobody is known to send: there is nothing to ask about.
  expect((await rehearsed({}, { user: 'desk' })).said).toEqual([])
})

test('[SE111] a line that ends in the midst of it is told as such', async () => {
  const server = await serve({ kind: 'smtp', say: { RCPT: { lastly: '' } }, offers: ['AUTH PLAIN'] })
  expect(failed(await check(accountAt(server.port, { user: 'desk@acme.example', password: 'canary-1' })))).toMatchObject({ step: 'send', say: expect.stringMatching(/broke off/) })
})

test('[SE106] names, policies and folders too', async () => {
  const lookUp = (code: string) => () => Promise.reject(Object.assign(new Error(code), { code }))
  expect(failed(await check(accountAt(1, { kind: 'imap', host: 'nosuch.acme.example', user: 'u@acme.example' }), { lookUp: lookUp('ENOTFOUND') }))).toMatchObject({ step: 'host', fix: 'Look the server\'s name up in your provider\'s help; often it is imap.acme.example.' })
  expect(failed(await check(accountAt(1, { host: 'mail.acme.example' }), { lookUp: lookUp('EAI_AGAIN') }))).toMatchObject({ step: 'host', fix: expect.stringMatching(/reach the network/) })
  expect(failed(await check(accountAt(1), { policy: makeHostPolicy({ loopbackBound: false, allowed: [] }) }))).toMatchObject({ step: 'host', fix: 'Whoever runs Mailweave can list the host with --allow-hosts.' })
  const empty = await serve({ kind: 'imap', say: { LIST: '{tag} OK none' }, folder: '{tag} NO [NONEXISTENT] no such mailbox' })
  const noInbox = await check(accountAt(empty.port, { kind: 'imap', user: 'u', password: 'p' }))
  expect(failed(noInbox)).toMatchObject({ step: 'folder', say: expect.stringMatching(/no folder named INBOX/), fix: 'Ask the server\'s owner: every mailbox has an INBOX.' })
  expect(noInbox.lines.find((line) => line.step === 'login')).toMatchObject({ state: 'ok' })
})

test('[SE106] a silent address is told after the connection\'s own patience, a silent server and a port for TLS by what they do', async () => {
  const clock = fakeClock()
  // A listener of TCP's own that never gets to speak: what is sent to it is lost on the way.
  const account = accountAt(9, { host: '192.0.2.1', timeoutSeconds: 6 })
  const unreachable = check(account, { clock })
  await clock.untilWaits(waitsOf(account).connectMs)
  clock.pass(waitsOf(account).connectMs)
  expect(failed(await unreachable)).toMatchObject({ step: 'port', say: 'No answer from 192.0.2.1:9. Check host and port, and whether a firewall is in the way.', fix: 'Ask whoever runs the network whether a firewall keeps this machine from port 9.' })

  for (const kind of kinds) {
    const server = await serve({ kind, tls: good, implicit: true })
    const result = check(accountAt(server.port, { kind }), { clock })
    await clock.untilWaits(greetingQuietMs)
    clock.pass(greetingQuietMs)
    expect(failed(await result)).toMatchObject({ step: 'security', say: expect.stringMatching(/speaks TLS from the start/), apply: { label: 'Use TLS', change: { port: server.port, security: 'tls' } } })
  }
})

test('[SE107] where a port is refused the other usual ones of the same server are tried, and the best that answers is offered', async () => {
  const closed = createServer()
  await new Promise<void>((resolve) => { closed.listen(0, '127.0.0.1', resolve) })
  // A listening TCP server's address is always an AddressInfo.
  const { port } = closed.address() as AddressInfo
  await new Promise<void>((resolve) => { closed.close(() => { resolve() }) })
  for (const kind of kinds) {
    const [tls, starttls] = [await serve({ kind, tls: good, implicit: true }), await serve({ kind, tls: good })]
    const places = { ...nowhere, [kind]: [{ port: tls.port, security: 'tls' }, { port: starttls.port, security: 'starttls' }] } as const
    const best = failed(await check(accountAt(port, { kind }), { places }))
    expect(best).toMatchObject({ step: 'port', say: `127.0.0.1 is there, but nothing listens on port ${port}. Check the port.`, fix: `Port ${tls.port} with TLS answers on the same server: use it.`, apply: { label: `Use port ${tls.port} with TLS`, change: { port: tls.port, security: 'tls' } } })
    // Nothing is said to it: to look is not to log in.
    expect(tls.clear() + starttls.clear()).toBe('')
    await tls.stop()
    expect(failed(await check(accountAt(port, { kind }), { places }))?.apply).toMatchObject({ change: { port: starttls.port, security: 'starttls' } })
    // What the policy forbids is not knocked at.
    const before = starttls.sessions()
    const only = { permits: (_: string, __: string, asked?: number) => asked === port }
    expect(failed(await check(accountAt(port, { kind }), { places, policy: only }))).toMatchObject({ step: 'port', apply: null })
    expect(starttls.sessions()).toBe(before)
  }
  for (const kind of ['imap', 'pop3', 'smtp'] as const) {
    expect(commonPlaces[kind].length).toBeLessThanOrEqual(3)
    expect(commonPlaces[kind].map((place) => place.security)).not.toContain('none')
  }
})

test('[SE108] the certificate is shown, and trusting exactly it is all that a refused one needs', async () => {
  const own = selfSigned(['DNS:mine.example', 'DNS:also.example'])
  for (const kind of kinds) {
    for (const security of ['tls', 'starttls'] as const) {
      const server = await serve({ kind, tls: own, implicit: security === 'tls' })
      const account = accountAt(server.port, { kind, security, user: 'u', password: 'p' })
      const refused = await check(account)
      expect(failed(refused)).toMatchObject({ step: 'security', say: expect.stringMatching(/not signed by an authority/) })
      expect(refused.certificate).toEqual({
        subject: 'mine.example', issuer: 'mine.example', names: ['mine.example', 'also.example'], fingerprint: new X509Certificate(own.cert).fingerprint256, mayPin: true,
        validFrom: expect.stringMatching(/^20\d\d-/), validUntil: expect.stringMatching(/^20\d\d-/),
      })
      const trusted = await check({ ...account, pinned: refused.certificate?.fingerprint ?? '' })
      expect([trusted.ok, trusted.certificate?.mayPin]).toEqual([true, false])
      expect(trusted.lines.find((line) => line.step === 'security')?.say).toBe('Encrypted (TLSv1.3), and the certificate is the one that is trusted.')
      // Renewed meanwhile: told, shown, and never trusted by itself.
      const other = await check({ ...account, pinned: 'ab'.repeat(32) })
      expect(failed(other)).toMatchObject({ step: 'security', say: expect.stringMatching(/shows another certificate/), fix: expect.stringMatching(/trust the new one/) })
      expect(other.certificate).toMatchObject({ mayPin: true, fingerprint: refused.certificate?.fingerprint })
    }
    const fine = await serve({ kind, tls: good, implicit: true, login: { imap: '{tag} NO wrong', pop3: '-ERR wrong', smtp: '535 wrong' }[kind] })
    expect((await check(accountAt(fine.port, { kind, security: 'tls', certificate: ca.cert, user: 'u', password: 'p' }))).certificate).toMatchObject({ mayPin: false })
    const bare = await serve({ kind })
    expect((await check(accountAt(bare.port, { kind, user: 'u', password: 'p' }))).certificate).toBe(null)
  }
})

test('[SE109] what a server offers is read after TLS, not before, and what POP3 lacks is said', async () => {
  for (const kind of kinds) {
    const server = await serve({ kind, tls: good, offers: { imap: ['IMAP4rev1', 'STARTTLS', 'X-BEFORE'], pop3: ['STLS', 'X-BEFORE'], smtp: ['STARTTLS', 'X-BEFORE'] }[kind], offersInTls: { imap: ['IMAP4rev1', 'IDLE', 'AUTH=PLAIN', 'SASL-IR'], pop3: ['UIDL', 'TOP', 'SASL PLAIN'], smtp: ['SIZE 1000000', 'AUTH PLAIN'] }[kind] })
    const { ok, lines } = await check(accountAt(server.port, { kind, security: 'starttls', certificate: ca.cert, user: 'u', password: 'p' }))
    expect(ok).toBe(true)
    expect(lines.find((line) => line.step === 'offers')?.say).toBe({ imap: 'It offers IMAP4REV1, IDLE, AUTH=PLAIN, SASL-IR.', pop3: 'It offers UIDL, TOP, SASL PLAIN.', smtp: 'It offers SIZE 1000000, AUTH PLAIN.' }[kind])
  }
  const bare = await serve({ kind: 'pop3', tls: good, offersInTls: ['USER'] })
  const { lines } = await check(accountAt(bare.port, { kind: 'pop3', security: 'starttls', certificate: ca.cert, user: 'u', password: 'p' }))
  expect(lines.map((line) => line.state)).toEqual(checkSteps('pop3').map(() => 'ok'))
  expect(lines[3]?.say).toBe('It offers USER. Not listed before the login: UIDL and TOP; without them each look has to read whole mails.')
})

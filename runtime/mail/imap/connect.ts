/** One logged-in IMAP connection; the password leaves only over TLS, or in clear where the person chose so and nothing better was offered. */
import { connect as connectTcp } from 'node:net'
import { ImapFlow, type ImapFlowOptions, type ImapTransport, type Logger } from 'imapflow'
import { fault } from '#shared/errors.ts'
import type { Clock } from '#runtime/clock.ts'
import { idleRenewMs, imapIdleAfterMs, imapWire } from '#runtime/limits.ts'
import type { Log } from '#runtime/log.ts'
import { cleanAnswer } from '../clean-answer.ts'
import { type ConnectTarget, connectTarget, type LookUp, mayLogInClear } from '../connect-target.ts'
import type { HostPolicy } from '../host-policy.ts'
import type { Account } from '../mailbox.ts'
import { networkFault } from '../network-faults.ts'
import { startTls } from '../open-line.ts'
import { loginName, tokenUser } from '../sasl.ts'
import { waitsOf } from '../waits.ts'
import { within } from '../within.ts'
import { withoutSecret } from '../without-secret.ts'
import { imapFault } from './faults.ts'
import { makeSession, type Session } from './session.ts'

export interface ImapDeps {
  readonly policy: HostPolicy
  readonly clock: Clock
  readonly log: Log
  readonly lookUp?: LookUp
  /** Shorter ones for tests. */
  readonly deadlines?: { readonly connectMs: number; readonly commandMs: number }
}

/** `progress`: as `MailboxAdapter.open` has it. */
export async function connect(account: Account, deps: ImapDeps, signal: AbortSignal, progress = (): void => {}): Promise<Session> {
  const waits = waitsOf(account)
  const times = deps.deadlines ?? { connectMs: waits.connectMs, commandMs: waits.answerMs }
  // Nobody can call a resolver off, so it is left behind.
  const unnamed = fault('MAIL_HOST_LOOKUP', { host: account.host })
  const target = await within({ clock: deps.clock, signal }, times.connectMs, unnamed, () => connectTarget(account, deps.policy, deps.lookUp)).catch((error: unknown) => { throw networkFault(error, account) })
  const refusals = keepRefusals(account)
  let loggedIn = false
  const client: ImapFlow = new ImapFlow({
    host: target.address, port: account.port, ...(target.servername === '' ? {} : { servername: target.servername }), tls: target.tls,
    secure: account.security === 'tls',
    ...(account.pinned === '' ? {} : { transport: pinnedTransport(account, target) }),
    ...(account.security === 'starttls' ? { doSTARTTLS: true } : account.security === 'none' ? { doSTARTTLS: false } : {}),
    ...(account.login === 'none' ? {} : { auth: loginOf(account, () => client, () => { refuseUnsafeLogin(client, account, target); loggedIn = true }) }),
    clientInfo: { name: 'Mailweave', vendor: 'Mailweave', 'support-url': false },
    logger: refusals.logger, disableCompression: true, disableIMAP4rev2: true,
    connectionTimeout: times.connectMs, greetingTimeout: times.connectMs, socketTimeout: idleRenewMs + times.commandMs,
    maxIdleTime: idleRenewMs, autoIdleDelay: imapIdleAfterMs,
    maxLiteralSize: imapWire.literal, maxResponseSize: imapWire.response, maxLineLength: imapWire.line, maxResponseTokens: imapWire.tokens,
  })
  const session = makeSession({ client, account, clock: deps.clock, ...times, refusal: () => refusals.last(), progress })
  const forget = session.endOn(signal)
  try {
    await session.ask(async () => {
      await client.connect()
      // PREAUTH (RFC 9051 section 7.1.4) logs in as whoever the server likes: not the account that was asked for.
      if (!loggedIn && account.login !== 'none') throw fault('MAIL_PROTOCOL', { host: account.host, reason: 'it logged us in without asking who we are' })
    })
    return session
  } catch (error) {
    client.close()
    throw imapFault(error, account)
  } finally {
    forget()
  }
}

type ImapLogin = NonNullable<ImapFlowOptions['auth']>

/** Getters, because only at the moment of login is it known what the server offers and whether the line is safe. */
function loginOf(account: Account, client: () => ImapFlow, beforeSecret: () => void): ImapLogin {
  const secret = (): string => { beforeSecret(); return account.password }
  if (account.login === 'oauth2') {
    return { user: tokenUser(account), get accessToken() {
      const token = secret()
      const { capabilities } = client()
      // imapflow would say "unsupported mechanism", and with a network's own words nobody knew what to do.
      if (!['AUTH=OAUTHBEARER', 'AUTH=XOAUTH2', 'AUTH=XOAUTH'].some((name) => capabilities.has(name))) throw fault('MAIL_OAUTH_MISSING', { host: account.host })
      return token
    } }
  }
  if (account.mailbox === '') return { user: account.user, get pass() { return secret() } }
  const plain = (): boolean => client().capabilities.has('AUTH=PLAIN')
  return {
    get user() { return plain() ? account.user : loginName(account) },
    get loginMethod() { return plain() ? 'AUTH=PLAIN' : 'LOGIN' },
    get authzid() { return plain() ? account.mailbox : '' },
    get pass() { return secret() },
  }
}

/**
 * imapflow goes on in clear when STARTTLS was offered and then refused, and logs in by AUTHENTICATE where the server
 * announced LOGINDISABLED; both would show the password to the wire (RFC 9051 sections 6.2.1, 6.2.3).
 */
function refuseUnsafeLogin(client: ImapFlow, account: Account, target: ConnectTarget): void {
  if (client.secureConnection) return
  const facts = { host: account.host, port: account.port }
  if (client.capabilities.has('LOGINDISABLED')) throw fault('MAIL_LOGIN_DISABLED', facts)
  if (mayLogInClear(account, target) && (account.security === 'none' || !client.capabilities.has('STARTTLS'))) return
  throw fault('MAIL_STARTTLS_MISSING', facts)
}

/** imapflow opens its own lines, where only OpenSSL's rules count; a pinned certificate needs ours. */
const pinnedTransport = (account: Account, target: ConnectTarget): ImapTransport => {
  const to = { host: target.address, port: account.port }
  return {
    connect: ({ secure }, ready) => (secure ? startTls(account, target, to, ready) : connectTcp(to, ready)),
    upgrade: (socket, _, ready) => startTls(account, target, { socket }, ready),
  }
}

const quiet = (): void => {}

/** imapflow answers `false` for a refusal and gives the server's words to its log alone; they are caught there. */
function keepRefusals(account: Account): { readonly logger: Logger & { isLevelEnabled(level: string): boolean }; last(): string } {
  let said = ''
  const note = (entry: unknown): void => {
    if (typeof entry !== 'object' || entry === null || !('err' in entry)) return
    const { err } = entry
    if (typeof err === 'object' && err !== null && 'responseText' in err && typeof err.responseText === 'string') said = cleanAnswer(withoutSecret(err.responseText, account))
  }
  return {
    logger: { debug: quiet, info: quiet, warn: note, error: note, fatal: quiet, isLevelEnabled: (level) => level === 'warn' || level === 'error' },
    last: () => { const words = said; said = ''; return words },
  }
}

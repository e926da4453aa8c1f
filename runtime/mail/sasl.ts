/** What is said to a server to log in, the same for IMAP, POP3 and SMTP: SASL lines for a password or a token, for one's own mailbox or a shared one. */
import { fault, Fault } from '#shared/errors.ts'
import type { Account } from './mailbox.ts'
import { plainHost } from './trust.ts'

export interface SaslExchange {
  readonly mechanism: 'OAUTHBEARER' | 'XOAUTH2' | 'PLAIN' | 'LOGIN'
  /** In base64. LOGIN answers two challenges; the others have one line, which may ride on the command (RFC 4959, RFC 5034, RFC 4954). */
  readonly lines: readonly string[]
  /** The answer to one challenge more: with it the server says why it refuses, and then the refusal itself comes (RFC 7628 section 3.2.3). */
  readonly breaker: string
}

/** The best of what the server offers (names of mechanisms in capitals); null when none fits. `account.password` is the token with OAuth2. */
export function saslOf(account: Account, offered: readonly string[]): SaslExchange | null {
  const offers = (mechanism: SaslExchange['mechanism']): boolean => offered.includes(mechanism)
  if (account.login === 'oauth2') {
    if (offers('OAUTHBEARER')) return { mechanism: 'OAUTHBEARER', lines: [base64(bearerLine(account))], breaker: 'AQ==' }
    if (offers('XOAUTH2')) return { mechanism: 'XOAUTH2', lines: [base64(xoauth2Line(account))], breaker: '' }
    return null
  }
  const { user, mailbox, password } = account
  if (offers('PLAIN')) return { mechanism: 'PLAIN', lines: [base64(`${mailbox}\0${user}\0${password}`)], breaker: '*' }
  if (offers('LOGIN')) return { mechanism: 'LOGIN', lines: [base64(loginName(account)), base64(password)], breaker: '*' }
  return null
}

/** Where SASL can't name the mailbox apart from the user (LOGIN, USER): Exchange's way, `user\shared`. */
export const loginName = ({ user, mailbox }: Pick<Account, 'user' | 'mailbox'>): string => (mailbox === '' ? user : `${user}\\${mailbox}`)

/** The user a token is shown for: with a shared mailbox its address, while the token says who asks (Exchange Online). */
export const tokenUser = ({ user, mailbox }: Pick<Account, 'user' | 'mailbox'>): string => (mailbox === '' ? user : mailbox)

/**
 * Runs `attempt` with a token as the account's password; a token the server refused is renewed once and tried again.
 * Whatever logs in goes through here; without OAuth2 it is the attempt alone.
 */
export async function withToken<T>(account: Account, attempt: (account: Account) => Promise<T>): Promise<T> {
  if (account.tokens === null) return attempt(account)
  const ready = await withCurrentToken(account)
  try {
    return await attempt(ready)
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'MAIL_TOKEN_REFUSED') throw error
    return attempt({ ...account, password: await account.tokens.renew(ready.password) })
  }
}

const withCurrentToken = async (account: Account): Promise<Account> => (account.tokens === null ? account : { ...account, password: await account.tokens.current() })

/** Sending needs no login where the server wants none; an empty user says so too, as it always has. */
export const logsIn = ({ login, user }: Pick<Account, 'login' | 'user'>): boolean => login === 'oauth2' || (login === 'password' && user !== '')

/** The server did not take the password, or the token: the second is worth another try with a fresh one. */
export const refusedLogin = (account: Account, answer: string, cause?: unknown): Fault =>
  account.login === 'oauth2' ? fault('MAIL_TOKEN_REFUSED', { user: account.user, answer }, '', cause) : fault('MAIL_LOGIN_REFUSED', { host: account.host, answer }, '', cause)

// RFC 7628 section 3.1; "=" and "," delimit the GS2 header (RFC 5801 section 4).
const bearerLine = (account: Account): string =>
  `n,a=${tokenUser(account).replaceAll('=', '=3D').replaceAll(',', '=2C')},\x01host=${plainHost(account.host)}\x01port=${account.port}\x01auth=Bearer ${account.password}\x01\x01`
// developers.google.com/gmail/imap/xoauth2-protocol
const xoauth2Line = (account: Account): string => `user=${tokenUser(account)}\x01auth=Bearer ${account.password}\x01\x01`

const base64 = (text: string): string => Buffer.from(text).toString('base64')

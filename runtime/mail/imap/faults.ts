/** What imapflow throws becomes a fault of the catalogue here and nowhere else; server's words are cut short and cleaned. */
import { type Fault, fault, Fault as FaultError } from '#shared/errors.ts'
import { cleanAnswer } from '../clean-answer.ts'
import type { Account } from '../mailbox.ts'
import { networkFault } from '../network-faults.ts'
import { refusedLogin } from '../sasl.ts'
import { waitsOf } from '../waits.ts'
import { withoutSecret } from '../without-secret.ts'

/** What is read of imapflow's errors; every property may be missing or of another type, so all are read as data. */
interface SeenError {
  readonly code: string
  readonly message: string
  readonly answer: string
  readonly answerCode: string
  readonly refused: boolean
  readonly loginFailed: boolean
  readonly tlsFailed: boolean
  readonly folderMissing: boolean
}

const lost = new Set(['NoConnection', 'EConnectionClosed', 'StateLogout', 'ClosedAfterConnectText', 'ClosedAfterConnectTLS'])
const silent = new Map<string, 'connectMs' | 'answerMs'>([['GREETING_TIMEOUT', 'connectMs'], ['UPGRADE_TIMEOUT', 'connectMs'], ['ETIMEOUT', 'answerMs']])
const overLimit = new Map([
  ['LineTooLarge', 'it sent a line without end'], ['LiteralTooLarge', 'it sent more bytes than were asked for'],
  ['ResponseTooLarge', 'it sent an answer without end'], ['TooManyTokens', 'it sent an answer without end'], ['TooManyResponses', 'it sent an answer without end'],
  ['UnexpectedTag', 'it answered a command that was not given'], ['MissingTag', 'it answered without saying to which command'],
  ['InvalidResponse', 'its answer is not IMAP'], ['STARTTLS_INJECTION', 'it sent data between STARTTLS and TLS'],
])
/** RFC 5530: the login may be right, only not now. */
const passing = new Set(['UNAVAILABLE', 'INUSE', 'LIMIT', 'SERVERBUG', 'OVERQUOTA'])

/** Never throws; a Fault comes back as it is. */
export function imapFault(error: unknown, account: Account, folder = ''): Fault {
  if (error instanceof FaultError) return error
  const host = account.host
  const seen = readError(error, account)
  if (seen.folderMissing) return fault('MAIL_FOLDER_MISSING', { folder }, folder, error)
  if (seen.loginFailed) return loginFault(seen, account, error)
  if (seen.tlsFailed && /does not support STARTTLS|STARTTLS is not possible/.test(seen.message)) return fault('MAIL_STARTTLS_MISSING', { host, port: account.port }, '', error)
  const reason = overLimit.get(seen.code) ?? (seen.code.startsWith('ParserError') || seen.code === 'MAX_IMAP_NESTING_REACHED' ? 'its answer is not IMAP' : undefined)
  if (reason !== undefined) return fault('MAIL_PROTOCOL', { host, reason }, folder, error)
  if (seen.code === 'CONNECT_TIMEOUT') return fault('MAIL_UNREACHABLE', { host, port: account.port }, '', error)
  const waited = silent.get(seen.code)
  if (waited !== undefined) return fault('MAIL_TIMEOUT', { host, seconds: Math.round(waitsOf(account)[waited] / 1000) }, folder, error)
  if (seen.refused || (lost.has(seen.code) && seen.answer !== '')) return fault('MAIL_BUSY', { host, answer: seen.answer }, folder, error)
  if (lost.has(seen.code)) return fault('MAIL_CONNECTION_LOST', { host }, folder, error)
  return networkFault(error, account)
}

function loginFault(seen: SeenError, account: Account, error: unknown): Fault {
  const { host } = account
  if (/login is disabled/i.test(seen.message) || seen.answerCode === 'PRIVACYREQUIRED') return fault('MAIL_LOGIN_DISABLED', { host }, '', error)
  if (passing.has(seen.answerCode)) return fault('MAIL_BUSY', { host, answer: seen.answer }, '', error)
  // A connection that is to log in nowhere, at a server that wants it.
  if (account.login === 'none') return fault('MAIL_LOGIN_WANTED', { host }, '', error)
  return refusedLogin(account, seen.answer === '' ? cleanAnswer(seen.message) : seen.answer, error)
}

function readError(error: unknown, account: Account): SeenError {
  // Any thrown object may be read for properties; each one is checked for its type below.
  const seen = (typeof error === 'object' && error !== null ? error : { message: String(error) }) as Readonly<Record<string, unknown>>
  const text = (key: string): string => { const value = seen[key]; return typeof value === 'string' ? value : '' }
  return {
    code: text('code'), message: withoutSecret(text('message'), account),
    answer: cleanAnswer(withoutSecret(text('responseText') || text('reason'), account)),
    answerCode: text('serverResponseCode').toUpperCase(),
    refused: text('responseStatus') !== '' || text('code') === 'ETHROTTLE',
    loginFailed: seen['authenticationFailed'] === true, tlsFailed: seen['tlsFailed'] === true, folderMissing: seen['mailboxMissing'] === true,
  }
}

/** What a POP3 server says when it refuses becomes a fault of the catalogue: by its response code (RFC 2449, 3206), else by its words. */
import { fault, type Fault } from '#shared/errors.ts'
import { cleanAnswer } from '../clean-answer.ts'
import type { Account } from '../mailbox.ts'
import { refusedLogin } from '../sasl.ts'
import { withoutSecret } from '../without-secret.ts'

/** The first line of an answer. */
export interface Answer {
  readonly ok: boolean
  /** Response code in upper case, without its brackets; '' for none. */
  readonly code: string
  /** The server's words, fit for people. */
  readonly text: string
}

/** Rejects what is no answer of a POP3 server. */
export function readAnswer(line: string, account: Account): Answer {
  const status = /^(\+OK|-ERR)(?: |$)/i.exec(line)
  const text = cleanAnswer(withoutSecret(line, account))
  if (status === null) throw fault('MAIL_PROTOCOL', { host: account.host, reason: text === '' ? 'its answer is not POP3' : `it said "${text.slice(0, 120)}"` })
  const ok = status[1]?.toUpperCase() === '+OK'
  const words = text.slice(4).trim()
  const code = ok ? '' : /^\[([A-Za-z0-9/-]{1,40})\]/.exec(words)?.[1]?.toUpperCase() ?? ''
  return { ok, code, text: words }
}

/** Servers older than the response codes say it in words; "account locked" is none of them. */
const inUseWords = /\b(?:mail ?drop|mail ?box|spool)\b.*\b(?:lock|busy|in use)|\block\w*\b.*\b(?:mail ?drop|mail ?box|spool)\b|\bin use by another\b/i

/** `otherwise` is what an answer without a known code means at this place. */
export function refusalFault({ code, text }: Answer, account: Account, otherwise: 'login' | 'busy', where = ''): Fault {
  const host = account.host
  const answer = text === '' ? 'it gave no reason' : text
  if (code === 'IN-USE' || (code === '' && inUseWords.test(text))) return fault('MAIL_IN_USE', { host, answer }, where)
  if (code === 'LOGIN-DELAY') return fault('MAIL_LOGIN_DELAY', { host, answer }, where)
  if (code === 'SYS/PERM') return fault('MAIL_ACCOUNT_BROKEN', { host, answer }, where)
  if (code === 'AUTH') return refusedLogin(account, answer)
  if (code.startsWith('SYS/') || otherwise === 'busy') return fault('MAIL_BUSY', { host, answer }, where)
  return refusedLogin(account, answer)
}

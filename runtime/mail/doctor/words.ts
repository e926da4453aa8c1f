/** What the connection check says of each step. */
import type { TLSSocket } from 'node:tls'
import type { CheckStep, ConnectionKind } from '#shared/connection.ts'
import { Fault, problemOf, type ErrorCode } from '#shared/errors.ts'
import { cleanAnswer } from '../clean-answer.ts'
import type { Account } from '../mailbox.ts'
import { ServerBusy, type Features } from '../smtp/connect.ts'
import { isStarttls } from './talk.ts'

export function sayFault(error: unknown, account: Account): string {
  if (error instanceof ServerBusy) return `${account.host} turned us away for now: ${error.answer}`
  return problemOf(error).say
}

/** How far a mailbox was opened, by its fault: encryption went well before. */
const folderCodes: ReadonlySet<ErrorCode> = new Set(['MAIL_FOLDER_MISSING', 'MAIL_UID_RESET'])
export const stepOf = (error: unknown): CheckStep => (error instanceof Fault && (folderCodes.has(error.code) || error.where === 'INBOX') ? 'folder' : 'login')

/** `secure` null: nothing is encrypted. */
export function securityInWords(account: Account, secure: TLSSocket | null): string {
  if (secure === null) return `${account.security === 'none' ? 'Nothing' : 'The server offers no STARTTLS, so nothing'} is encrypted: the password and the mails can be read on the way.`
  const version = secure.getProtocol() ?? 'TLS'
  if (account.pinned !== '') return `Encrypted (${version}), and the certificate is the one that is trusted.`
  const until = Date.parse(secure.getPeerCertificate().valid_to)
  const day = Number.isNaN(until) ? '' : ` until ${new Date(until).toISOString().slice(0, 10)}`
  return `Encrypted (${version}), and the certificate is trusted${day}.${account.checkHostName ? '' : ' Its name was not compared.'}`
}

export function offersInWords(kind: ConnectionKind, offers: readonly string[]): string {
  const names = offers.filter((one) => !isStarttls(one))
  if (names.length === 0) return 'The server does not list what it offers.'
  const says = `It offers ${cleanAnswer(names.join(', '))}.`
  if (kind !== 'pop3') return says
  const missing = ['UIDL', 'TOP'].filter((name) => !names.includes(name))
  // Some servers list them only after the login (RFC 2449 section 5).
  return missing.length === 0 ? says : `${says} Not listed before the login: ${missing.join(' and ')}; without ${missing.length === 1 ? 'it' : 'them'} each look has to read whole mails.`
}

/** `asked`: addresses it was asked about as sender and as recipient. */
export function sendInWords({ extensions, maxBytes }: Features, asked: readonly string[]): string {
  const takes = asked.length === 0 ? 'The server is ready to take mails' : `It takes mail from ${asked.join(', ')}`
  const size = maxBytes > 0 ? ` up to ${Math.floor(maxBytes / 1024 / 1024)} MB` : ''
  const missing = [['8BITMIME', 'text beyond ASCII as it is'], ['SMTPUTF8', 'addresses beyond ASCII']].flatMap(([name = '', what = '']) => (extensions.includes(name) ? [] : [what]))
  return `${takes}${size}${missing.length === 0 ? '' : `, but not ${missing.join(' or ')}`}. No mail was sent.`
}

/** From nothing to a logged-in SMTP session, one exported step each, so that sending and the connection check walk the same way. */
import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import SMTPConnection, { type SMTPConnectionCustomAuthContext } from 'nodemailer/lib/smtp-connection'
import { Fault, fault } from '#shared/errors.ts'
import { smtpDataDoneMs, smtpReplyBytes } from '#runtime/limits.ts'
import { mayLogInClear, type ConnectTarget } from '../connect-target.ts'
import type { Account } from '../mailbox.ts'
import { networkFault } from '../network-faults.ts'
import { abortReason } from '../open-line.ts'
import { logsIn, refusedLogin, saslOf } from '../sasl.ts'
import { plainHost, strangerAt } from '../trust.ts'
import { waitsOf } from '../waits.ts'
import { withoutSecret } from '../without-secret.ts'
import { cleanAnswer } from '../clean-answer.ts'
import { lineOf, toldOf } from './insides.ts'

/** The server is there and says "not now": at its greeting, at EHLO or at the login. Nothing was sent. */
export class ServerBusy extends Error {
  readonly answer: string
  /** Said at the greeting, where servers turn away one connection too many. */
  readonly atGreeting: boolean
  constructor(answer: string, atGreeting: boolean) {
    super(answer)
    this.answer = answer
    this.atGreeting = atGreeting
  }
}

/** Greeting, EHLO and STARTTLS as the account asks. Rejects with a Fault or ServerBusy. */
export function greet(account: Account, target: ConnectTarget, socket: Socket, signal: AbortSignal): Promise<SMTPConnection> {
  const secure = account.security === 'tls'
  const connection = new SMTPConnection({
    connection: socket,
    host: plainHost(account.host),
    port: account.port,
    servername: target.servername,
    secure,
    secured: secure,
    // A pinned certificate is compared below, for OpenSSL may know nothing of it.
    tls: account.pinned === '' ? target.tls : { ...target.tls, rejectUnauthorized: false },
    // No opportunisticTLS: with it a refused STARTTLS would go on in clear, password and all.
    requireTLS: account.security === 'starttls',
    ignoreTLS: account.security === 'none',
    // The deadlines are ours (`signal`, and session.ts by the stage); these only must not come first.
    connectionTimeout: 2 * waitsOf(account).answerMs,
    greetingTimeout: 2 * waitsOf(account).answerMs,
    socketTimeout: 2 * smtpDataDoneMs,
    socketCloseTimeout: 0,
    maxResponseSize: smtpReplyBytes,
    customAuth: { [ownLogin]: (context) => exchange({ ...account, password: context.auth.credentials.pass }, context) },
  })
  return new Promise((resolve, reject) => {
    const onAbort = (): void => { end(abortReason(signal)) }
    const end = (error: unknown): void => {
      signal.removeEventListener('abort', onAbort)
      connection.close()
      socket.destroy()
      reject(openFault(error, account))
    }
    // Stays for the session's life: an EventEmitter without an 'error' listener would throw.
    connection.on('error', end)
    signal.addEventListener('abort', onAbort, { once: true })
    connection.connect((error) => {
      const problem = error ?? strangerBehind(connection, account)
      if (problem !== undefined) { end(problem); return }
      signal.removeEventListener('abort', onAbort)
      resolve(connection)
    })
  })
}

/** Rejects with a Fault or ServerBusy. Nothing is said when the account has no user. */
export function logIn(connection: SMTPConnection, account: Account, target: ConnectTarget, signal: AbortSignal): Promise<void> {
  if (!logsIn(account)) return Promise.resolve()
  if (!connection.secure && !mayLogInClear(account, target)) {
    connection.close()
    return Promise.reject(fault('MAIL_STARTTLS_MISSING', { host: account.host, port: account.port }))
  }
  if (!connection.allowsAuth) {
    connection.close()
    const inClear = account.security === 'none' || account.security === 'starttls-if-offered'
    return Promise.reject(inClear ? fault('MAIL_LOGIN_DISABLED') : fault('MAIL_LOGIN_REFUSED', { answer: '(it offers no login on this port)' }))
  }
  return new Promise((resolve, reject) => {
    const onAbort = (): void => { end(abortReason(signal)) }
    const onDrop = (error: unknown): void => { end(error) }
    const forget = (): void => {
      signal.removeEventListener('abort', onAbort)
      connection.off('error', onDrop)
      connection.off('end', onEnd)
    }
    const end = (error: unknown): void => {
      forget()
      connection.close()
      reject(openFault(error, account))
    }
    const onEnd = (): void => { end(fault('MAIL_CONNECTION_LOST', { host: account.host })) }
    signal.addEventListener('abort', onAbort, { once: true })
    // A drop during AUTH reaches only the error event, never login's callback.
    connection.on('error', onDrop)
    // nodemailer knows neither OAUTHBEARER nor a mailbox that is not the user's own.
    const method = account.login === 'oauth2' || account.mailbox !== '' ? { method: ownLogin } : {}
    connection.login({ user: account.user, pass: account.password, ...method }, (error) => {
      if (error !== null) { end(error); return }
      forget()
      resolve()
    })
    connection.on('end', onEnd)
  })
}

/** After STARTTLS the line is nodemailer's own; nothing but EHLO has been said over it yet. */
function strangerBehind(connection: SMTPConnection, account: Account): Fault | undefined {
  const line = lineOf(connection)
  if (line instanceof TLSSocket) return strangerAt(account, line)
  return account.pinned !== '' && connection.secure ? fault('MAIL_CERTIFICATE_CHANGED', { host: account.host, fingerprint: 'not shown' }) : undefined
}

const ownLogin = 'MAILWEAVE'

/** RFC 4954: the first line rides on the command where the mechanism has it ready; each further line answers a 334. */
async function exchange(account: Account, context: SMTPConnectionCustomAuthContext): Promise<void> {
  const { authMethods } = context
  // nodemailer keeps only the names it knows; a server that takes tokens and not XOAUTH2 takes OAUTHBEARER.
  const offered = account.login !== 'oauth2' ? authMethods : authMethods.includes('XOAUTH2') ? ['XOAUTH2'] : ['OAUTHBEARER']
  const sasl = saslOf(account, offered)
  if (sasl === null) throw new Error('no mechanism of ours is offered')
  const [first = '', ...rest] = sasl.mechanism === 'LOGIN' ? ['', ...sasl.lines] : sasl.lines
  let answer = await context.sendCommand(`AUTH ${sasl.mechanism}${first === '' ? '' : ` ${first}`}`)
  for (const line of [...rest, sasl.breaker]) if (answer.status === 334) answer = await context.sendCommand(line)
  if (answer.status !== 235) throw new Error(answer.response)
}

/** What a server said of itself. */
export interface Features { readonly extensions: readonly string[]; readonly maxBytes: number; readonly secure: boolean }
export function featuresOf(connection: SMTPConnection): Features {
  const { extensions, maxBytes } = toldOf(connection)
  return {
    extensions: Array.isArray(extensions) ? extensions.map(String) : [],
    maxBytes: typeof maxBytes === 'number' ? maxBytes : 0,
    secure: connection.secure,
  }
}

interface LibraryError { readonly code?: unknown; readonly originalCode?: unknown; readonly response?: unknown; readonly responseCode?: unknown; readonly command?: unknown }

function openFault(error: unknown, account: Account): Fault | ServerBusy {
  if (error instanceof Fault || error instanceof ServerBusy) return error
  const facts = { host: account.host, port: account.port }
  // nodemailer's errors are plain Errors with these fields (NodemailerError); read as data.
  const { code, originalCode, response, responseCode, command } = error as LibraryError
  const answer = typeof response === 'string' ? cleanAnswer(withoutSecret(response, account)) : ''
  const status = typeof responseCode === 'number' ? responseCode : 0
  if (code === 'EAUTH') return status >= 400 && status < 500 ? new ServerBusy(answer, false) : refusedLogin(account, answer === '' ? '(no password is saved)' : answer, error)
  if (code === 'ETLS' && command === 'STARTTLS' && status >= 500) return fault('MAIL_STARTTLS_MISSING', facts, '', error)
  if (command === 'EHLO' && account.security === 'starttls' && status >= 500) return fault('MAIL_STARTTLS_MISSING', facts, '', error)
  // 5xx here too: what a server says before the first mail is about this moment or this client, not about the mail.
  if (status >= 400 && status < 600) return new ServerBusy(answer, command === 'CONN')
  if (code === 'EPROTOCOL') return fault('MAIL_PROTOCOL', { host: account.host, reason: answer === '' ? 'its reply never ends' : `it said "${answer.slice(0, 120)}"` }, '', error)
  if (code === 'ECONNECTION' && originalCode === undefined) return fault('MAIL_CONNECTION_LOST', facts, '', error)
  return networkFault(error, account)
}

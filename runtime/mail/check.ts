/** The connection check: walks the same steps as real work does and says of each in plain words whether it went well, and why not. */
import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import type SMTPConnection from 'nodemailer/lib/smtp-connection'
import type { CheckLine, ConnectionCheck } from '#shared/connection.ts'
import { Fault, fault, problemOf, type ErrorCode } from '#shared/errors.ts'
import type { Clock } from '../clock.ts'
import { checkMs, greetingQuietMs, smtpQuitMs } from '../limits.ts'
import type { Log } from '../log.ts'
import { connectTarget, type ConnectTarget, type LookUp } from './connect-target.ts'
import type { HostPolicy } from './host-policy.ts'
import type { Account, MailboxAdapter } from './mailbox.ts'
import { openTcp, openTls } from './open-line.ts'
import { logsIn, withCurrentToken } from './sasl.ts'
import { featuresOf, greet, logIn, ServerBusy, type Features } from './smtp/connect.ts'
import { within } from './smtp/session.ts'

export interface CheckDeps {
  readonly policy: HostPolicy
  readonly clock: Clock
  readonly log: Log
  readonly imap: MailboxAdapter
  readonly lookUp?: LookUp
}

type Step = CheckLine['step']
/** Does one step: what it returns is said; a Fault is said as well and ends the walk. */
type Walk = <T>(step: Step, run: () => Promise<T>, say: (result: T) => string) => Promise<T>

/** Never rejects. Sends no mail, changes nothing on the server, and ends within `checkMs`. */
export async function checkConnection(account: Account, deps: CheckDeps): Promise<ConnectionCheck> {
  const startedMs = deps.clock.steadyMs()
  const lines: CheckLine[] = []
  const note = (step: Step, state: CheckLine['state'], say: string): void => { lines.push({ step, state, say }) }
  const walk: Walk = async (step, run, say) => {
    try {
      const result = await run()
      note(step, 'ok', say(result))
      return result
    } catch (error) {
      if (!(error instanceof Stop)) note(step, 'failed', inWords(error, account))
      throw new Stop()
    }
  }
  const late = fault('MAIL_TIMEOUT', { host: account.host, seconds: Math.round(checkMs / 1000) })
  try {
    const steps = account.kind === 'smtp' ? checkSmtp : checkMailbox
    await within(deps, checkMs, late, (signal) => steps(account, deps, walk, note, signal))
  } catch (error) {
    // The deadline may come between two steps; then it is told on the one that was to be next.
    if (!(error instanceof Stop) && lines.every((line) => line.state !== 'failed')) note(nextStep(account, lines), 'failed', inWords(error, account))
  }
  const ok = lines.every((line) => line.state !== 'failed')
  for (const step of stepsOf(account)) if (!lines.some((line) => line.step === step)) note(step, 'skipped', 'Not tried, because of the step above.')
  const ms = Math.round(deps.clock.steadyMs() - startedMs)
  deps.log.info('connection.checked', { connection: account.id, ok, failed: lines.find((line) => line.state === 'failed')?.step ?? '', ms })
  // A copy: a step that was cut off may still be on its way to tell so.
  return { ok, lines: [...lines], ms }
}

/** A step failed and was told. */
class Stop extends Error {}

const loggedIn = ({ user, mailbox }: Account): string => `Logged in as ${user === '' ? 'the server has it' : user}${mailbox === '' ? '' : `, for the mailbox ${mailbox}`}.`

const stepsOf = (account: Account): readonly Step[] => ['host', 'port', 'security', 'login', account.kind === 'smtp' ? 'send' : 'folder']
const nextStep = (account: Account, lines: readonly CheckLine[]): Step => stepsOf(account).find((step) => !lines.some((line) => line.step === step)) ?? 'host'
type Note = (step: Step, state: CheckLine['state'], say: string) => void

async function checkSmtp(account: Account, deps: CheckDeps, walk: Walk, _note: Note, signal: AbortSignal): Promise<void> {
  const { target, socket } = await reach(account, deps, walk, signal)
  try {
    const connection = await walk('security', async () => {
      const line = await secureLine(account, deps, target, socket, signal)
      const greeted = await greet(account, target, line, signal)
      return { greeted, line }
    }, ({ greeted, line }) => lineInWords(account, greeted.secure, line)).then(({ greeted }) => greeted)
    try {
      await walk('login', async () => logIn(connection, await withCurrentToken(account), target, signal), () => (logsIn(account) ? loggedIn(account) : 'This connection is set to log in nowhere, so no login was tried.'))
      await walk('send', () => Promise.resolve(featuresOf(connection)), sendInWords)
      await sayGoodbye(connection, deps.clock)
    } finally {
      connection.close()
    }
  } finally {
    socket.destroy()
  }
}

function sayGoodbye(connection: SMTPConnection, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.after(smtpQuitMs, resolve)
    connection.once('end', () => { cancel(); resolve() })
    connection.quit()
  })
}

async function checkMailbox(account: Account, deps: CheckDeps, walk: Walk, note: Note, signal: AbortSignal): Promise<void> {
  const { target, socket } = await reach(account, deps, walk, signal)
  try {
    if (account.security === 'tls') await walk('security', () => secureLine(account, deps, target, socket, signal), (line) => lineInWords(account, true, line))
    else await hearGreeting(account, deps, target, socket, signal).catch((error: unknown) => walk('security', () => Promise.reject(error), String))
  } finally {
    socket.destroy()
  }
  // Without a token nothing is said to the server; its cause is told for itself.
  await withCurrentToken(account).catch((error: unknown) => walk('login', () => Promise.reject(error), String))
  // The adapter walks greeting, STARTTLS, login and SELECT in one go; its fault tells how far it came.
  // With starttls-if-offered the adapter does not say which it was.
  const starttls = account.security === 'starttls' ? true : account.security === 'none' ? false : null
  const told = new Set<Step>(account.security === 'tls' ? ['security'] : [])
  const tell = (step: Step, say: string): void => { if (!told.has(step)) { told.add(step); note(step, 'ok', say) } }
  try {
    const mailbox = await deps.imap.open(account, 'INBOX', signal)
    try {
      const { total, waiting } = await mailbox.peek(1)
      tell('security', lineInWords(account, starttls, null))
      tell('login', loggedIn(account))
      tell('folder', `INBOX can be read: ${count(total, 'mail')}, ${waiting} unread.`)
    } finally {
      await mailbox.close()
    }
  } catch (error) {
    const step = stepOfFault(error)
    if (step !== 'security') tell('security', lineInWords(account, starttls, null))
    if (step === 'folder') tell('login', loggedIn(account))
    note(told.has(step) ? 'login' : step, 'failed', inWords(error, account))
    throw new Stop()
  }
}

async function reach(account: Account, deps: CheckDeps, walk: Walk, signal: AbortSignal): Promise<{ readonly target: ConnectTarget; readonly socket: Socket }> {
  const target = await walk('host', () => connectTarget(account, deps.policy, deps.lookUp), ({ address, servername }) => (servername === '' ? `${address} is an address and may be used.` : `${servername} is ${address}.`))
  const socket = await walk('port', () => openTcp(account, target, signal), () => `Something listens on port ${account.port}.`)
  return { target, socket }
}

/** TLS where it is spoken from the start, else the server's greeting in clear. */
async function secureLine(account: Account, deps: CheckDeps, target: ConnectTarget, socket: Socket, signal: AbortSignal): Promise<Socket> {
  if (account.security === 'tls') return openTls(account, target, socket, signal)
  await hearGreeting(account, deps, target, socket, signal)
  return socket
}

/** A server that says nothing on a plain line may be waiting for TLS: asked for it on a second line, and told apart. */
async function hearGreeting(account: Account, deps: CheckDeps, target: ConnectTarget, socket: Socket, signal: AbortSignal): Promise<void> {
  const heard = new Promise<void>((resolve, reject) => {
    // Looked at, not taken: the one who talks with the server reads it.
    socket.once('readable', () => {
      if (socket.readableLength > 0) resolve()
      else reject(fault('MAIL_CONNECTION_LOST', { host: account.host }))
    })
    socket.once('error', reject)
    signal.addEventListener('abort', () => { reject(abortFault(signal, account)) }, { once: true })
  })
  const quiet = Promise.withResolvers<void>()
  const cancel = deps.clock.after(greetingQuietMs, () => {
    speaksTls(account, target, signal).then((speaks) => { if (speaks) quiet.reject(fault('MAIL_TLS_FROM_START', { host: account.host, port: account.port })) }, () => {})
  })
  try {
    await Promise.race([heard, quiet.promise])
  } finally {
    cancel()
  }
}

/** Only whether a handshake gets as far as a certificate; whose it is does not matter, and nothing is said over it. */
async function speaksTls(account: Account, target: ConnectTarget, signal: AbortSignal): Promise<boolean> {
  const socket = await openTcp(account, target, signal)
  try {
    await openTls(account, target, socket, signal)
    return true
  } catch (error) {
    return error instanceof Fault && error.code.startsWith('MAIL_CERTIFICATE')
  } finally {
    socket.destroy()
  }
}

const abortFault = (signal: AbortSignal, account: Account): unknown => (signal.reason instanceof Error ? signal.reason : fault('MAIL_CONNECTION_LOST', { host: account.host }))

const stepsByCode: Partial<Record<ErrorCode, Step>> = {
  MAIL_TOKEN_REFUSED: 'login', MAIL_OAUTH_MISSING: 'login', MAIL_LOGIN_WANTED: 'login', MAIL_LOGIN_REFUSED: 'login', MAIL_LOGIN_DISABLED: 'login', MAIL_FOLDER_MISSING: 'folder', MAIL_UID_RESET: 'folder',
}
const stepOfFault = (error: unknown): Step => (error instanceof Fault ? stepsByCode[error.code] ?? (error.where === 'INBOX' ? 'folder' : 'security') : 'security')

/** `secure` null: not known. */
function lineInWords(account: Account, secure: boolean | null, line: Socket | null): string {
  if (secure === null) return 'Encrypted if the server offers STARTTLS, else not; choose STARTTLS to be sure.'
  if (!secure) return account.security === 'none' ? 'Nothing is encrypted: the password and the mails can be read on the way.' : 'The server offers no STARTTLS, so nothing is encrypted: the password and the mails can be read on the way.'
  if (!(line instanceof TLSSocket)) return 'Encrypted by STARTTLS, and the certificate is trusted.'
  const until = Date.parse(line.getPeerCertificate().valid_to)
  return `Encrypted (${line.getProtocol() ?? 'TLS'}), and the certificate is trusted${Number.isNaN(until) ? '' : ` until ${new Date(until).toISOString().slice(0, 10)}`}.`
}

function sendInWords({ extensions, maxBytes }: Features): string {
  const most = maxBytes > 0 ? ` up to ${Math.floor(maxBytes / 1024 / 1024)} MB` : ''
  const names = extensions.length > 0 ? ` It offers ${extensions.join(', ')}.` : ''
  return `The server is ready to take mails${most}.${names} No mail was sent.`
}

function inWords(error: unknown, account: Account): string {
  if (error instanceof ServerBusy) return `${account.host} turned us away for now: ${error.answer}`
  return problemOf(error).say
}

const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`

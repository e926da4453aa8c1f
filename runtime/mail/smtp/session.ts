/** One logged-in SMTP session: hands one mail after another over and knows at each moment whether the final dot may be out. */
import { isAscii } from 'node:buffer'
import type { Socket } from 'node:net'
import type SMTPConnection from 'nodemailer/lib/smtp-connection'
import type { SMTPConnectionEnvelope, SMTPConnectionSendInfo } from 'nodemailer/lib/smtp-connection'
import type { Clock } from '#runtime/clock.ts'
import { at } from '#runtime/faults.ts'
import { smtpCommandMs, smtpDataDoneMs, smtpLeastBytesPerSecond, smtpQuitMs } from '#runtime/limits.ts'
import { sizeOfRaw, type Raw } from '#runtime/raw.ts'
import { fault } from '#shared/errors.ts'
import { connectTarget, type LookUp } from '../connect-target.ts'
import type { HostPolicy } from '../host-policy.ts'
import type { Account } from '../mailbox.ts'
import { bodyOf } from './body.ts'
import { openSocket } from '../open-line.ts'
import { waitsOf } from '../waits.ts'
import { within } from '../within.ts'
import { featuresOf, greet, logIn, type Features } from './connect.ts'
import { rehearse } from './rehearse.ts'
import { isHeadAscii, withSmtpUtf8 } from './head-letters.ts'
import type { Envelope, ReportWish } from './sender.ts'

/** How far a mail got: `body` after the server's 354, `data-sent` once nothing holds the final dot back. */
export type Reached = 'envelope' | 'body' | 'data-sent'

/** What one hand-over came to, before it is judged for each recipient. */
export interface Attempt {
  readonly reached: Reached
  /** The server's last words when it accepted. */
  readonly accepted: string | null
  /** What went wrong otherwise. */
  readonly error: SendError | null
  /** Refusals of single recipients, known even when the mail itself went on. */
  readonly rejected: readonly SendError[]
}
/** nodemailer's NodemailerError as far as it is used, or our own deadline. */
export interface SendError {
  readonly message: string
  readonly code?: string | undefined
  readonly response?: string | undefined
  readonly responseCode?: number | undefined
  readonly command?: string | undefined
  readonly recipient?: string | undefined
}

export interface Session {
  readonly features: Features
  /** Mails handed over so far. */
  mails(): number
  alive(): boolean
  /** `signature`: header fields that go before the mail; empty for none. */
  send(envelope: Envelope, raw: Raw, signature: Buffer): Promise<Attempt>
  /** Ready for the next mail after a failed one; false: the session is of no more use and was closed. */
  reset(): Promise<boolean>
  /** Whether the server would take a mail from here to there; see rehearse.ts. */
  rehearse(from: string, to: string): Promise<void>
  /** QUIT, waited for briefly. Resolves when the socket is gone. */
  quit(): Promise<void>
  /** Cuts the line. */
  kill(): void
  /** Called once when the session ends, whoever ended it. */
  onEnd(listener: () => void): void
}

export interface SessionDeps {
  readonly policy: HostPolicy
  readonly clock: Clock
  readonly lookUp?: LookUp
  /** Calls an opening off; its reason is a Fault. */
  readonly signal?: AbortSignal
}

/** Rejects with a Fault (host, TLS, login) or ServerBusy; in both cases nothing was sent. */
export async function openSession(account: Account, deps: SessionDeps): Promise<Session> {
  const { connectMs, answerMs } = waitsOf(account)
  const timeOut = (ms: number) => fault('MAIL_TIMEOUT', { host: account.host, seconds: Math.round(ms / 1000) })
  const unreachable = fault('MAIL_UNREACHABLE', { host: account.host, port: account.port })
  const target = await within(deps, connectMs, timeOut(connectMs), () => connectTarget(account, deps.policy, deps.lookUp))
  const socket = await within(deps, connectMs, unreachable, (signal) => openSocket(account, target, signal))
  const connection = await within(deps, answerMs, timeOut(answerMs), async (signal) => {
    const greeted = await greet(account, target, socket, signal)
    await logIn(greeted, account, target, signal)
    return greeted
  })
  at('smtp-connected')
  return makeSession(connection, account, account.security === 'none' || account.security === 'tls' ? socket : null, deps.clock)
}

/** `socket`: the one that is written to, where it is ours; after STARTTLS nodemailer has its own. */
function makeSession(connection: SMTPConnection, account: Account, socket: Socket | null, clock: Clock): Session {
  const features = featuresOf(connection)
  const ended = Promise.withResolvers<void>()
  const listeners: (() => void)[] = []
  let alive = true
  let mails = 0
  let lose = nothing
  connection.once('end', () => {
    alive = false
    ended.resolve()
    // Whoever closes the connection takes the mail's callback away with it; the library's own word, if any, comes first.
    setImmediate(() => { lose() })
    for (const listener of listeners) listener()
  })
  return {
    features,
    mails: () => mails,
    alive: () => alive,
    send(envelope, raw, signature) {
      mails += 1
      return handOver(connection, socket, clock, envelope, raw, signature, (call) => { lose = call })
    },
    reset: () => reset(connection, clock),
    rehearse: (from, to) => rehearse(connection, account, from, to),
    quit() {
      if (!alive) return ended.promise
      const cancel = clock.after(smtpQuitMs, () => { connection.close() })
      connection.quit()
      return ended.promise.finally(cancel)
    },
    kill: () => { connection.close() },
    onEnd(listener) {
      if (alive) listeners.push(listener)
      else listener()
    },
  }
}

/**
 * One mail, with a deadline per stage. Settles at the first of answer, loss or deadline, and from any of the last two the
 * line is cut, so that no late dot can follow a mail already called "not sent".
 */
function handOver(connection: SMTPConnection, socket: Socket | null, clock: Clock, envelope: Envelope, raw: Raw, signature: Buffer, onLoss: (call: () => void) => void): Promise<Attempt> {
  const size = signature.length + sizeOfRaw(raw)
  const sending: SMTPConnectionEnvelope = {
    from: envelope.from, to: [...envelope.to], size, use8BitMime: raw.kind === 'file' || !isAscii(raw.bytes),
    ...dsnOf(envelope.reports), rcptQueue: [], rejected: [], rejectedErrors: [], accepted: [],
  }
  return new Promise((resolve) => {
    let reached: Reached = 'envelope'
    let settled = false
    let cancel = nothing
    const settle = (error: SendError | null, info: SMTPConnectionSendInfo | null): void => {
      if (settled) return
      settled = true
      cancel()
      if (reached === 'data-sent' && (info !== null || error?.response !== undefined)) at('after-smtp-answer')
      // An answer before the end of the body leaves the session in the middle of DATA.
      else if (reached === 'body') connection.close()
      resolve({ reached, accepted: info?.response ?? null, error, rejected: sending.rejectedErrors })
    }
    onLoss(() => { settle({ message: 'closed', code: 'ECONNECTION' }, null) })
    const waitAtMost = (ms: number): void => {
      cancel()
      cancel = clock.after(ms, () => {
        settle({ message: 'deadline', code: 'ETIMEDOUT' }, null)
        connection.close()
      })
    }
    const body = bodyOf(raw, signature, {
      began() {
        at('smtp-data')
        reached = 'body'
        // A small body and its dot leave in one write; larger ones must flow, or the socket would wait for itself.
        if (size <= corkBytes) socket?.cork()
        waitAtMost(smtpCommandMs + (size / smtpLeastBytesPerSecond) * 1000)
      },
      ended() {
        at('smtp-body')
        reached = 'data-sent'
        waitAtMost(smtpDataDoneMs)
        // By then the streams behind have written the dot.
        setImmediate(() => {
          if (size <= corkBytes) socket?.uncork()
          at('smtp-data-sent')
        })
      },
    })
    at('smtp-mail')
    waitAtMost(smtpCommandMs)
    const send = (): void => { connection.send(sending, body, (error, info) => { settle(error, error === null ? info : null) }) }
    if (isHeadAscii(raw)) send()
    else withSmtpUtf8(connection, send)
    // The envelope is on its way: with PIPELINING up to DATA, else its first command.
    at('smtp-rcpt')
  })
}

/** Goes out where the server offers DSN; nodemailer writes it in xtext (RFC 3461 section 4). */
const dsnOf = (wish: ReportWish | undefined): Pick<SMTPConnectionEnvelope, 'dsn'> => (wish === undefined ? {} : {
  dsn: { envid: wish.envelopeId, ...(wish.notify.length > 0 ? { notify: [...wish.notify] } : {}), ...(wish.returned === 'usual' ? {} : { ret: wish.returned }) },
})

const nothing = (): void => {}
/** Below the least high-water mark of the streams a body goes through. */
const corkBytes = 16 * 1024

function reset(connection: SMTPConnection, clock: Clock): Promise<boolean> {
  return new Promise((resolve) => {
    const done = (ready: boolean): void => {
      cancel()
      connection.off('end', onEnd)
      if (!ready) connection.close()
      resolve(ready)
    }
    const onEnd = (): void => { done(false) }
    const cancel = clock.after(smtpQuitMs, onEnd)
    connection.once('end', onEnd)
    connection.reset((error) => { done(error === null) })
  })
}

/** What one hand-over means for each recipient: certain where the server or the stage makes it certain, `unknown` everywhere else. */
import { fault, sayError, type Fault } from '#shared/errors.ts'
import type { Account } from '../mailbox.ts'
import { withoutSecret } from '../without-secret.ts'
import { cleanAnswer } from '../clean-answer.ts'
import type { Delivery, Envelope, RecipientOutcome, SmtpStage } from './sender.ts'
import type { Attempt, SendError } from './session.ts'

/** A Fault instead of a delivery when the server turned the whole session down for want of a login. */
export function judge(envelope: Envelope, attempt: Attempt, account: Account): Delivery | Fault {
  const { error, reached } = attempt
  const login = reached === 'envelope' && error !== null ? loginWanted(error, account) : null
  if (login !== null) return login
  // With PIPELINING the RCPTs behind a refused MAIL are refused as well (503); the word that counts is MAIL's.
  const senderRefused = reached === 'envelope' && error?.command === 'MAIL FROM'
  const rejected = new Map(senderRefused ? [] : attempt.rejected.map((one) => [one.recipient ?? '', one]))
  const recipients = envelope.to.map((address): RecipientOutcome => {
    const own = rejected.get(address)
    if (own !== undefined) return { address, ...byAnswer(own, false, account) }
    if (error === null) return { address, state: 'sent', answer: cleanAnswer(withoutSecret(attempt.accepted ?? '', account)) }
    return { address, ...byAnswer(error, reached === 'data-sent', account) }
  })
  return { recipients, stage: stageOf(attempt), ...(isTrouble(error) ? { trouble: true } : {}) }
}

/** What the library refused by itself, and bytes of ours that could not be read, are no fault of the server's. */
const ownErrors: ReadonlySet<string> = new Set(['EMESSAGE', 'EENVELOPE', 'ESTREAM'])
const isTrouble = (error: SendError | null): boolean =>
  error !== null && (error.responseCode === 421 || (error.response === undefined && !ownErrors.has(error.code ?? '')))

/** All recipients deferred with the same words; nothing was sent. */
export const deferAll = (envelope: Envelope, answer: string, stage: SmtpStage): Delivery =>
  ({ recipients: envelope.to.map((address) => ({ address, state: 'deferred', answer: cleanAnswer(answer) })), stage })

/** `dotMayBeOut`: without a final answer nobody knows; before that, no answer means certainly not sent. */
function byAnswer(error: SendError, dotMayBeOut: boolean, account: Account): { readonly state: 'deferred' | 'refused' | 'unknown'; readonly answer: string } {
  const answer = cleanAnswer(withoutSecret(error.response ?? '', account))
  const status = error.responseCode ?? 0
  // 503 is about the session being out of step, not about this mail (RFC 5321 section 4.2.4).
  if (status >= 500 && status < 600 && status !== 503) return { state: 'refused', answer }
  if (status >= 400 && status < 600) return { state: 'deferred', answer }
  // nodemailer's own check against the SIZE the server announced; nothing was said yet.
  if (error.code === 'EMESSAGE' && error.response === undefined) return { state: 'refused', answer: `5.3.4 ${error.message}` }
  // An address that cannot stand in an SMTP command; it never left.
  if (error.code === 'EENVELOPE' && error.response === undefined) return { state: 'refused', answer: `5.1.3 ${cleanAnswer(error.message)}` }
  if (dotMayBeOut) return { state: 'unknown', answer: answer === '' ? sayError('SEND_UNKNOWN') : answer }
  return { state: 'deferred', answer: answer === '' ? lossInWords(error, account) : answer }
}

function lossInWords(error: SendError, account: Account): string {
  if (error.code === 'ESTREAM') return `The stored mail could not be read: ${error.message}`
  if (error.code === 'ETIMEDOUT') return `${account.host} did not answer in time.`
  return sayError('MAIL_CONNECTION_LOST', { host: account.host })
}

/** 530, 534, 535 and 538 (RFC 4954 section 6) at MAIL: the account's settings are wrong, no mail is. */
function loginWanted(error: SendError, account: Account): Fault | null {
  const status = error.responseCode ?? 0
  if (error.command !== 'MAIL FROM' || ![530, 534, 535, 538].includes(status)) return null
  return fault('MAIL_LOGIN_REFUSED', { answer: cleanAnswer(withoutSecret(error.response ?? '', account)) })
}

function stageOf(attempt: Attempt): SmtpStage {
  if (attempt.accepted !== null) return 'answered'
  if (attempt.reached === 'data-sent') return attempt.error?.response === undefined ? 'data-sent' : 'answered'
  if (attempt.reached === 'body') return 'body'
  switch (attempt.error?.command) {
    case 'RCPT TO': return 'rcpt'
    case 'DATA': return 'data'
    default: return 'mail'
  }
}

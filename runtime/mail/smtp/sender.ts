/** What the engine needs of SMTP: hand over bytes, learn for each recipient what certainly happened, or that nobody knows. */
import type { Limits } from '#shared/sending/pace.ts'
import type { Raw } from '#runtime/raw.ts'
import type { ReportRequest } from '#shared/sending/reports.ts'

/** Delivery reports that are wished for, and the name by which they speak of the mail: ASCII, at most 100 characters (RFC 3461 section 4.4). */
export interface ReportWish extends ReportRequest { readonly envelopeId: string }

export interface Envelope {
  /** '' for nobody: bounces go nowhere. */
  readonly from: string
  readonly to: readonly string[]
  readonly reports?: ReportWish
}

/**
 * How far the session got (RFC 5321): nothing before `data-sent` can have delivered the mail.
 * `data-sent`: the final dot may be out and no answer was seen, so the outcome is unknown.
 */
export type SmtpStage = 'connect' | 'greeting' | 'ehlo' | 'starttls' | 'auth' | 'mail' | 'rcpt' | 'data' | 'body' | 'data-sent' | 'answered'

export type RecipientOutcome =
  | { readonly address: string; readonly state: 'sent'; readonly answer: string }
  | { readonly address: string; readonly state: 'deferred'; readonly answer: string }
  | { readonly address: string; readonly state: 'refused'; readonly answer: string }
  | { readonly address: string; readonly state: 'unknown'; readonly answer: string }

export interface Delivery {
  readonly recipients: readonly RecipientOutcome[]
  readonly stage: SmtpStage
  /** The server itself is in trouble: it fell silent, broke off or took its leave (421). */
  readonly trouble?: true
  /** Reports were wished for, and this server does not know them. */
  readonly noReports?: boolean
}

/** A pool of at most `maxConnections` sessions to one server. */
export interface Sender {
  /** How many mails the account may send. */
  readonly limits: Limits
  /** Sessions that could take a mail at once. */
  free(): number
  /**
   * One attempt, never repeated inside. Resolves for every outcome the server gave or withheld; rejects with a Fault
   * only when the mail certainly was not sent and the cause is the connection itself (host, TLS, login).
   */
  deliver(envelope: Envelope, raw: Raw): Promise<Delivery>
  /** Takes no more mails; those on the wire have `withinMs` for their answers (as long as a shutdown takes, if not said) and are cut then. */
  close(withinMs?: number): Promise<void>
}

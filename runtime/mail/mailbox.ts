/**
 * The one interface of IMAP and POP3: what the scheduler needs of a mailbox, nothing of flows or store. An open
 * mailbox is one connection on one folder; every call may reject with a Fault of the catalogue.
 */
import type { FolderView, MessagePeek } from '#shared/api.ts'
import type { ConnectionKind, LineSettings, Security } from '#shared/connection.ts'
import type { Login } from '#shared/oauth.ts'
import type { MailChange, MailHead } from '#shared/mailbox-action.ts'
import type { MailQuery } from '#shared/mail-search.ts'
import type { After } from '#shared/nodes/receive-email.ts'
import type { Limits } from '#shared/sending/pace.ts'
import type { Fingerprint, PassedMail } from '../fingerprint.ts'
import type { Raw, Spool } from '../raw.ts'
import type { DkimSigner } from './dkim/key.ts'

/** Where an account's OAuth2 tokens come from; both may reject with a Fault. */
export interface TokenSource {
  /** One that is good for some minutes more. */
  readonly current: () => Promise<string>
  /** Another one than `refused`, which the server did not take. */
  readonly renew: (refused: string) => Promise<string>
}

/** A connection with its password opened, for the adapters only; never logged, never stored. */
export interface Account extends LineSettings {
  readonly id: string
  readonly kind: ConnectionKind
  readonly host: string
  readonly port: number
  readonly security: Security
  readonly login: Login
  readonly user: string
  /** Of a shared mailbox the user may open; '' for the user's own. */
  readonly mailbox: string
  /** With `oauth2` the access token, put there by `withToken`. */
  readonly password: string
  /** With `oauth2`, else null. */
  readonly tokens: TokenSource | null
  readonly certificate: string
  readonly trustedServers: readonly string[]
  readonly maxConnections: number
  /** SMTP: signs what is sent; null where nothing is signed. */
  readonly dkim: DkimSigner | null
  /** SMTP: mails over one connection, and how many may leave. */
  readonly mailsPerConnection: number
  readonly limits: Limits
}

/**
 * What names a mail in its mailbox, for ever: the IMAP UID in decimal, the POP3 UIDL as the server wrote it, or
 * `sha256:<hex>` of its bytes where a POP3 server gives it no UIDL (or only its message number, which is none). Only the
 * adapter reads it; everybody else compares. No two mails of one answer share one.
 */
export type Uid = string

export interface LookFilter {
  readonly unseenOnly: boolean
  /** Mails before this one are nobody's business; '' for none. From `baseline` alone. */
  readonly firstUid: Uid
  /** Mails up to this one, in the order of `look`, are done with; '' for none. A protocol without order takes no notice and answers them again. */
  readonly cursor: Uid
  /** Only mails received on or after this day (ISO), '' for all. */
  readonly since: string
  /** What a mail must have besides. */
  readonly search?: MailQuery
}

/** Stands for all that matched at one look of this open mailbox; only its adapter reads it, and another one takes it for none. */
export type LookMark = object
export interface LookedOn {
  readonly uids: readonly Uid[]
  /** To look on from, once each of these mails is judged. */
  readonly mark: LookMark
  /** All that match are named. */
  readonly whole: boolean
}

export interface Fetched {
  readonly uid: Uid
  readonly flags: readonly string[]
  readonly receivedAt: string | null
  /** Bytes as they lie on the server; large ones streamed into a scratch file of `Spool`. */
  readonly raw: Raw
  readonly sha256: string
}
/** A mail that was not fetched: it is larger than the limit, or the server failed on it alone. */
export interface NotFetched { readonly uid: Uid; readonly size: number; readonly code: 'MAIL_TOO_LARGE' | 'MAIL_PROTOCOL' | 'MAIL_GONE'; readonly reason: string }

export interface Baseline { readonly firstUid: Uid; readonly passed: readonly PassedMail[] }

export interface FoundPage { readonly limit: number; readonly newestFirst: boolean }
export interface Found { readonly count: number; readonly mails: readonly MailHead[] }

export interface OpenMailbox {
  /** '' where the protocol has none. */
  readonly uidValidity: string
  /** false: each look is a login of its own (POP3), so looking more often than asked is no kindness. */
  readonly keepsSession: boolean
  /**
   * Where 'from now on' begins, asked of the server each time, for a mailbox stays open for days. IMAP: the UID above
   * every mail that is there, and none to pass over; POP3: no first UID, and every mail that is there to be passed over.
   */
  baseline(): Promise<Baseline>
  /** UIDs that match, oldest first. Never changes a flag. */
  look(filter: LookFilter): Promise<readonly Uid[]>
  /** Where it costs less: as `look`, but mails that already matched at the mark may be left out. Without a mark all are named. */
  lookOn?(filter: LookFilter, mark: LookMark | null): Promise<LookedOn>
  /** Size in bytes as the last `look` or `baseline` was told (POP3 LIST); null where UIDs have an order and each is proof of its mail (IMAP). */
  sizeOf(uid: Uid): number | null
  /** Of the mails that are still there, in any order, without their bytes (IMAP: one header field; POP3: TOP). */
  fingerprints(uids: readonly Uid[]): AsyncIterable<Fingerprint>
  /** In the order asked, at most `chunkBytes` of inline bytes in memory at once; BODY.PEEK only. */
  fetch(uids: readonly Uid[], spool: Spool, limits: { readonly maxMailBytes: number }): AsyncIterable<Fetched | NotFetched>
  /** Does the action for all; idempotent; a mail no longer there is reported as gone, never as an error. */
  settle(uids: readonly Uid[], after: After | MailChange): Promise<{ readonly done: readonly Uid[]; readonly gone: readonly Uid[] }>
  /** UIDs of mails whose Message-ID header is this one. When the server's search finds none, or refuses, the heads of the `newest` so many are read. */
  findMessageId(messageId: string, newest?: number): Promise<readonly Uid[]>
  /** How many match, and the heads of so many of them. Never changes a flag. */
  find(query: MailQuery, page: FoundPage): Promise<Found>
  /** Where mails can be put: puts this one here, marked as read. Its answer may get lost, and the mail lie there all the same. */
  append?(raw: Raw): Promise<void>
  /** Where there are folders: makes one; false when it was there. */
  createFolder?(folder: string): Promise<boolean>
  /** Newest first, headers only. */
  peek(limit: number): Promise<{ readonly messages: readonly MessagePeek[]; readonly total: number; readonly waiting: number }>
  /** Keeps the line alive and tells the server's news; the poll's heartbeat (IMAP NOOP). */
  refresh(): Promise<void>
  /** Waits in IDLE until `interrupt` is called or the server has news, where offered; at once otherwise. */
  onNews(listener: () => void): void
  /** Called once, when the connection ends for whatever reason. */
  onClose(listener: (fault: Error | null) => void): void
  close(): Promise<void>
}

export interface MailboxAdapter {
  /** `progress` is called, as long as the mailbox is open, each time a long answer has got on: the server is slow and not silent. */
  open(account: Account, folder: string, signal: AbortSignal, progress?: () => void): Promise<OpenMailbox>
  folders(account: Account, signal: AbortSignal): Promise<readonly FolderView[]>
}

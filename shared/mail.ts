/** The one mail model of the house: what a flow sees of a mail. The same bytes give the same value on any day, in any time zone. */
import type { ConnectionId } from './ids.ts'

export interface MailAddress {
  /** Display name, encoded words decoded after the address was parsed (RFC 2047 section 6.2); '' when there is none. */
  readonly name: string
  /** addr-spec, domain in lower case and as A-label (RFC 5890). */
  readonly address: string
  readonly domain: string
}

export interface MailHeader {
  /** As written by the sender; compare without case (RFC 5322 section 1.2.2). */
  readonly name: string
  readonly value: string
}

export interface MailAttachment {
  /** Safe for any file system, never empty, unique within the mail. */
  readonly name: string
  /** Media type in lower case, without parameters. */
  readonly type: string
  /** Decoded bytes. */
  readonly size: number
  readonly disposition: 'attachment' | 'inline'
  /** Content-ID without angle brackets; '' when there is none. */
  readonly cid: string
  /** Of the decoded bytes, in hex. */
  readonly sha256: string
  /** Names the bytes: `mail:<MailId>/<index>`; only the runtime can open it. */
  readonly ref: string
}

/** Results of the receiving server (RFC 8601); 'none' when it said nothing. */
export interface MailAuth {
  readonly spf: string
  readonly dkim: string
  readonly dmarc: string
  /** Who says so: the receiving server's name (authserv-id); '' when nobody it trusts did. */
  readonly by: string
}

export interface BounceRecipient {
  readonly address: string
  /** failed, delayed, delivered, relayed or expanded; of a complaint its kind, e.g. abuse. */
  readonly action: string
  /** RFC 3463, e.g. 5.1.1; '' when the server gave none. */
  readonly status: string
  /** The server's own words. */
  readonly diagnostic: string
  /** The server that refused it. */
  readonly remote: string
}

/** A report on a mail sent earlier (RFC 3464), or a complaint about one (RFC 5965). */
export interface MailBounce {
  readonly kind: 'failed' | 'delayed' | 'delivered' | 'relayed' | 'expanded' | 'complaint'
  readonly recipients: readonly BounceRecipient[]
  /** Message-ID of the mail it is about. */
  readonly messageId: string
  /** When the reporting server took that mail; ISO time. */
  readonly arrivedAt: string | null
  readonly reporter: string
}

export interface InviteAttendee {
  readonly name: string
  readonly address: string
  /** NEEDS-ACTION, ACCEPTED, DECLINED, TENTATIVE, DELEGATED. */
  readonly status: string
  /** REQ-PARTICIPANT, OPT-PARTICIPANT, CHAIR, NON-PARTICIPANT. */
  readonly role: string
}

/** A calendar event that came with the mail (RFC 5545, RFC 5546). */
export interface MailInvite {
  /** REQUEST, CANCEL, REPLY, PUBLISH …; '' when the calendar says none. */
  readonly method: string
  readonly uid: string
  readonly sequence: number
  readonly summary: string
  readonly description: string
  readonly location: string
  /** ISO in UTC; of a whole day its midnight, of a floating time as if it were UTC. */
  readonly start: string | null
  /** The moment it is over: of whole days the midnight behind the last one. */
  readonly end: string | null
  readonly allDay: boolean
  /** Where the time was written: IANA name, offset or the writer's own name, 'UTC', 'floating' (the reader's own clock), '' for whole days. */
  readonly timeZone: string
  readonly organizer: MailAddress | null
  readonly attendees: readonly InviteAttendee[]
  /** CONFIRMED, TENTATIVE, CANCELLED or ''. */
  readonly status: string
  /** The rule as written, e.g. FREQ=WEEKLY;BYDAY=MO; '' when it happens once. */
  readonly recurrence: string
}

export interface Mail {
  /** Without angle brackets; '' when missing. */
  readonly messageId: string
  readonly inReplyTo: string
  readonly references: readonly string[]
  /** ISO time, null when the Date header is missing or unreadable. */
  readonly date: string | null
  readonly dateRaw: string
  readonly subject: string
  /** The first From address; empty fields when there is none. */
  readonly from: MailAddress
  readonly fromAll: readonly MailAddress[]
  readonly sender: MailAddress | null
  readonly replyTo: readonly MailAddress[]
  readonly to: readonly MailAddress[]
  readonly cc: readonly MailAddress[]
  readonly bcc: readonly MailAddress[]
  readonly text: string
  readonly html: string
  /** True when `text` was made from `html`. */
  readonly textDerived: boolean
  /** The new part of a reply, without quoted text and signature. */
  readonly replyText: string
  readonly quotedText: string
  readonly signature: string
  readonly attachments: readonly MailAttachment[]
  /** All, in order, repeated ones kept. */
  readonly headers: readonly MailHeader[]
  /** Raw bytes as received. */
  readonly size: number
  /** ISO time of the server's INTERNALDATE, null where the protocol has none. */
  readonly receivedAt: string | null
  readonly folder: string
  readonly uid: string
  readonly flags: readonly string[]
  readonly connection: ConnectionId | ''
  readonly auth: MailAuth
  readonly isAutoReply: boolean
  readonly isBounce: boolean
  /** null unless the mail is a bounce or a complaint. */
  readonly bounce: MailBounce | null
  /** null when no calendar event came with the mail. */
  readonly invite: MailInvite | null
  readonly isList: boolean
  /** Two From headers, two addresses in one, or duplicates: the first won. */
  readonly ambiguousSender: boolean
  /** What a limit cut off, e.g. `['parts', 'body']`; empty when the mail is whole. */
  readonly truncated: readonly string[]
}

/** What the mailbox knows of a mail beside its bytes. */
export interface MailFacts {
  readonly connection: ConnectionId | ''
  readonly folder: string
  readonly uid: string
  readonly flags: readonly string[]
  readonly receivedAt: string | null
}

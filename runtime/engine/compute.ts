/**
 * What passes between the engine and the worker that computes a run: everything pure (taking the mail apart, mapping,
 * composing what will be sent) happens there, off the main loop; everything that touches the world stays here.
 */
import type { Problem } from '#shared/errors.ts'
import type { Json, JsonObject } from '#shared/json.ts'
import type { MailFacts } from '#shared/mail.ts'
import type { MailboxRequest } from '#shared/mailbox-action.ts'
import type { CheckedFlow } from '#shared/nodes/index.ts'
import type { RunStart, SentReport } from '#shared/run.ts'
import type { Raw } from '../raw.ts'
import type { StepRecord } from '../store/store.ts'

export interface ComputeJob {
  readonly run: string
  readonly mail: string
  readonly flow: CheckedFlow
  readonly version: number
  /** The trigger that made the run and what it took; left out in a dry run, which begins at the first trigger. */
  readonly start?: { readonly node: string; readonly what: RunStart }
  readonly facts: MailFacts
  readonly raw: Raw
  /** The run's frozen clock (ISO): Date headers and `run.time` come from it, so a second computing gives the same bytes. */
  readonly at: string
  /** Folder for large outgoing mails (blob scratch), the size above which a composed mail becomes a file. */
  readonly spool: { readonly folder: string; readonly inlineLimit: number }
  /** Also return what `try` shows of each outgoing mail. */
  readonly explain: boolean
  /** What mailboxes have answered to this run so far, by node; the pass ends at the first step whose answer is missing. */
  readonly answers?: Readonly<Record<string, Json>>
  /** Bytes of the mails that steps have fetched, by node, where they may be sent on. */
  readonly fetched?: Readonly<Record<string, Raw>>
  /** Users of the connections that the flow works with: an answer to all goes to none of them. */
  readonly ours?: readonly string[]
  /** The body has defeated the worker once: the run goes on with the headers, and `truncated` says so. */
  readonly headersOnly?: boolean
  /** Addresses of the mailbox that the mail came to, where it lay in the folder in which all mail arrives. */
  readonly self?: readonly string[]
}

/** What the blast shield counts of a mail; addresses in lower case. */
export interface Shielded {
  /** Recipients that the flow does not name itself: they come out of mails. */
  readonly strangers: readonly string[]
  /** Recipients who sent the mail that started the run. */
  readonly answered: readonly string[]
  /** Test mode: whom the mail was for. */
  readonly testFor?: readonly string[]
}

/** One mail, composed and ready for the wire. */
export interface ComposedSend {
  readonly node: string
  readonly connection: string
  /** With angle brackets. */
  readonly messageId: string
  readonly envelope: { readonly from: string; readonly to: readonly string[] }
  readonly subject: string
  /** A file is in scratch and not yet kept. */
  readonly raw: Raw
  readonly shielded: Shielded
  /** Only with `explain`. */
  readonly explained?: {
    readonly headers: readonly { readonly name: string; readonly value: string }[]
    readonly text: string
    readonly html: string
    readonly attachments: readonly { readonly name: string; readonly type: string; readonly size: number; readonly sha256: string }[]
  }
}

export interface Computed {
  readonly steps: readonly StepRecord[]
  readonly sends: readonly ComposedSend[]
  readonly mail: { readonly subject: string; readonly from: string; readonly messageId: string }
  readonly problem: Problem | null
  /** With SEND_CAME_BACK: the runs of the flows that the mail says it went through. */
  readonly passed?: readonly string[]
  /** The mail is a bounce or a complaint that names a Message-ID of our shape. */
  readonly report?: SentReport
  /** The step that must ask a mailbox before the run can be computed any further; nothing is sent then. */
  readonly pending?: { readonly node: string; readonly request: MailboxRequest }
  /** Output of each node that ran, for `try`; only with `explain`. */
  readonly outputs?: JsonObject
}

/** Computes runs on a worker thread; a job that exceeds its time ends with a Fault and a fresh worker. */
export interface Computer {
  compute(job: ComputeJob): Promise<Computed>
  /** Takes one mail apart for reading (API, sample, CLI). */
  readMail(raw: Raw, facts: MailFacts): Promise<import('#shared/mail.ts').Mail>
  close(): Promise<void>
}

/** One attachment of a mail; a file of it lies in scratch and is whoever asked's to remove. */
export interface ReadPart { readonly name: string; readonly type: string; readonly raw: Raw }
export interface PartReader {
  /** Takes one attachment out of a mail, by its place in `mail.attachments`; null when there is none. */
  readPart(raw: Raw, index: number, scratch: string): Promise<ReadPart | null>
}

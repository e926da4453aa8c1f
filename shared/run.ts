/** A run is one mail, or one event of a mailbox, through one flow version; its states, and what people see of it. */
import type { Problem } from './errors.ts'
import type { FlowId, MailId, NodeId, RunId, SendId } from './ids.ts'
import type { Json } from './json.ts'
import type { NodeKind } from './flow.ts'

/**
 * queued → running → done | failed, with two stays on the way: `waiting` (a send is put off until the server takes it)
 * and `unknown` (a send may or may not have gone out and a person decides). done → `bounced` when a mail it sent came back.
 */
export const runStates = ['queued', 'running', 'waiting', 'unknown', 'done', 'failed', 'bounced'] as const
export type RunState = (typeof runStates)[number]
export type EndedState = Extract<RunState, 'done' | 'failed' | 'bounced'>
/** Nothing is left to be done in it. */
export const hasEnded = (state: RunState): state is EndedState => state === 'done' || state === 'failed' || state === 'bounced'
/** What began it: a mail, or something that happened to a mailbox (mailbox-event.ts). */
export type RunStart = 'mail' | 'event'
export type StepState = 'done' | 'failed' | 'waiting' | 'unknown' | 'running' | 'skipped' | 'bounced'

/** One recipient of one outbox row. `held`: it goes out only when a person says so. `given-up`: a person ended it. `replaced`: goes on in an edited copy of the row. */
export const recipientStates = ['ready', 'held', 'sending', 'sent', 'deferred', 'refused', 'unknown', 'bounced', 'given-up', 'replaced'] as const
export type RecipientState = (typeof recipientStates)[number]
export interface Recipient {
  readonly address: string
  readonly state: RecipientState
  /** The server's own words, '' while there are none. */
  readonly answer: string
}

export type ReportKind = 'bounced' | 'delayed' | 'delivered' | 'complained'
/** What a mail that came in says of one that was sent (RFC 3464, RFC 5965). */
export interface SentReport {
  /** By the Message-ID; the mail is one of its outbox rows, if there is such a run. */
  readonly run: RunId
  /** With angle brackets. */
  readonly messageId: string
  /** As a whole, for a report that names nobody. */
  readonly kind: ReportKind
  readonly told: readonly { readonly address: string; readonly what: ReportKind; readonly say: string }[]
}

/** What happened to an outbox row, oldest first; shown in the run's history. */
export interface SendEvent {
  readonly at: string
  readonly what: 'sent' | 'deferred' | 'refused' | 'unknown' | 'resent' | 'looked' | 'look-failed' | 'probed' | 'parked' | 'held' | 'approved' | 'discarded' | 'decided' | 'edited' | 'gave-up' | ReportKind
  readonly say: string
  /** Of a report: the run of the mail that brought it. */
  readonly run?: RunId
  /** The person who decided. */
  readonly by?: string
}

export interface RunSummary {
  readonly id: RunId
  readonly flow: FlowId
  readonly flowName: string
  readonly version: number
  readonly state: RunState
  readonly start: RunStart
  /** Of an event: what happened is the subject, and the mailbox it happened to. */
  readonly mail: { readonly id: MailId; readonly subject: string; readonly from: string; readonly connection: string; readonly folder: string; readonly size: number }
  readonly queuedAt: string
  readonly finishedAt: string | null
  /** From queued to finished. */
  readonly durationMs: number | null
  readonly problem: Problem | null
  /** How many sends of this run were made again after an unknown outcome. */
  readonly resent: number
  /** Its connection, or one that its flow uses, is not shared with whoever asks: what is the mail's is left out. */
  readonly hidden?: true
}

export interface StepView {
  readonly node: NodeId
  readonly kind: NodeKind
  readonly name: string
  readonly state: StepState
  readonly startedAt: string | null
  readonly durationMs: number | null
  readonly input: Json
  readonly output: Json
  readonly problem: Problem | null
}

/** The copy of a sent mail in somebody's mailbox. */
export interface SentCopy {
  readonly state: 'waiting' | 'done' | 'failed'
  readonly connection: string
  /** '' while it is not known which folder the server has for sent mail. */
  readonly folder: string
  /** Since when it lies there or was given up; of a waiting one its next try. */
  readonly at: string
  /** Why it does not lie there yet, or never will; '' where nothing went wrong. */
  readonly say: string
}

export interface SendView {
  readonly id: SendId
  readonly run: RunId
  readonly node: NodeId
  readonly flow: FlowId
  /** The flow's version that composed it. */
  readonly version: number
  readonly connection: string
  readonly state: RecipientState
  readonly messageId: string
  readonly from: string
  readonly subject: string
  readonly recipients: readonly Recipient[]
  readonly size: number
  readonly attempts: number
  readonly createdAt: string
  readonly nextAttemptAt: string | null
  readonly history: readonly SendEvent[]
  /** The row of which this is an edited copy. */
  readonly replaces?: SendId
  /** Its bytes are gone, so it can't be sent any more. */
  readonly dropped?: true
  /** null: none was asked for, or the mail is not out yet. */
  readonly copy: SentCopy | null
}

export interface RunDetail extends RunSummary {
  readonly steps: readonly StepView[]
  readonly sends: readonly SendView[]
  /** What happens to the mail on its server: after the run. */
  readonly settle: { readonly state: 'pending' | 'done' | 'gone' | 'failed'; readonly action: string; readonly at: string | null; readonly say: string }
  readonly attempts: number
}

/** What `try` answers: nothing was sent and nothing stored (names fixed by DESIGN section 8). */
export interface TryResult {
  readonly state: 'done' | 'failed'
  readonly outgoing: readonly {
    readonly node: string
    readonly envelope: { readonly from: string; readonly to: readonly string[] }
    readonly headers: readonly { readonly name: string; readonly value: string }[]
    readonly subject: string
    readonly text: string
    readonly html: string
    readonly attachments: readonly { readonly name: string; readonly type: string; readonly size: number; readonly sha256: string }[]
  }[]
  readonly steps: readonly { readonly node: string; readonly state: StepState; readonly input: Json; readonly output: Json; readonly error: Problem | null
    /** What a step would do in a mailbox, or why it was not asked. */
    readonly note?: string
  }[]
}

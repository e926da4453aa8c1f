/** What the ledger keeps and gives back, room by room: flows, triggers, mails and runs, sends, settling, and what people read. */
import type { Problem } from '#shared/errors.ts'
import type { ConnectionId, FlowId, MailId, NodeId, RunId, SendId } from '#shared/ids.ts'
import type { Connection } from '#shared/connection.ts'
import type { MailboxName } from '#shared/events.ts'
import type { MailboxEvent } from '#shared/mailbox-event.ts'
import type { RecipientState, RunStart, RunState, RunSummary, SendEvent, SentReport, StepState } from '#shared/run.ts'
import type { Raw } from '../raw.ts'

/** Trouble of a mailbox, and who was told of it and not yet of its end. */
export interface ToldTrouble extends MailboxName {
  readonly facts: TroubleFacts
  readonly knows: readonly { readonly flow: FlowId; readonly node: NodeId }[]
}
export type TroubleFacts = Pick<MailboxEvent, 'say' | 'code' | 'since' | 'repeats' | 'lastSuccess'>

// --- flows ---------------------------------------------------------------------------------------------------------
export interface FlowVersion {
  readonly flow: FlowId
  readonly version: number
  readonly name: string
  /** The frozen flow file as text. */
  readonly json: string
  readonly deployedAt: string
  readonly running: boolean
}

// --- triggers ------------------------------------------------------------------------------------------------------
/** A receive node of a flow on one mailbox: what it has looked at already. Survives redeploys and restarts. */
export interface TriggerKey { readonly flow: FlowId; readonly node: NodeId; readonly connection: ConnectionId; readonly folder: string }
export interface TriggerState extends TriggerKey {
  /** IMAP UIDVALIDITY at the last look; '' for POP3 and before the first. */
  readonly uidValidity: string
  /** Mails before this one are none of this trigger's business (startFrom); '' when all are. */
  readonly firstUid: string
  /** Only mails received at or after this ISO time, '' when all. */
  readonly since: string
  /** All mails up to this one are in the ledger or were judged, '' when none; only for triggers that do not filter by unseen. */
  readonly cursor: string
  /** The `startFrom` that made this state: another one in a new deploy starts anew. */
  readonly startFrom: string
  /** A UIDVALIDITY that was met and differs from the one above, and the flow version that met it: a newer version goes on from now. */
  readonly resetSeen: string
  readonly resetVersion: number
  /** After a folder was recognised under a new UIDVALIDITY: the one before, and until when fresh mails are compared with it; '' for none. */
  readonly former: string
  readonly formerUntil: string
}

// --- ledger and runs -----------------------------------------------------------------------------------------------
export interface FreshMail {
  readonly uid: string
  /** The server lists it under this name, which was another mail's before. */
  readonly listedAs?: string
  readonly flags: readonly string[]
  readonly receivedAt: string | null
  readonly raw: Raw
  readonly sha256: string
}
export interface IngestBatch extends TriggerKey {
  readonly version: number
  /** `eventValidity` for what happened to a mailbox: there is no mail on a server to be settled. */
  readonly uidValidity: string
  readonly at: string
  readonly mails: readonly FreshMail[]
  /** The trigger's new cursor, moved in the same transaction. */
  readonly cursor: string
  /** Runs begin as `running` (handed straight to the engine) instead of `queued`. */
  readonly claim: boolean
}
/** A mail that is not taken. */
export interface LeftMail extends TriggerKey {
  readonly version: number
  readonly uidValidity: string
  readonly at: string
  readonly uid: string
  /** As the server tells it. */
  readonly size: number
  /** In place of a subject, for nothing of the mail was read. */
  readonly subject: string
  readonly problem: Problem
}
/** A run the engine has in hand, with all that computing it needs. */
export interface ClaimedRun {
  readonly id: RunId
  readonly mail: MailId
  readonly flow: FlowId
  readonly version: number
  readonly trigger: NodeId
  readonly start: RunStart
  readonly connection: ConnectionId
  readonly folder: string
  readonly uid: string
  /** Under which `uid` names the mail; '' for POP3. */
  readonly uidValidity: string
  readonly flags: readonly string[]
  readonly receivedAt: string | null
  /** The run's frozen clock. */
  readonly queuedAt: string
  readonly attempts: number
  readonly raw: Raw
}
export interface StepRecord {
  readonly node: NodeId
  readonly state: StepState
  readonly startedAt: string
  readonly durationMs: number
  /** JSON text; '' when there is none. Inputs are not stored: a step's input is the output of the nodes before it. */
  readonly outputJson: string
  readonly problem: Problem | null
}
export interface NewSend {
  /** Begins with the run's id; unique within the run. */
  readonly id: SendId
  readonly node: NodeId
  readonly connection: ConnectionId
  readonly messageId: string
  readonly from: string
  readonly subject: string
  readonly recipients: readonly string[]
  readonly raw: Raw
  /** Give-up time. */
  readonly giveUpAt: string
  /** Why it must not go out before a person has said yes; left out when it may go. */
  readonly hold?: Problem
  /** Not before this time; left out: at once. */
  readonly dueAt?: string
}
/** What computing a run found, written in one transaction. */
export interface ComputedRun {
  readonly run: RunId
  readonly steps: readonly StepRecord[]
  readonly sends: readonly NewSend[]
  readonly mail: { readonly subject: string; readonly from: string; readonly messageId: string }
  /** done: no send; failed: a step failed; running: sends follow; waiting: they are held. */
  readonly state: Extract<RunState, 'done' | 'failed' | 'running' | 'waiting'>
  readonly problem: Problem | null
  readonly at: string
  /** The mail that began the run tells of one that was sent: that is noted with it. */
  readonly report?: SentReport
}
/** An outbox row the engine has in hand. */
export interface ClaimedSend {
  readonly id: SendId
  readonly run: RunId
  readonly flow: FlowId
  readonly version: number
  readonly node: NodeId
  readonly connection: ConnectionId
  readonly messageId: string
  readonly from: string
  /** Only those still to be tried; accepted ones are never among them. */
  readonly recipients: readonly string[]
  readonly attempts: number
  readonly createdAt: string
  readonly giveUpAt: string
  /** Was `sending` when the process died, or its answer got lost: the flow's onUnknown decides before it is sent again. */
  readonly unknown: boolean
  /** A person let it go: it goes out also while its flow is paused. */
  readonly approved?: true
  /** Since its last attempt: in how many looks for it, where it would lie had it been sent, it was not found. */
  readonly looks: number
  readonly raw: Raw
}
/** The outcome of one attempt; recipients not named keep their state. */
export interface SendOutcome {
  readonly send: SendId
  readonly at: string
  readonly recipients: readonly { readonly address: string; readonly state: RecipientState; readonly answer: string }[]
  readonly event: SendEvent
  /** When to try the deferred ones again; null when nothing is left to try. */
  readonly nextAttemptAt: string | null
  /** A person gave it more time. */
  readonly giveUpAt?: string
  /** It was offered to the server, which counts for its limits. */
  readonly handed?: true
  /** Where a copy is wanted once nothing is left to try and somebody has it; `folder` '' is the server's own for sent mail. */
  readonly copy?: { readonly connection: ConnectionId; readonly folder: string }
}
export type RunEnd = { readonly run: RunId; readonly state: RunState; readonly problem: Problem | null; readonly at: string }

export interface Recovered {
  readonly runs: number
  readonly unknownSends: number
  /** Runs still `running` or `waiting` although none of their sends has anything left to try: the engine ends them. */
  readonly closed: readonly RunId[]
}

/** A finished run whose mail still awaits its action on the server. */
export interface Unsettled {
  readonly run: RunId
  readonly mail: MailId
  /** '' when the server gave the mail's name to another one. */
  readonly uid: string
  readonly uidValidity: string
  readonly flow: FlowId
  readonly version: number
  readonly trigger: NodeId
  readonly state: Extract<RunState, 'done' | 'failed'>
  readonly finishedAt: string
  readonly tries: number
}
export interface Settled {
  readonly run: RunId
  readonly state: 'done' | 'gone' | 'failed' | 'pending'
  readonly action: string
  readonly say: string
  readonly at: string
  /** state pending: not before this time (a later delete, or the next try); `unsettled` leaves it out until then. */
  readonly dueAt?: string
}

/** A flow stopped itself, and why; it lasts until a person starts, stops or deploys it. */
export interface FlowPause { readonly flow: FlowId; readonly at: string; readonly problem: Problem }

/** A person holds a mailbox back; it lasts until somebody resumes it. */
export interface MailboxPause { readonly connection: string; readonly folder: string; readonly at: string; readonly by: string }

// --- reading -------------------------------------------------------------------------------------------------------
export interface RunFilter {
  readonly flow?: FlowId
  readonly state?: RunState
  readonly from?: string
  readonly subject?: string
  readonly messageId?: string
  readonly since?: string
  /** Opaque, from the page before. */
  readonly cursor?: string
  readonly limit: number
}
export interface RunRecord extends RunSummary {
  readonly trigger: NodeId
  readonly uid: string
  readonly uidValidity: string
  readonly flags: readonly string[]
  readonly receivedAt: string | null
  readonly attempts: number
  readonly steps: readonly StepRecord[]
  readonly settle: { readonly state: 'pending' | 'done' | 'gone' | 'failed'; readonly action: string; readonly at: string | null; readonly say: string }
}
export interface FlowCounts {
  readonly today: { readonly done: number; readonly failed: number; readonly open: number }
  readonly hours: readonly number[]
  readonly nodes: Readonly<Record<string, { readonly done: number; readonly failed: number }>>
  readonly lastProblem: { readonly run: string; readonly say: string; readonly at: string } | null
}
/** A connection as stored: its password, and what OAuth2 needs, sealed by connections/secrets.ts. */
export interface StoredConnection extends Omit<Connection, 'hasPassword' | 'hasClientSecret' | 'dkimRecord' | 'sharing'> { readonly sealed: string; readonly sealedOAuth: string; readonly sealedDkim: string }

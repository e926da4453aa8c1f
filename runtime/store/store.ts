/**
 * The ledger's interface: everything that must survive. Each method is one transition of the domain and resolves only
 * when it is durable (SQLite: after the group commit it rode in). Engine, scheduler and API know nothing below this.
 */
import type { Problem } from '#shared/errors.ts'
import type { ConnectionId, FlowId, MailId, NodeId, RunId, SendId } from '#shared/ids.ts'
import type { MailboxCounts } from '#shared/api.ts'
import type { Connection } from '#shared/connection.ts'
import type { MailboxName } from '#shared/events.ts'
import type { MailboxEvent } from '#shared/mailbox-event.ts'
import type { RecipientState, RunStart, RunState, RunSummary, SendEvent, SendView, SentReport, StepState } from '#shared/run.ts'
import type { Fingerprint, PassedMail } from '../fingerprint.ts'
import type { Blobs, Raw } from '../raw.ts'
import type { CopyRoom, Reported } from './after-sending.ts'
import type { DueSends } from './due-sends.ts'
import type { OutboxPages } from './outbox-pages.ts'
import type { PeopleKept } from './people-kept.ts'

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

export interface Store extends OutboxPages, DueSends<ClaimedSend>, PeopleKept, CopyRoom {
  // flows
  /** A new version, running at once; the one before stops being the running one, its runs go on. */
  deployFlow(input: { flow: FlowId; name: string; json: string; at: string }): Promise<FlowVersion>
  setFlowRunning(flow: FlowId, running: boolean, at: string): Promise<void>
  runningFlows(): Promise<readonly FlowVersion[]>
  flowVersions(flow: FlowId): Promise<readonly FlowVersion[]>
  flowVersion(flow: FlowId, version: number): Promise<FlowVersion | null>
  /** `now` bounds today and the last 24 hours; `dayStart` is the person's midnight. */
  flowCounts(flow: FlowId, now: string, dayStart: string): Promise<FlowCounts>

  // connections
  connections(): Promise<readonly StoredConnection[]>
  connection(id: ConnectionId): Promise<StoredConnection | null>
  putConnection(connection: StoredConnection): Promise<void>
  deleteConnection(id: ConnectionId): Promise<void>

  // receiving
  trigger(key: TriggerKey): Promise<TriggerState | null>
  putTrigger(state: TriggerState): Promise<void>
  /** A trigger's first state on a mailbox, and the mails that lay there before and make no run; one transaction. Forgets an earlier start's. */
  beginTrigger(state: TriggerState, passed: readonly PassedMail[]): Promise<void>
  /** Which of these UIDs already made a run for this flow, or were passed over at its start. */
  knownUids(key: TriggerKey, uidValidity: string, uids: readonly string[]): Promise<ReadonlySet<string>>
  /**
   * The UIDVALIDITY by which the ledger knows this folder on this server. Another server's equal number is another name;
   * '' and numbers are as the server gave them as long as the connection stays where it was.
   */
  nameMailbox(connection: ConnectionId, folder: string, server: string, uidValidity: string): Promise<string>
  /** Which mails that ran for this flow under the former UIDVALIDITY lie here; `known`: how many ran. Numbers are the ledger's own. */
  recognise(key: TriggerKey, former: string, uidValidity: string, heads: readonly Fingerprint[]): Promise<{ readonly known: number; readonly bound: readonly (readonly [uid: string, mail: number])[] }>
  /** From now on these mails go by these UIDs too: they are known, and settled by them. */
  bindMails(key: TriggerKey, uidValidity: string, bound: readonly (readonly [uid: string, mail: number])[]): Promise<void>
  /** Size and sha256 of the mail that each of these names stands for; sha256 '' where only the size is known. */
  knownBytes(key: TriggerKey, uidValidity: string, uids: readonly string[]): Promise<ReadonlyMap<string, { readonly size: number; readonly sha256: string }>>
  /** Bytes, ledger rows, runs and cursor in one transaction. Returns the runs it made; a mail already known makes none. */
  ingest(batch: IngestBatch): Promise<readonly ClaimedRun[]>
  /** The mail is known from now on; its run has failed from the start and can't run again, and its server keeps the mail as it is. null when it made a run already. */
  leaveMail(mail: LeftMail): Promise<RunId | null>

  // running
  /** At start: runs the last process had in hand go back to `queued` with one attempt more; rows that were `sending` become `unknown`. */
  recover(at: string): Promise<Recovered>
  /** A new queued run of the same mail, against a version chosen now; its mail is not settled again. */
  replay(run: RunId, version: number, at: string): Promise<RunId>
  /** Oldest queued runs, now `running`; those that were party to `suspectAttempts` crashes come last and one at a time. Empty when none is queued. */
  claimRuns(limit: number): Promise<readonly ClaimedRun[]>
  /** Answers what its report changed. */
  recordComputed(computed: ComputedRun): Promise<Reported | null>
  /** What a mailbox has answered to a step of a run that is not computed to its end yet, or why it has not answered; the run's result takes its place. `fetched`: the bytes of a mail it answered with; a file is kept already. */
  recordAction(run: RunId, step: StepRecord, fetched?: Raw): Promise<void>
  /** The steps so recorded that are done, in their order. */
  actionsOf(run: RunId): Promise<readonly StepRecord[]>
  /** The bytes that came with them, by node; none any more once the run is computed. */
  fetchedOf(run: RunId): Promise<ReadonlyMap<string, Raw>>
  /** A step that waits for its send, done or failed at last. The fields of its output are put to those it has. */
  recordStep(run: RunId, step: StepRecord): Promise<void>
  setRunState(end: RunEnd): Promise<void>
  /** Durable before the first SMTP byte: these rows may from now on be out. */
  markSending(sends: readonly SendId[], at: string): Promise<void>
  recordOutcome(outcome: SendOutcome): Promise<void>
  /** All rows of a run, to tell when it has ended. */
  sendsOfRun(run: RunId): Promise<readonly SendView[]>

  // held mails and paused flows
  /** The flow no longer runs; the first reason stands. */
  pauseFlow(pause: FlowPause): Promise<void>
  flowPauses(): Promise<readonly FlowPause[]>
  /** Oldest first. */
  heldSends(flow: FlowId): Promise<readonly { readonly send: SendId; readonly run: RunId }[]>
  /** How many held mails of a version a person has let go, and whether its next ones need no look any more. */
  approvalsOf(flow: FlowId, version: number): Promise<{ readonly mails: number; readonly trusted: boolean }>
  trustVersion(flow: FlowId, version: number): Promise<void>
  /** The flow's mails put into the outbox since then, and since it was last deployed, started or stopped, and not held: oldest first; of very many the newest `limit`. */
  sentLately(flow: FlowId, since: string, limit: number): Promise<readonly { readonly at: string; readonly recipients: readonly string[] }[]>

  // settling
  /** Named as they are in the folder of this UIDVALIDITY, where they are known there. */
  unsettled(connection: ConnectionId, folder: string, uidValidity: string, now: string, limit: number): Promise<readonly Unsettled[]>
  recordSettled(settled: readonly Settled[]): Promise<void>
  /** Mailboxes that owe a mail its last step, now or once its run has ended; those of deleted connections are past help. */
  unsettledMailboxes(): Promise<readonly MailboxName[]>

  // what people see and say of mailboxes
  pauses(): Promise<readonly MailboxPause[]>
  /** The first pause stands. */
  putPause(pause: MailboxPause): Promise<void>
  dropPause(connection: string, folder: string): Promise<void>
  mailboxCounts(connection: string, folder: string, now: string): Promise<MailboxCounts>

  // what flows were told of mailboxes
  troubles(): Promise<readonly ToldTrouble[]>
  putTrouble(trouble: ToldTrouble): Promise<void>
  dropTrouble(mailbox: MailboxName): Promise<void>
  /** Events that were told in this hour (`yyyy-mm-ddThh`), by the names they were taken in with. */
  eventsOf(hour: string): Promise<readonly (MailboxName & { readonly uid: string })[]>

  // reading
  runs(filter: RunFilter): Promise<{ readonly runs: readonly RunSummary[]; readonly next: string | null }>
  runSummaries(ids: readonly RunId[]): Promise<readonly RunSummary[]>
  run(id: RunId): Promise<RunRecord | null>
  rawOfMail(mail: MailId): Promise<Raw | null>
  /** The newest mail that a flow has run with. */
  lastMailOf(flow: FlowId): Promise<RunId | null>

  // sign-in sessions (token hashes), audit
  putSession(hash: string, expiresAt: string): Promise<void>
  hasSession(hash: string, now: string): Promise<boolean>
  deleteSession(hash: string): Promise<void>
  audit(entry: { readonly at: string; readonly who: string; readonly what: string; readonly subject: string }): Promise<void>

  /**
   * Drops the bytes (raw mails, raw sends, step outputs) of runs that finished before this time, and blobs nobody names.
   * The ledger's rows stay, so that no mail runs twice. Returns the number of runs.
   */
  prune(before: string): Promise<number>

  /** Where large bytes lie; see blobs.ts. */
  readonly blobs: Blobs
  /** Commits what is pending and closes. Nothing may be called after. */
  close(): Promise<void>
}

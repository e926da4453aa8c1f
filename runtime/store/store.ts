/**
 * The ledger's interface: everything that must survive. Each method is one transition of the domain and resolves only
 * when it is durable (SQLite: after the group commit it rode in). Engine, scheduler and API know nothing below this.
 */
import type { ConnectionId, FlowId, MailId, RunId, SendId } from '#shared/ids.ts'
import type { MailboxCounts } from '#shared/api.ts'
import type { MailboxName } from '#shared/events.ts'
import type { RunSummary, SendView } from '#shared/run.ts'
import type { Fingerprint, PassedMail } from '../fingerprint.ts'
import type { Blobs, Raw } from '../raw.ts'
import type { CopyRoom, Reported } from './after-sending.ts'
import type { DueSends } from './due-sends.ts'
import type { OutboxPages } from './outbox-pages.ts'
import type { PeopleKept } from './people-kept.ts'
import type {
  ClaimedRun, ClaimedSend, ComputedRun, FlowCounts, FlowPause, FlowVersion, IngestBatch, LeftMail, MailboxPause, Recovered, RunEnd,
  RunFilter, RunRecord, SendOutcome, Settled, StepRecord, StoredConnection, ToldTrouble, TriggerKey, TriggerState, Unsettled,
} from './records.ts'

export type * from './records.ts'

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

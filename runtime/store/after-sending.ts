/** What the ledger keeps of a mail after it was sent: the reports on it that came in, and its copy in somebody's mailbox. */
import type { ConnectionId, FlowId, NodeId, RunId, SendId } from '#shared/ids.ts'
import type { RunState } from '#shared/run.ts'
import type { Raw } from '../raw.ts'

/** What a report changed. */
export interface Reported {
  readonly run: RunId
  readonly flow: FlowId
  readonly send: SendId
  readonly node: NodeId
  /** Of each recipient the mail newly came back from: the server's words. */
  readonly bounced: readonly string[]
  /** Of the run now; one that has not ended yet learns of it at its end. */
  readonly state: RunState
}
/** A copy of a sent mail that is to be put into its mailbox now. */
export interface DueCopy {
  readonly send: SendId
  readonly messageId: string
  readonly connection: ConnectionId
  readonly folder: string
  /** When it came to be wanted. */
  readonly since: string
  readonly tries: number
  /** null: its bytes are no longer kept. */
  readonly raw: Raw | null
}
/** How a try of a copy went: `say` is the folder it lies in, or why it does not. */
export interface CopyOutcome {
  readonly send: SendId
  readonly state: 'waiting' | 'done' | 'failed'
  readonly say: string
  /** Of a waiting one its next try. */
  readonly dueAt: string
}

/** The store's methods for copies. */
export interface CopyRoom {
  /** The oldest copy due by now of a mailbox that does not rest; null when there is none. */
  dueCopy(now: string, resting: ReadonlySet<ConnectionId>): Promise<DueCopy | null>
  /** When the next copy is due, of those due later than `after`; null when none waits. */
  nextCopyAt(after: string): Promise<string | null>
  recordCopy(outcome: CopyOutcome): Promise<void>
}

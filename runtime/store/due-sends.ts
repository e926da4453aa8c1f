/** What of the ledger's outbox may leave now: by queues, so that flows take turns, and with what left lately, so that limits outlive a restart. */
import type { ConnectionId, FlowId, SendId } from '#shared/ids.ts'

/** Rows of one flow that leave over one connection: what has its turn. */
export interface SendQueue { readonly connection: ConnectionId; readonly flow: FlowId }
/** Mails offered to a server within the minute that begins at `at`, and those it took. */
export interface HandedLately extends SendQueue { readonly at: string; readonly handed: number; readonly sent: number }

/** `Send`: an outbox row as the engine takes it in hand. */
export interface DueSends<Send> {
  /** Queues that have rows due by now, those in hand among them. */
  dueQueues(now: string): Promise<readonly SendQueue[]>
  /** Rows of one queue due by now, oldest first, without changing them. Rows in `skip` are already in hand. */
  dueSends(now: string, queue: SendQueue, limit: number, skip: ReadonlySet<SendId>): Promise<readonly Send[]>
  /** When the next row is due, of those due later than `after` (the `now` of the last look); null when none waits. */
  nextSendAt(after: string): Promise<string | null>
  /** A person wants them sent now: those that wait for their time are due, and are returned. */
  hasten(sends: readonly SendId[], at: string, by?: string): Promise<readonly Send[]>
  /** Mails offered to servers since then, up to a day ago, oldest first. */
  handedLately(since: string): Promise<readonly HandedLately[]>
}

/** The outbox as people find, read and edit it: the part of the ledger's interface behind its page. */
import type { ConnectionId, FlowId, SendId } from '#shared/ids.ts'
import type { RecipientState, SendEvent, SendView } from '#shared/run.ts'
import type { Raw } from '../raw.ts'

export interface OutboxFilter {
  readonly state?: RecipientState
  readonly flow?: FlowId
  readonly connection?: ConnectionId
  /** Part of the subject or of a recipient's address. */
  readonly text?: string
  readonly since?: string
  /** Opaque: the newest row that is asked about, of `countSends`. */
  readonly upTo?: string
}
export interface OutboxAsked extends OutboxFilter {
  /** Opaque, from the page before. */
  readonly cursor?: string
  readonly limit: number
}
/** Rows that are alike in whatever decides who may see them. */
export interface SendGroup {
  readonly flow: FlowId
  readonly version: number
  readonly connection: ConnectionId
  /** Where the run's mail came from. */
  readonly source: ConnectionId
  readonly rows: number
}
/** Recipients of a row who go on in an edited copy of it. */
export interface Replacement {
  readonly old: SendId
  readonly at: string
  /** Stands in the history of both. */
  readonly event: SendEvent
  /** Those of the old row who end there. */
  readonly ended: readonly { readonly address: string; readonly state: Extract<RecipientState, 'replaced' | 'given-up'> }[]
  readonly copy: {
    readonly id: SendId
    readonly connection: ConnectionId
    readonly messageId: string
    readonly subject: string
    readonly recipients: readonly string[]
    readonly giveUpAt: string
    /** null: the very bytes of the old row. */
    readonly raw: Raw | null
  }
}

export interface OutboxPages {
  /** Newest first; a row keeps its place whatever becomes of it, so no page shows one twice. */
  outbox(asked: OutboxAsked): Promise<{ readonly sends: readonly SendView[]; readonly next: string | null; readonly counts: Readonly<Record<string, number>> }>
  countSends(filter: OutboxFilter): Promise<{ readonly groups: readonly SendGroup[]; readonly upTo: string }>
  send(id: SendId): Promise<SendView | null>
  rawOfSend(id: SendId): Promise<Raw | null>
  /** The copy is due at once; both rows are written together. */
  replaceSend(replacement: Replacement): Promise<void>
}

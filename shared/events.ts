/** The one stream of what happens. Live screen, metrics, log and tests subscribe; who emits knows none of them. */
import type { ErrorCode, Problem } from './errors.ts'
import type { FlowId, MailId, NodeId, RunId, SendId } from './ids.ts'
import type { MailboxHealth } from './connection.ts'
import type { EndedState } from './run.ts'

/** Where the run's mail lies; null when the run was taken up after a restart. */
export interface MailboxName { readonly connection: string; readonly folder: string }

export type MailweaveEvent =
  | { readonly type: 'run.queued'; readonly run: RunId; readonly flow: FlowId; readonly mail: MailId }
  | { readonly type: 'run.computed'; readonly run: RunId; readonly flow: FlowId }
  | { readonly type: 'run.waiting'; readonly run: RunId; readonly flow: FlowId }
  | { readonly type: 'run.unknown'; readonly run: RunId; readonly flow: FlowId }
  | { readonly type: 'run.finished'; readonly run: RunId; readonly flow: FlowId; readonly state: EndedState; readonly problem: Problem | null; readonly mailbox: MailboxName | null }
  /** It had ended, and a mail it sent came back. */
  | { readonly type: 'run.bounced'; readonly run: RunId; readonly flow: FlowId }
  | { readonly type: 'send.sent'; readonly send: SendId; readonly run: RunId; readonly node: NodeId }
  | { readonly type: 'send.deferred' | 'send.refused' | 'send.unknown' | 'send.bounced'; readonly send: SendId; readonly run: RunId; readonly node: NodeId; readonly say: string }
  /** A person decided about it, or made an edited copy. */
  | { readonly type: 'send.decided'; readonly send: SendId; readonly run: RunId; readonly node: NodeId }
  /** An outgoing connection is in another state. */
  | { readonly type: 'sender.changed'; readonly connection: string }
  | { readonly type: 'mail.settled'; readonly run: RunId; readonly flow: FlowId }
  | { readonly type: 'mailbox.changed'; readonly connection: string; readonly folder: string; readonly health: MailboxHealth; readonly say: string }
  | { readonly type: 'mailbox.looked'; readonly connection: string; readonly folder: string; readonly fresh: number; readonly ms: number }
  /** A try in vain: `repeats` counts those in a row, `since` is the first of them. */
  | { readonly type: 'mailbox.failed'; readonly connection: string; readonly folder: string; readonly code: ErrorCode; readonly say: string; readonly since: string; readonly repeats: number; readonly lastSuccess: string | null }
  /** No longer watched for a flow, or for anybody. */
  /** `only`: the one flow it is over for; null when nobody reads it any more. */
  | { readonly type: 'mailbox.closed'; readonly connection: string; readonly folder: string; readonly code: 'flow-stopped' | 'paused' | 'program-ends'; readonly say: string; readonly only: FlowId | null; readonly lastSuccess: string | null }
  | { readonly type: 'flow.saved' | 'flow.deleted' | 'flow.stopped'; readonly flow: FlowId }
  | { readonly type: 'flow.deployed'; readonly flow: FlowId; readonly version: number }
  | { readonly type: 'connection.saved' | 'connection.deleted'; readonly connection: string }

export interface EventStream {
  emit(event: MailweaveEvent): void
  /** Returns the way to stop listening. */
  subscribe(listener: (event: MailweaveEvent) => void): () => void
}

export function makeEventStream(): EventStream {
  const listeners = new Set<(event: MailweaveEvent) => void>()
  return {
    emit: (event) => { for (const listener of listeners) listener(event) },
    subscribe: (listener) => {
      listeners.add(listener)
      return () => { listeners.delete(listener) }
    },
  }
}

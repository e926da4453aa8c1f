/** What a node does in a run: pure, in the worker. What it needs comes in the context; what must happen outside goes out as a send. */
import type { Problem } from '#shared/errors.ts'
import type { NodeKind } from '#shared/flow.ts'
import type { Json } from '#shared/json.ts'
import type { Mail } from '#shared/mail.ts'
import type { MailboxEvent } from '#shared/mailbox-event.ts'
import type { MailboxRequest } from '#shared/mailbox-action.ts'
import type { Mapped } from '#shared/mapping/evaluate.ts'
import type { CheckedNode, NodeConfig } from '#shared/nodes/index.ts'
import type { ComposedSend, ComputeJob } from '../engine/compute.ts'
import type { MailRead } from '../mail/mime/read-mail.ts'
import type { Raw } from '../raw.ts'

export interface StepContext {
  readonly job: ComputeJob
  readonly node: CheckedNode
  /** null in a run that no mail started. */
  readonly mail: Mail | null
  /** What happened to a mailbox, where that started the run. */
  readonly event: MailboxEvent | null
  /** Bytes of the mail's attachments, in their order. */
  readonly attachmentBytes: readonly (Raw | null)[]
  /** Mails that steps in front have fetched, taken apart, with their bytes; only where these were kept. */
  readonly fetched: ReadonlyMap<string, MailRead>
  /** Outputs of the nodes that ran, by id, and `run`. */
  readonly scope: Readonly<Record<string, Json>>
  /** What the mappings right before this node left, in running order. */
  readonly mappedBefore: readonly Mapped[]
}
export type StepResult =
  /** waiting: the output is what is known before the server has answered. */
  | { readonly state: 'done' | 'waiting'; readonly output: Json; readonly send?: ComposedSend; readonly mapped?: Mapped }
  /** A mailbox must be asked first; its answer will be the step's output. */
  | { readonly state: 'asks'; readonly request: MailboxRequest }
  | { readonly state: 'failed'; readonly problem: Problem }
/** May also throw a Fault: the step has failed. */
export type Behaviour<K extends NodeKind> = (config: NodeConfig<K>, context: StepContext) => StepResult | Promise<StepResult>

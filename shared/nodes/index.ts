/** The table of node kinds; a kind without a description does not compile. */
import type { NodeKind } from '../flow.ts'
import { mailboxEvent, type MailboxEventConfig } from './mailbox-event.ts'
import { changeMail, type ChangeMailConfig } from './change-mail.ts'
import { createFolder, type CreateFolderConfig } from './create-folder.ts'
import { fetchMail, type FetchMailConfig } from './fetch-mail.ts'
import { findMails, type FindMailsConfig } from './find-mails.ts'
import { mapData, type MapDataConfig } from './map-data.ts'
import { receiveEmail, type ReceiveEmailConfig } from './receive-email.ts'
import { sendEmail, type SendEmailConfig } from './send-email.ts'
import type { Sending } from '../sending/safety.ts'
import type { NodeDescription } from './node.ts'

export const nodeDescriptions = {
  'receive-email': receiveEmail,
  'mailbox-event': mailboxEvent,
  'map-data': mapData,
  'send-email': sendEmail,
  'find-mails': findMails,
  'fetch-mail': fetchMail,
  'change-mail': changeMail,
  'create-folder': createFolder,
} as const satisfies { [K in NodeKind]: NodeDescription<K> }

export interface NodeConfigs {
  'receive-email': ReceiveEmailConfig
  'mailbox-event': MailboxEventConfig
  'map-data': MapDataConfig
  'send-email': SendEmailConfig
  'find-mails': FindMailsConfig
  'fetch-mail': FetchMailConfig
  'change-mail': ChangeMailConfig
  'create-folder': CreateFolderConfig
}
export type NodeConfig<K extends NodeKind = NodeKind> = NodeConfigs[K]

/** A node whose config has passed its schema, defaults filled in. */
export type CheckedNode = {
  [K in NodeKind]: { readonly id: import('../ids.ts').NodeId; readonly kind: K; readonly name: string; readonly config: NodeConfigs[K] }
}[NodeKind]

/** A flow that may be deployed: configs complete, nodes in the order they run. */
export interface CheckedFlow {
  readonly id: import('../ids.ts').FlowId
  readonly name: string
  /** In running order, the trigger first. */
  readonly nodes: readonly CheckedNode[]
  /** Left out where nothing is sent; then as `defaultSending`. */
  readonly sending?: Sending
  readonly edges: readonly { readonly from: import('../ids.ts').NodeId; readonly to: import('../ids.ts').NodeId; readonly port?: string }[]
}

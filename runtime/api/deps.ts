/** What the HTTP API is given by the wiring: it reaches the rest of the house through these and nothing else. */
import type { FolderView, MessagePeek, SandboxMail, SandboxView, Deployed, Right, SendEdit, StartCount } from '#shared/api.ts'
import type { ConnectionCheck, MailboxStatus, SenderStatus } from '#shared/connection.ts'
import type { DeliveryCheck } from '#shared/deliverability.ts'
import type { Detected } from '#shared/detected.ts'
import type { EventStream, MailboxName } from '#shared/events.ts'
import type { Flow } from '#shared/flow.ts'
import type { ConnectionId, FlowId, NodeId, RunId, SendId } from '#shared/ids.ts'
import type { MailFacts } from '#shared/mail.ts'
import type { ReceiveEmailConfig } from '#shared/nodes/receive-email.ts'
import type { DecisionKind } from '#shared/outbox.ts'
import { adminName } from '#shared/people.ts'
import type { TryResult } from '#shared/run.ts'
import type { Clock } from '../clock.ts'
import type { Registry } from '../connections/registry.ts'
import type { SignIns } from '../connections/sign-in.ts'
import type { Drafts } from '../drafts.ts'
import type { Computer, PartReader } from '../engine/compute.ts'
import type { Log } from '../log.ts'
import type { Account } from '../mail/mailbox.ts'
import type { Searched } from '../mailboxes.ts'
import type { Raw } from '../raw.ts'
import type { Store } from '../store/store.ts'

/** A bearer token and what it may do; `who` stands in the audit log. */
export interface AccessToken { readonly token: string; readonly who: string; readonly rights: readonly Right[] }

export interface ApiConfig {
  readonly host: string
  /** 0 lets the system choose. */
  readonly port: number
  readonly version: string
  /** Further names under which the API is reached, as `mail.example.org` or `mail.example.org:8443`: a reverse proxy's. */
  readonly names?: readonly string[]
  /** The built editor. */
  readonly editorFolder: string
}

/** A mail to map with: bytes, what its mailbox knew of it, and in words where it is from. */
export interface SampleMail { readonly raw: Raw; readonly facts: MailFacts; readonly source: string }

export interface ApiEngine {
  deploy(id: FlowId, expected?: string): Promise<Deployed>
  stop(id: FlowId): Promise<void>
  /** A flow that stopped itself runs again. FLOW_NOT_FOUND when it was never deployed. */
  resume(id: FlowId): Promise<void>
  /** No mail of this version is held for a first look any more. */
  trust(id: FlowId, version: number): Promise<void>
  /** RUN_NOT_FOUND; API_BAD_REQUEST when nothing is left to decide. */
  decide(send: SendId, choice: DecisionKind, by: string): Promise<void>
  /** The new row. As decide, and SEND_BAD_ADDRESS. */
  edit(send: SendId, change: SendEdit, by: string): Promise<SendId>
  /** How an outgoing connection is; null: nothing was sent over it since the start. */
  readonly statusOf: (connection: ConnectionId) => Omit<SenderStatus, 'connection'> | null
  /** Has it tried at once, after a refused login too. */
  reopen(connection: ConnectionId): void
  /** The new run. RUN_NOT_FOUND. */
  replay(run: RunId): Promise<RunId>
  /** FLOW_HAS_PROBLEMS. */
  tryFlow(flow: Flow, raw: Raw, facts: MailFacts, start?: NodeId): Promise<TryResult>
}

export interface ApiSandbox {
  view(): SandboxView
  /** Delivers a letter to the sandbox inbox; false when there is no such letter. */
  send(letter: string): Promise<boolean>
  /** A letter as it would be delivered; null when there is none of that id. */
  letter(id: string): Raw | null
  /** The bytes of a mail that a flow sent to the sandbox. */
  mail(id: string): Raw | null
  /** Calls for each mail that a flow sends to the sandbox; returns the way to stop. */
  subscribe(listener: (mail: SandboxMail) => void): () => void
}

/** What a person may do with a watched mailbox. */
export interface MailboxCare {
  look(mailbox: MailboxName): Promise<void>
  pause(mailbox: MailboxName, by: string): Promise<void>
  resume(mailbox: MailboxName): Promise<void>
  reconnect(mailbox: MailboxName): Promise<void>
}

export interface ApiDeps {
  readonly config: ApiConfig
  readonly tokens: readonly AccessToken[]
  readonly store: Store
  readonly registry: Registry
  readonly signIns: SignIns
  readonly drafts: Drafts
  readonly computer: Pick<Computer, 'readMail'> & PartReader
  readonly engine: ApiEngine
  readonly events: EventStream
  readonly clock: Clock
  readonly log: Log
  readonly mailboxes: () => readonly MailboxStatus[]
  /** MAILBOX_NOT_FOUND, MAILBOX_PAUSED. */
  readonly care: MailboxCare
  readonly checkConnection: (account: Account) => Promise<ConnectionCheck>
  readonly checkDelivery: (flow: Pick<Flow, 'nodes'>) => Promise<DeliveryCheck>
  readonly detectSettings: (address: string) => Promise<Detected>
  readonly folders: (connection: ConnectionId) => Promise<readonly FolderView[]>
  readonly messages: (connection: ConnectionId, folder: string, limit: number, searched?: Searched) => Promise<{ readonly messages: readonly MessagePeek[]; readonly total: number; readonly waiting: number }>
  /** What switching a receive step on would mean in the mailbox that its settings name. */
  readonly countStart: (asked: { readonly flow: FlowId; readonly node: NodeId; readonly config: ReceiveEmailConfig }) => Promise<StartCount>
  /** The flow's last mail, else one waiting in its mailbox, else a letter of the sandbox, else null. */
  readonly sample: (flow: FlowId) => Promise<SampleMail | null>
  /** null with --no-sandbox. */
  readonly sandbox: ApiSandbox | null
  readonly ready: () => boolean
}

const allRights: readonly Right[] = ['open', 'view', 'edit', 'deploy', 'secrets', 'admin']
/** The administrator's token; people's are in the store. */
export const fullAccess = (token: string): AccessToken => ({ token, who: adminName, rights: allRights })

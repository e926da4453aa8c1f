/** Every route with the right it needs, and the types both sides share. The golden route table in test/house holds it to the server. */
import type { Connection, ConnectionCheck, ConnectionInput, MailboxStatus, SenderStatus } from './connection.ts'
import type { Detected } from './detected.ts'
import type { Problem } from './errors.ts'
import type { Flow, FlowProblem } from './flow.ts'
import type { JsonObject } from './json.ts'
import type { Mail } from './mail.ts'
import type { MailSearch } from './mail-search.ts'
import type { DecisionKind } from './outbox.ts'
import type { Grant } from './people.ts'
import type { RecipientState, RunDetail, RunState, RunSummary, SendView, TryResult } from './run.ts'

/** `admin` is the main token's alone and can't be given to anybody. */
export type Right = 'open' | Grant | 'admin'

export const routes = {
  'GET /api/health': 'open',
  'GET /api/ready': 'open',
  'GET /api/openapi.json': 'open',
  'POST /api/session': 'open',
  'DELETE /api/session': 'view',
  'GET /api/me': 'view',
  'GET /api/events': 'view',
  'GET /metrics': 'view',
  'GET /api/connections': 'view',
  'GET /api/connections/:id': 'view',
  'PUT /api/connections/:id': 'secrets',
  'DELETE /api/connections/:id': 'secrets',
  /** Checks a saved connection, or the body's edited one before it is saved. */
  'POST /api/connections/:id/test': 'secrets',
  /** Looks up the mail servers behind an address; asks the domain itself and nobody else. */
  'POST /api/connections/detect': 'secrets',
  'POST /api/connections/:id/sign-in': 'secrets',
  'GET /api/connections/:id/sign-in': 'secrets',
  /** Open, because no cookie comes along from another site; what it does is proved by a state that was given out with the right `secrets`. */
  'GET /api/oauth/callback': 'open',
  'GET /api/connections/:id/folders': 'edit',
  'GET /api/connections/:id/messages': 'edit',
  /** A question with a body, for what is searched for stays out of addresses and logs. */
  'POST /api/connections/:id/messages': 'edit',
  'GET /api/flows': 'view',
  'GET /api/flows/:id': 'view',
  'PUT /api/flows/:id': 'edit',
  'DELETE /api/flows/:id': 'edit',
  'POST /api/flows/:id/check': 'view',
  /** Asks the name servers about the addresses that the flow in the body sends from. */
  'POST /api/flows/:id/delivery': 'edit',
  'POST /api/flows/:id/deploy': 'deploy',
  'POST /api/flows/:id/stop': 'deploy',
  'POST /api/flows/:id/held': 'deploy',
  'POST /api/flows/:id/resume': 'deploy',
  'POST /api/flows/:id/try': 'edit',
  /** What switching a receive step on would mean in one mailbox, right now. */
  'POST /api/flows/:id/start-count': 'edit',
  'GET /api/flows/:id/versions': 'view',
  'GET /api/flows/:id/versions/:version': 'view',
  /** A mail to map with: the flow's last one, else one waiting in its mailbox, else a letter of the sandbox. */
  'GET /api/flows/:id/sample': 'edit',
  'GET /api/runs': 'view',
  'GET /api/runs/:id': 'view',
  'GET /api/runs/:id/mail': 'view',
  'GET /api/runs/:id/raw': 'view',
  'GET /api/runs/:id/attachments/:n': 'view',
  'POST /api/runs/:id/replay': 'deploy',
  'GET /api/mailboxes': 'view',
  'POST /api/mailboxes/look': 'deploy',
  'POST /api/mailboxes/pause': 'deploy',
  'POST /api/mailboxes/resume': 'deploy',
  'POST /api/mailboxes/reconnect': 'deploy',
  'GET /api/senders': 'view',
  'POST /api/senders/:id/try': 'deploy',
  'GET /api/outbox': 'view',
  'GET /api/outbox/:id/raw': 'view',
  'GET /api/outbox/:id/mail': 'view',
  'GET /api/outbox/:id/attachments/:n': 'view',
  'GET /api/outbox/count': 'view',
  'POST /api/outbox/decide': 'deploy',
  'POST /api/outbox/:id/decide': 'deploy',
  'POST /api/outbox/:id/edit': 'deploy',
  /** Seals all saved passwords under a fresh key. */
  'POST /api/keys/rotate': 'secrets',
  'GET /api/people': 'admin',
  'POST /api/people': 'admin',
  'PUT /api/people/:name': 'admin',
  'DELETE /api/people/:name': 'admin',
  /** For choosing with whom a connection is shared. */
  'GET /api/people/names': 'secrets',
  'GET /api/sandbox': 'view',
  'POST /api/sandbox/send': 'edit',
  'GET /api/sandbox/mail/:id': 'view',
} as const satisfies Record<string, Right>
export type Route = keyof typeof routes

export interface ApiError { readonly error: Problem }

/** POST /api/session; the answer is Me and the cookie. */
export interface SignIn { readonly token: string }
export interface Me { readonly name: string; readonly rights: readonly Right[]; readonly version: string; readonly sandbox: boolean }

export interface FlowSummary {
  readonly id: string
  readonly name: string
  /** Running version; null when never deployed or stopped. */
  readonly running: number | null
  /** Newest deployed version, 0 when none. */
  readonly latest: number
  /** The draft differs from the newest version (view apart). */
  readonly changed: boolean
  readonly problems: number
  readonly kinds: readonly string[]
  readonly today: { readonly done: number; readonly failed: number; readonly open: number }
  /** Runs per hour of the last 24, oldest first. */
  readonly hours: readonly number[]
  readonly lastProblem: { readonly run: string; readonly say: string; readonly at: string } | null
  /** It stopped itself: why, and since when. A person resumes it. */
  readonly paused: { readonly at: string; readonly problem: Problem } | null
  /** Test mode of what runs, else of the draft: everything goes there. */
  readonly testTo: string | null
  /** Mails that wait for a person's yes. */
  readonly held: number
  readonly updatedAt: string
}
/** GET and PUT /api/flows/:id; the ETag header carries `etag`, PUT takes it as If-Match. */
export interface FlowView extends FlowSummary {
  /** null when the file cannot be read as a flow; then `text` and `flowProblems` say why. */
  readonly flow: Flow | null
  readonly text: string
  readonly etag: string
  readonly flowProblems: readonly FlowProblem[]
  /** Per node: runs of today that passed it, and how many of these ended there. */
  readonly counts: Readonly<Record<string, { readonly done: number; readonly failed: number }>>
}
export interface FlowsView { readonly flows: readonly FlowSummary[] }
export interface FlowCheck { readonly problems: readonly FlowProblem[] }
export interface FlowVersionView { readonly version: number; readonly deployedAt: string; readonly running: boolean; readonly flow: Flow }
export interface FlowVersionsView { readonly versions: readonly FlowVersionView[] }
export interface Deployed { readonly version: number; readonly unchanged: boolean }

/** POST /api/flows/:id/try: the draft in the body (else the saved one) with a past run's mail, a mail file, a letter, or the sample. `emlBase64` keeps bytes that are no UTF-8. */
export interface TryRequest { readonly flow?: Flow; readonly run?: string; readonly eml?: string; readonly emlBase64?: string; readonly letter?: string; /** The trigger to begin at; one that hears of mailboxes needs no mail. */ readonly start?: string }
export type TryResponse = TryResult
/** POST /api/flows/:id/start-count: a receive step as it is drawn, and one of the mailboxes it watches. */
export interface StartRequest { readonly node: string; readonly connection: string; readonly folder: string; readonly config: JsonObject }
export interface StartCount {
  /** The start that the step has run with on this mailbox: with it, it goes on where it stopped, with any other it begins anew. null: it never ran there. */
  readonly saved: string | null
  /** Mails that would run when it goes on; null when it never ran, or nobody can tell yet. */
  readonly waiting: number | null
  /** Mails in the folder, whatever the step asks of them. */
  readonly there: number
  /** Mails that would run at each start: what is unread, all that the step takes, and those since its day (null where it has none). */
  readonly unseen: number
  readonly all: number
  readonly since: number | null
}
/** `source` says in words where the mail is from. */
export interface Sample { readonly mail: Mail | null; readonly source: string }

export interface RunsQuery {
  readonly flow?: string
  readonly state?: RunState
  readonly from?: string
  readonly subject?: string
  readonly messageId?: string
  readonly since?: string
  readonly cursor?: string
  readonly limit?: number
}
export interface RunsPage { readonly runs: readonly RunSummary[]; readonly next: string | null }
export type RunView = RunDetail
/** POST /api/runs/:id/replay: the new run. */
export interface Replayed { readonly run: string }

export interface OutboxPage { readonly sends: readonly SendView[]; readonly next: string | null; readonly counts: Readonly<Record<string, number>> }
/** POST /api/flows/:id/held: decides about all held mails of a flow; `stopAsking`: the running version's next ones are not held for a first look. */
export interface HeldDecision { readonly do: 'approve' | 'discard'; readonly stopAsking?: boolean }
/** POST /api/flows/:id/resume: a flow that stopped itself goes on; its held mails wait further when nothing is said of them. */
export interface Resume { readonly held?: 'approve' | 'discard' }
export interface HeldDecided { readonly mails: number }
export interface OutboxQuery {
  readonly flow?: string
  readonly connection?: string
  readonly state?: RecipientState
  /** Part of the subject or of a recipient's address. */
  readonly text?: string
  readonly since?: string
  readonly cursor?: string
  readonly limit?: number
}
/** GET /api/outbox/count: how many mails match, and up to which of them; what comes later is not among them. */
export interface OutboxCount { readonly count: number; readonly upTo: string }
export interface Decision { readonly do: DecisionKind }
/** POST /api/outbox/decide: about mails by name, or about all that match up to one; goes on at `cursor` until `next` is null. */
export type BulkDecision =
  | { readonly do: DecisionKind; readonly ids: readonly string[] }
  | { readonly do: DecisionKind; readonly filter: Omit<OutboxQuery, 'cursor' | 'limit'>; readonly upTo: string; readonly cursor?: string }
/** `left`: why others were not, and how many of them. */
export interface Decided { readonly done: number; readonly left: readonly { readonly say: string; readonly count: number }[]; readonly next: string | null }
/** POST /api/outbox/:id/edit: what is left out stays. `recipients`: by the address they have now, null gives one up. The answer is the new mail. */
export interface SendEdit {
  readonly recipients?: Readonly<Record<string, string | null>>
  readonly connection?: string
  readonly subject?: string
  readonly text?: string
  readonly html?: string
}

export interface FolderView { readonly path: string; readonly name: string; /** Folders above it. */ readonly depth: number; readonly use: 'inbox' | 'sent' | 'trash' | 'archive' | 'junk' | 'drafts' | '' ; readonly selectable: boolean }
export interface MessagePeek { readonly uid: string; readonly subject: string; readonly from: string; readonly date: string | null; readonly size: number; readonly seen: boolean }
export interface FoldersView { readonly folders: readonly FolderView[] }
/** `waiting`: unread mails in the folder, for "128 unread mails are waiting". */
export interface MessagesView { readonly messages: readonly MessagePeek[]; readonly total: number; readonly waiting: number }

/** POST /api/connections/:id/messages: of the mails that match, how many there are and the newest; the answer is MessagesView. */
export interface SearchRequest { readonly folder: string; readonly search: MailSearch; readonly limit?: number }

export interface ConnectionView extends Connection { readonly usedBy: readonly string[] }
/** POST /api/connections/detect; the answer is Detected. */
export interface DetectRequest { readonly address: string }
/** `hidden`: ids of those that are not shared with whoever asks. */
export interface ConnectionsView { readonly connections: readonly ConnectionView[]; readonly hidden: readonly string[] }
/** POST /api/connections/:id/sign-in: the page to open, or the page and the code to type there, or done at once. */
export type SignInStarted =
  | { readonly kind: 'browser'; readonly url: string; readonly redirectUri: string }
  | { readonly kind: 'device'; readonly code: string; readonly url: string }
  | { readonly kind: 'done' }
/** `say` tells why it failed. */
export interface SignInState { readonly state: 'none' | 'waiting' | 'done' | 'failed'; readonly say: string }

/** Mails that came, oldest first: by the hour over 24 hours, and by 24 hours over seven days; what is running now is last. */
export interface MailboxCounts { readonly hours: readonly number[]; readonly days: readonly number[] }
export interface MailboxView extends MailboxStatus, MailboxCounts {}
/** `waiting`: mails that have not gone to all yet; `sentLastHour`: mails that the server took. */
export interface SenderView extends SenderStatus { readonly waiting: number; readonly sentLastHour: number }
export interface SendersView { readonly senders: readonly SenderView[] }
export interface MailboxesView { readonly mailboxes: readonly MailboxView[] }
/** Body of POST /api/mailboxes/…; the answer is its MailboxView. */
export interface MailboxRequest { readonly connection: string; readonly folder: string }

export interface PersonView { readonly name: string; readonly rights: readonly Grant[]; readonly addedAt: string }
export interface PeopleView { readonly people: readonly PersonView[] }
/** POST /api/people; the answer is the only place where the token is ever shown. */
export interface PersonInput { readonly name: string; readonly rights: readonly Grant[] }
export interface PersonAdded { readonly person: PersonView; readonly token: string }
export interface PeopleNames { readonly names: readonly string[] }

export interface KeysRotated { readonly key: string; readonly sealed: number }

export interface SandboxLetter { readonly id: string; readonly title: string; readonly from: string; readonly subject: string }
export interface SandboxMail { readonly id: string; readonly from: string; readonly to: readonly string[]; readonly subject: string; readonly at: string; readonly size: number }
export interface SandboxView { readonly on: boolean; readonly letters: readonly SandboxLetter[]; readonly sent: readonly SandboxMail[]; readonly inbox: { readonly address: string; readonly waiting: number } }
/** POST /api/sandbox/send */
export interface SandboxSend { readonly letter: string }

/** A mail of a run, the outbox or the sandbox taken apart for reading: our own Mail plus the raw bytes as text. */
export interface ReadMail { readonly mail: Mail; readonly raw: string }

/** Messages of GET /api/events (server-sent events); `id` counts up, Last-Event-ID resumes. */
export type LiveMessage =
  | { readonly type: 'runs'; readonly runs: readonly RunSummary[] }
  | { readonly type: 'mailbox'; readonly mailbox: MailboxView }
  | { readonly type: 'flow'; readonly id: string }
  /** An outgoing connection is in another state: ask for all anew. */
  | { readonly type: 'senders' }
  | { readonly type: 'connection'; readonly id: string }
  | { readonly type: 'outbox'; readonly counts: Readonly<Record<string, number>> }
  | { readonly type: 'sandbox'; readonly mail: SandboxMail }
  /** Too much was missed to be told one by one: load everything again. */
  | { readonly type: 'reload' }

export type { Connection, ConnectionCheck, ConnectionInput, Detected, FlowProblem, MailboxStatus, RunSummary, SendView }

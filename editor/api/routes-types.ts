/** Which body, query and answer belongs to which route; a route without an entry does not compile in client.ts. */
import type {
  BulkDecision, ConnectionCheck, ConnectionInput, ConnectionsView, ConnectionView, Decided, Decision, Deployed, Detected, DetectRequest, FlowCheck, FlowsView,
  FlowVersionsView, FlowVersionView, FlowView, FoldersView, HeldDecided, HeldDecision, KeysRotated, MailboxesView, MailboxRequest, MailboxView, Me, MessagesView, OutboxCount, OutboxPage, OutboxQuery, PeopleNames, PeopleView,
  PersonAdded, PersonInput, PersonView, ReadMail,
  Replayed, Resume, Route, RunsPage, RunsQuery, RunView, Sample, SandboxSend, SandboxView, SearchRequest, SendEdit, SendersView, SenderView, SendView, SignIn, SignInStarted, SignInState, StartCount, StartRequest, TryRequest, TryResponse,
} from '#shared/api.ts'
import type { DeliveryCheck } from '#shared/deliverability.ts'
import type { Flow } from '#shared/flow.ts'

/** A connection as a form sends it: defaults may be left out, the id stands in the path as well. */
export type ConnectionDraft = Omit<ConnectionInput, 'id' | TlsChoice> & Partial<Pick<ConnectionInput, TlsChoice>> & { readonly id: string }
type TlsChoice = 'pinned' | 'checkHostName' | 'minTls' | 'ciphers'
/** GET /api/outbox */
export type OutboxFilter = Omit<OutboxQuery, 'cursor' | 'limit'>

export interface RouteTypes {
  'GET /api/health': { answer: { readonly ok: boolean; readonly version: string } }
  'GET /api/ready': { answer: unknown }
  'GET /api/openapi.json': { answer: unknown }
  'POST /api/session': { body: SignIn; answer: Me }
  'DELETE /api/session': { answer: void }
  'GET /api/me': { answer: Me }
  'GET /api/events': { answer: never }
  'GET /metrics': { answer: string }
  'GET /api/connections': { answer: ConnectionsView }
  'GET /api/connections/:id': { answer: ConnectionView }
  'PUT /api/connections/:id': { body: ConnectionDraft; answer: ConnectionView }
  'DELETE /api/connections/:id': { answer: void }
  'POST /api/connections/:id/test': { body: ConnectionDraft | Record<string, never>; answer: ConnectionCheck }
  'POST /api/connections/detect': { body: DetectRequest; answer: Detected }
  'POST /api/connections/:id/sign-in': { body: Record<string, never>; answer: SignInStarted }
  'GET /api/connections/:id/sign-in': { answer: SignInState }
  'GET /api/oauth/callback': { answer: never }
  'GET /api/connections/:id/folders': { answer: FoldersView }
  'GET /api/connections/:id/messages': { query: { readonly folder: string; readonly limit?: number }; answer: MessagesView }
  'POST /api/connections/:id/messages': { body: SearchRequest; answer: MessagesView }
  'GET /api/flows': { answer: FlowsView }
  'GET /api/flows/:id': { answer: FlowView }
  'PUT /api/flows/:id': { body: Flow; answer: FlowView }
  'DELETE /api/flows/:id': { answer: void }
  'POST /api/flows/:id/check': { body: Flow | Record<string, never>; answer: FlowCheck }
  'POST /api/flows/:id/delivery': { body: Flow; answer: DeliveryCheck }
  'POST /api/flows/:id/deploy': { body: Record<string, never>; answer: Deployed }
  'POST /api/flows/:id/held': { body: HeldDecision; answer: HeldDecided }
  'POST /api/flows/:id/resume': { body: Resume; answer: HeldDecided }
  'POST /api/flows/:id/stop': { body: Record<string, never>; answer: void }
  'POST /api/flows/:id/try': { body: TryRequest; answer: TryResponse }
  'POST /api/flows/:id/start-count': { body: StartRequest; answer: StartCount }
  'GET /api/flows/:id/versions': { answer: FlowVersionsView }
  'GET /api/flows/:id/versions/:version': { answer: FlowVersionView }
  'GET /api/flows/:id/sample': { answer: Sample }
  'GET /api/runs': { query: RunsQuery; answer: RunsPage }
  'GET /api/runs/:id': { answer: RunView }
  'GET /api/runs/:id/mail': { answer: ReadMail }
  'GET /api/runs/:id/raw': { answer: string }
  'GET /api/runs/:id/attachments/:n': { answer: string }
  'POST /api/runs/:id/replay': { body: Record<string, never>; answer: Replayed }
  'GET /api/mailboxes': { answer: MailboxesView }
  'GET /api/senders': { answer: SendersView }
  'POST /api/senders/:id/try': { answer: SenderView }
  'POST /api/mailboxes/look': { body: MailboxRequest; answer: MailboxView }
  'POST /api/mailboxes/pause': { body: MailboxRequest; answer: MailboxView }
  'POST /api/mailboxes/resume': { body: MailboxRequest; answer: MailboxView }
  'POST /api/mailboxes/reconnect': { body: MailboxRequest; answer: MailboxView }
  'GET /api/outbox': { query: OutboxQuery; answer: OutboxPage }
  'GET /api/outbox/:id/raw': { answer: string }
  'GET /api/outbox/:id/mail': { answer: ReadMail }
  'GET /api/outbox/:id/attachments/:n': { answer: string }
  'GET /api/outbox/count': { query: OutboxFilter; answer: OutboxCount }
  'POST /api/outbox/decide': { body: BulkDecision; answer: Decided }
  'POST /api/outbox/:id/decide': { body: Decision; answer: SendView }
  'POST /api/outbox/:id/edit': { body: SendEdit; answer: SendView }
  'POST /api/keys/rotate': { body: Record<string, never>; answer: KeysRotated }
  'GET /api/people': { answer: PeopleView }
  'POST /api/people': { body: PersonInput; answer: PersonAdded }
  'PUT /api/people/:name': { body: Pick<PersonInput, 'rights'>; answer: PersonView }
  'DELETE /api/people/:name': { answer: void }
  'GET /api/people/names': { answer: PeopleNames }
  'GET /api/sandbox': { answer: SandboxView }
  'POST /api/sandbox/send': { body: SandboxSend; answer: unknown }
  'GET /api/sandbox/mail/:id': { answer: ReadMail }
}

type PathNames<R extends string> =
  R extends `${string}:${infer Name}/${infer Rest}` ? Name | PathNames<Rest>
  : R extends `${string}:${infer Name}` ? Name : never

export type Answer<R extends Route> = RouteTypes[R]['answer']
export type ApiOptions<R extends Route> =
  & ([PathNames<R>] extends [never] ? { readonly params?: never } : { readonly params: Readonly<Record<PathNames<R>, string>> })
  & (RouteTypes[R] extends { query: infer Q } ? { readonly query?: Q } : { readonly query?: never })
  & (RouteTypes[R] extends { body: infer B } ? { readonly body?: B } : { readonly body?: never })
  & { readonly ifMatch?: string; readonly signal?: AbortSignal }
/** The options may be left out where nothing in them is needed. */
export type ApiArguments<R extends Route> = [PathNames<R>] extends [never] ? [options?: ApiOptions<R>] : [options: ApiOptions<R>]

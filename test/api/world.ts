/** A whole API on a port of its own: real store, drafts, connections and deploys; the mail side and the worker are told what to say. */
import { mkdtemp, rm } from 'node:fs/promises'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { onTestFinished } from 'vitest'
import { startApi, type Api } from '#runtime/api/server.ts'
import { fullAccess, type AccessToken, type ApiDeps, type ApiSandbox } from '#runtime/api/deps.ts'
import { makeOAuthClient } from '#runtime/connections/oauth-client.ts'
import { makePolicyFetch } from '#runtime/connections/policy-fetch.ts'
import { makeRegistry, type Registry } from '#runtime/connections/registry.ts'
import { openSecrets } from '#runtime/connections/secrets.ts'
import { makeSignIns } from '#runtime/connections/sign-in.ts'
import { openDrafts, type Drafts } from '#runtime/drafts.ts'
import { makeDeployer } from '#runtime/engine/deploy.ts'
import { makeLog } from '#runtime/log.ts'
import { makeHostPolicy } from '#runtime/mail/host-policy.ts'
import type { Account } from '#runtime/mail/mailbox.ts'
import { takePart } from '#runtime/mail/mime/take-part.ts'
import type { Raw } from '#runtime/raw.ts'
import { openSqliteStore } from '#runtime/store/sqlite/open.ts'
import type { ClaimedRun, Store } from '#runtime/store/store.ts'
import type { SandboxMail } from '#shared/api.ts'
import type { ConnectionInput, SenderStatus } from '#shared/connection.ts'
import { usualLine, usualSending } from '#shared/connection.ts'
import { typedSenders } from '#shared/deliverability.ts'
import { makeEventStream, type EventStream } from '#shared/events.ts'
import type { Flow } from '#shared/flow.ts'
import { connectionId, flowId, nodeId } from '#shared/ids.ts'
import type { Mail } from '#shared/mail.ts'
import { fakeClock, type FakeClock } from '../servers/fake-clock.ts'

export const adminToken = 'admin-token-of-the-tests'
export const tokens: readonly AccessToken[] = [
  fullAccess(adminToken),
  { token: 'token-without-any-right', who: 'nobody', rights: [] },
  { token: 'token-that-may-view', who: 'viewer', rights: ['view'] },
  { token: 'token-that-may-edit', who: 'editor', rights: ['view', 'edit'] },
  { token: 'token-that-may-deploy', who: 'deployer', rights: ['view', 'deploy'] },
  { token: 'token-that-may-change-secrets', who: 'keeper', rights: ['view', 'secrets'] },
]

export interface Answer { readonly status: number; readonly headers: IncomingMessage['headers']; readonly text: string; readonly body: unknown }
export interface Ask {
  readonly token?: string | null
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as JSON, unless it is a text already. */
  readonly body?: unknown
}

export interface World {
  readonly api: Api
  readonly store: Store
  readonly registry: Registry
  readonly drafts: Drafts
  readonly events: EventStream
  readonly clock: FakeClock
  readonly folder: string
  readonly flowsFolder: string
  /** Lines of the log. */
  readonly logged: readonly string[]
  /** Accounts that were checked, with their passwords. */
  readonly checked: readonly Account[]
  /** What was asked of mailboxes: act, connection, folder, and who paused it. */
  readonly cared: readonly string[]
  /** How outgoing connections are. */
  readonly senders: Record<string, Omit<SenderStatus, 'connection'>>
  readonly tried: readonly { readonly flow: string; readonly text: string }[]
  ask(method: string, url: string, ask?: Ask): Promise<Answer>
  sendSandboxMail(mail: SandboxMail): void
}

export async function apiWorld(change: Partial<ApiDeps> | ((deps: ApiDeps) => Partial<ApiDeps>) = {}): Promise<World> {
  const folder = await mkdtemp(path.join(tmpdir(), 'mailweave-api-'))
  const flowsFolder = path.join(folder, 'flows')
  const clock = fakeClock()
  const events = makeEventStream()
  const logged: string[] = []
  const log = makeLog('debug', (line) => logged.push(line))
  const store = await openSqliteStore(path.join(folder, 'data'), { clock, log })
  const drafts = await openDrafts({ folder: flowsFolder, events, clock, log })
  const oauth = makeOAuthClient({ fetch: makePolicyFetch({ policy: makeHostPolicy({ loopbackBound: true, allowed: [] }) }), clock })
  const registry = makeRegistry({ store, secrets: await openSecrets(path.join(folder, 'data'), undefined), drafts, events, clock, oauth })
  const signIns = makeSignIns({ registry, client: oauth, clock, log })
  const deployer = makeDeployer({ store, drafts, connections: () => registry.list(), events, clock })
  const checked: Account[] = []
  const tried: { flow: string; text: string }[] = []
  const cared: string[] = []
  const senders: Record<string, Omit<SenderStatus, 'connection'>> = {}
  const noted = (act: string) => async ({ connection, folder }: { readonly connection: string; readonly folder: string }, by?: string) => { cared.push([act, connection, folder, ...(by === undefined ? [] : [by])].join(' ')) }
  const { sandbox, sendSandboxMail } = fakeSandbox()

  const deps: ApiDeps = {
    config: { host: '127.0.0.1', port: 0, version: '0.0.0-test', editorFolder: path.join(folder, 'dist') },
    tokens, store, registry, signIns, drafts, events, clock, log,
    computer: { readMail: async (raw) => plainMail(raw), readPart: takePart },
    engine: {
      ...deployer,
      decide: async () => {},
      statusOf: (connection) => senders[connection] ?? null, reopen: (connection) => { cared.push(`try ${connection}`) },
      trust: async () => {},
      edit: async (send) => send,
      replay: async (run) => store.replay(run, 1, clock.now()),
      tryFlow: async (flow, raw) => {
        tried.push({ flow: flow.id, text: textOf(raw) })
        return { state: 'done', outgoing: [], steps: [] }
      },
    },
    mailboxes: () => [{ connection: 'support-inbox', folder: 'INBOX', flows: ['support-tickets'], health: 'idle', say: '', lastLookAt: null, lastMailAt: null, nextLookAt: null, waiting: 0, lagMs: null, trouble: null, alarm: null, paused: null }],
    care: { look: noted('look'), pause: noted('pause'), resume: noted('resume'), reconnect: noted('reconnect') },
    checkConnection: async (account) => {
      checked.push(account)
      return { ok: true, lines: [{ step: 'host', state: 'ok', say: `${account.host} is there`, fix: '', apply: null }], certificate: null, ms: 1 }
    },
    checkDelivery: async (flow) => ({ doubts: typedSenders(flow).map(({ node, address }) => ({ node, address, about: 'spf', say: 'no record', fix: 'add one' })), unanswered: [] }),
    detectSettings: async (address) => ({ address, provider: null, servers: [], notOffered: [], missed: [{ by: 'dns', say: 'no records' }] }),
    folders: async () => [{ path: 'INBOX', name: 'INBOX', depth: 0, use: 'inbox', selectable: true }],
    messages: async (_connection, _folder, _limit, searched) => ({ messages: [], total: searched?.query.from.length ?? 0, waiting: 0 }),
    countStart: async ({ node, config }) => ({ saved: node === 'receive' ? 'now' : null, waiting: 2, there: 9, unseen: 3, all: config.unseenOnly ? 3 : 9, since: null }),
    sample: async () => null,
    sandbox,
    ready: () => true,
  }
  const api = await startApi({ ...deps, ...(typeof change === 'function' ? change(deps) : change) })
  onTestFinished(async () => {
    signIns.stop()
    await api.stop()
    drafts.stop()
    await store.close()
    await rm(folder, { recursive: true, force: true })
  })
  return {
    api, store, registry, drafts, events, clock, folder, flowsFolder, logged, checked, cared, senders, tried, sendSandboxMail,
    ask: async (method, url, { token = adminToken, headers = {}, body } = {}) => {
      const text = body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body)
      const response = await open(api, method, url, {
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...(text === null ? {} : { 'content-type': 'application/json' }), ...headers,
      }, text)
      // A stream never ends by itself; its first answer is all that is asked here.
      if (response.headers['content-type']?.startsWith('text/event-stream')) {
        response.destroy()
        return { status: response.statusCode ?? 0, headers: response.headers, text: '', body: null }
      }
      const chunks: Buffer[] = []
      for await (const chunk of response) chunks.push(chunk as Buffer)
      const got = Buffer.concat(chunks).toString('utf8')
      return { status: response.statusCode ?? 0, headers: response.headers, text: got, body: jsonOrNull(got) }
    },
  }
}

/** The live stream of a signed-in page: what came so far, and the way to leave. */
export async function listen(world: World, headers: Readonly<Record<string, string>> = {}): Promise<{ readonly text: () => string; readonly response: IncomingMessage; leave(): void }> {
  const response = await open(world.api, 'GET', '/api/events', { authorization: `Bearer ${adminToken}`, ...headers }, null)
  let text = ''
  response.setEncoding('utf8').on('data', (chunk: string) => { text += chunk })
  response.on('error', () => {})
  return { text: () => text, response, leave: () => { response.destroy() } }
}

/** node:http and not fetch, which will not send a Host of our choosing. */
function open(api: Api, method: string, url: string, headers: Readonly<Record<string, string>>, body: string | null): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', port: api.port, method, path: url, headers, agent: false }, resolve)
    request.on('error', reject)
    if (body === null) request.end()
    else request.end(body)
  })
}

export const inboxInput = (change: Partial<ConnectionInput> = {}): ConnectionInput => ({
  id: connectionId('support-inbox'), name: 'Support inbox', description: '', kind: 'imap', host: 'imap.example.org', port: 993, security: 'tls', user: 'support@example.org',
  login: 'password', oauth: null, mailbox: '', certificate: '', trustedServers: [], ...usualLine, ...usualSending, maxConnections: 5, dkim: null, ...change,
})
export const outboxInput = (change: Partial<ConnectionInput> = {}): ConnectionInput =>
  inboxInput({ id: connectionId('support-outbox'), name: 'Support outbox', kind: 'smtp', host: 'smtp.example.org', port: 465, ...change })

/** Complete enough to be deployed once both connections are there. */
export const forwardFlow = (change: Partial<Flow> = {}): Flow => ({
  format: 1, id: flowId('support-tickets'), name: 'Support mail to tickets',
  nodes: [
    { id: nodeId('receive'), kind: 'receive-email', config: { connection: 'support-inbox', folder: 'INBOX' } },
    { id: nodeId('map'), kind: 'map-data', config: { rows: [{ to: 'to', value: 'tickets@example.org' }, { to: 'subject', from: ['receive.subject'] }, { to: 'text', from: ['receive.text'] }] } },
    { id: nodeId('send'), kind: 'send-email', config: { connection: 'support-outbox', from: 'support@example.org' } },
  ],
  edges: [{ from: nodeId('receive'), to: nodeId('map') }, { from: nodeId('map'), to: nodeId('send') }],
  view: { positions: { receive: [0, 0], map: [260, 0], send: [520, 0] } },
  ...change,
})

export async function withConnections(world: World): Promise<void> {
  await world.registry.put(inboxInput({ password: 'inbox-password' }))
  await world.registry.put(outboxInput())
}

/** One mail in the ledger with its run, computed and with one mail in the outbox. */
export async function oneRun(world: World, mail = 'Subject: <script>alert(1)</script>\r\n\r\nHello'): Promise<ClaimedRun> {
  const [run] = await world.store.ingest({
    flow: flowId('support-tickets'), node: nodeId('receive'), connection: connectionId('support-inbox'), folder: 'INBOX', version: 1, uidValidity: '1', at: world.clock.now(), cursor: '1', claim: true,
    mails: [{ uid: '1', flags: ['\\Seen'], receivedAt: null, raw: rawOf(mail), sha256: 'a'.repeat(64) }],
  })
  if (!run) throw new Error('the mail made no run')
  return run
}

export const rawOf = (text: string): Raw => ({ kind: 'bytes', bytes: Buffer.from(text) })
const textOf = (raw: Raw): string => (raw.kind === 'bytes' ? Buffer.from(raw.bytes).toString('latin1') : raw.path)

const nobody = { name: '', address: '', domain: '' }
const plainMail = (raw: Raw): Mail => ({
  messageId: '', inReplyTo: '', references: [], date: null, dateRaw: '', subject: textOf(raw).split('\r\n')[0] ?? '', from: nobody, fromAll: [], sender: null, replyTo: [], to: [], cc: [], bcc: [],
  text: textOf(raw), html: '', textDerived: false, replyText: '', quotedText: '', signature: '', attachments: [], headers: [], size: 0, receivedAt: null, folder: '', uid: '', flags: [], connection: '',
  auth: { spf: 'none', dkim: 'none', dmarc: 'none', by: '' }, isAutoReply: false, isBounce: false, bounce: null, invite: null, isList: false, ambiguousSender: false, truncated: [],
})

function fakeSandbox(): { readonly sandbox: ApiSandbox; readonly sendSandboxMail: (mail: SandboxMail) => void } {
  const listeners = new Set<(mail: SandboxMail) => void>()
  return {
    sandbox: {
      view: () => ({ on: true, letters: [{ id: 'hello', title: 'Hello', from: 'a@example.org', subject: 'Hello' }], sent: [], inbox: { address: 'you@sandbox.example', waiting: 0 } }),
      send: async (letter) => letter === 'hello',
      letter: (id) => (id === 'hello' ? rawOf('Subject: Hello\r\n\r\nfrom the sandbox') : null),
      mail: (id) => (id === 'one' ? rawOf('Subject: One\r\n\r\nout') : null),
      subscribe: (listener) => {
        listeners.add(listener)
        return () => { listeners.delete(listener) }
      },
    },
    sendSandboxMail: (mail) => { for (const listener of listeners) listener(mail) },
  }
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

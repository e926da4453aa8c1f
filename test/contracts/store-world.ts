/** A ledger under test and the few things every test says about it: a mail came, it was computed, it was sent. */
import type { FreshMail, IngestBatch, NewSend, SendOutcome, StepRecord, Store, StoredConnection } from '#runtime/store/store.ts'
import { connectionId, flowId, nodeId, type RunId, type SendId, sendId } from '#shared/ids.ts'
import type { RecipientState, SendEvent } from '#shared/run.ts'
import { usualLine, usualSending } from '#shared/connection.ts'

export interface StoreHarness {
  /** Opens the same data each time; the one before must be closed. */
  open(): Promise<Store>
  /** What starts test/store/ledger-writer.ts on this data: a process that writes and prints what was acknowledged. */
  readonly writer: readonly string[]
  remove(): Promise<void>
}
export type MakeHarness = () => Promise<StoreHarness>

export const flow = flowId('orders')
export const inbox = connectionId('inbox')
export const outbox = connectionId('outbox')
export const [receive, map, send] = [nodeId('receive'), nodeId('map'), nodeId('send')]
export const trigger = { flow, node: receive, connection: inbox, folder: 'INBOX' } as const

/** A time on one day; `time('10:00')`. */
export const time = (clock: string): string => `2026-03-04T${clock}:00.000Z`
export const bytesOf = (text: string) => ({ kind: 'bytes', bytes: new TextEncoder().encode(text) }) as const

export const letter = (uid: number | string, text = `Mail ${uid}`): FreshMail =>
  ({ uid: String(uid), flags: ['\\Recent'], receivedAt: time('09:00'), raw: bytesOf(text), sha256: `${text.length}`.padStart(64, '0') })

export const batch = (mails: readonly FreshMail[], changed: Partial<IngestBatch> = {}): IngestBatch =>
  ({ ...trigger, version: 1, uidValidity: '7', at: time('10:00'), mails, cursor: mails.at(-1)?.uid ?? '', claim: true, ...changed })

/** What the inbox is stored as. */
export const connection: StoredConnection = {
  id: inbox, name: 'Inbox', description: '', kind: 'imap', host: 'mail.example.org', port: 993, security: 'tls', user: 'u', login: 'password', oauth: null, mailbox: '', certificate: '', trustedServers: [], ...usualLine, ...usualSending,
  maxConnections: 5, createdAt: time('09:00'), updatedAt: time('09:00'), sandbox: false, signedInAt: null, sealed: 'sealed text', sealedOAuth: '', dkim: null, sealedDkim: '',
}

/** One mail taken in; returns its run. */
export async function takeIn(store: Store, uid: number | string, changed: Partial<IngestBatch> = {}): Promise<RunId> {
  const [run] = await store.ingest(batch([letter(uid)], changed))
  if (run === undefined) throw new Error(`mail ${uid} made no run`)
  return run.id
}

export const step = (node: typeof receive, state: StepRecord['state'], outputJson = ''): StepRecord =>
  ({ node, state, startedAt: time('10:00'), durationMs: 1.5, outputJson, problem: state === 'failed' ? { code: 'RUN_STEP_FAILED', say: 'broke', where: node } : null })

export const newSend = (run: RunId, recipients: readonly string[] = ['b@example.org'], node = send): NewSend => ({
  id: sendId(`${run}-${node}`), node, connection: outbox, messageId: `<${run}@mailweave>`, from: 'a@example.org', subject: 'Out',
  recipients, raw: bytesOf(`out ${run}`), giveUpAt: '2026-03-09T10:00:00.000Z',
})

/** The run wants to send; returns the row's id. */
export async function wantToSend(store: Store, run: RunId, recipients?: readonly string[]): Promise<SendId> {
  const wanted = newSend(run, recipients)
  await store.recordComputed({
    run, steps: [step(receive, 'done', '{"subject":"In"}'), step(map, 'done', '{"subject":"Out"}'), step(send, 'running')], sends: [wanted],
    mail: { subject: 'In', from: 'Ann <ann@example.org>', messageId: '<in@example.org>' }, state: 'running', problem: null, at: time('10:01'),
  })
  return wanted.id
}

/** The run ends at once, without a send. */
export const finish = (store: Store, run: RunId, state: 'done' | 'failed' = 'done', mail: { subject?: string; from?: string; messageId?: string } = {}, at = time('10:01')): Promise<unknown> =>
  store.recordComputed({
    run, steps: [step(receive, 'done', '{"subject":"In"}'), step(map, state)], sends: [], mail: { subject: 'In', from: 'ann@example.org', messageId: '', ...mail },
    state, problem: state === 'failed' ? { code: 'RUN_STEP_FAILED', say: 'broke', where: 'map' } : null, at,
  })

export const outcome = (id: SendId, states: Readonly<Record<string, RecipientState>>, what: SendEvent['what'], changed: Partial<SendOutcome> = {}): SendOutcome => ({
  send: id, at: time('10:02'), recipients: Object.entries(states).map(([address, state]) => ({ address, state, answer: `${state} answer` })),
  event: { at: time('10:02'), what, say: `${what} said` }, nextAttemptAt: null, ...changed,
})

export const nobody: ReadonlySet<never> = new Set<never>()
export const queue = { connection: outbox, flow } as const
export const due = async (store: Store, now: string) =>
  (await Promise.all((await store.dueQueues(now)).map((one) => store.dueSends(now, one, 100, nobody)))).flat()

/** A real mail to map with: the flow's last one, else the newest in its mailboxes, else a letter of the sandbox. */
import type { FlowId } from '#shared/ids.ts'
import { connectionId } from '#shared/ids.ts'
import { mailboxesOf } from '#shared/nodes/receive-email.ts'
import type { ApiSandbox, SampleMail } from './api/deps.ts'
import type { Drafts } from './drafts.ts'
import type { Visits } from './mailboxes.ts'
import type { Store } from './store/store.ts'

export interface SampleParts {
  readonly store: Store
  readonly drafts: Pick<Drafts, 'read'>
  readonly visits: Visits
  readonly sandbox: ApiSandbox | null
}

export async function findSample(flow: FlowId, parts: SampleParts): Promise<SampleMail | null> {
  return (await lastRunOf(flow, parts)) ?? (await newestInMailbox(flow, parts)) ?? letterOf(parts)
}

async function lastRunOf(flow: FlowId, { store }: SampleParts): Promise<SampleMail | null> {
  const id = await store.lastMailOf(flow)
  const run = id ? await store.run(id) : null
  const raw = run ? await store.rawOfMail(run.mail.id) : null
  if (!run || !raw) return null
  const facts = { connection: connectionId(run.mail.connection), folder: run.mail.folder, uid: run.uid, flags: run.flags, receivedAt: run.receivedAt }
  return { raw, facts, source: 'the last mail of this flow' }
}

/** A mailbox that can't be reached right now is no reason to have no sample. */
async function newestInMailbox(flow: FlowId, { drafts, visits }: SampleParts): Promise<SampleMail | null> {
  const draft = await drafts.read(flow)
  for (const { connection: named, folder } of draft?.flow?.nodes.flatMap((node) => (node.kind === 'receive-email' ? mailboxesOf(node.config) : [])) ?? []) {
    if (named === '') continue
    const connection = connectionId(named)
    const found = await visits.newest(connection, folder).catch(() => null)
    if (found) return { raw: found.raw, facts: { connection, folder, uid: found.uid, flags: [], receivedAt: null }, source: `the newest mail in ${folder}` }
  }
  return null
}

function letterOf({ sandbox }: SampleParts): SampleMail | null {
  const first = sandbox?.view().letters[0]
  const raw = first ? sandbox?.letter(first.id) : null
  return first && raw ? { raw, facts: { connection: '', folder: 'INBOX', uid: '1', flags: [], receivedAt: null }, source: `a sample letter: ${first.title}` } : null
}

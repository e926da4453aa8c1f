/** Which mails are there: SEARCH alone, so that looking never changes a mail. */
import type { SearchObject } from 'imapflow'
import { fault } from '#shared/errors.ts'
import type { LookFilter } from '../mailbox.ts'
import type { Session } from './session.ts'

/** UIDs that match, ascending. Mails marked as deleted are not there any more for a person, and so not for a flow. */
export async function look(session: Session, filter: LookFilter): Promise<readonly number[]> {
  const found = await session.ask(() => search(session, {
    deleted: false,
    ...(filter.unseenOnly ? { seen: false } : {}),
    ...(filter.fromUid > 1 ? { uid: `${filter.fromUid}:*` } : {}),
    ...(filter.since === '' ? {} : { since: filter.since.slice(0, 10) }),
  }))
  // `n:*` names the last mail even when its UID is smaller than n (RFC 9051 section 9, seq-range).
  return found.filter((uid) => uid >= filter.fromUid)
}

/** For use inside a turn. imapflow drops what is no UID, sorts and makes single; `false` is a refusal. */
export async function search(session: Session, query: SearchObject): Promise<readonly number[]> {
  const found = await session.client.search(query, { uid: true })
  if (Array.isArray(found)) return found
  throw fault('MAIL_BUSY', { host: session.account.host, answer: session.refusal() })
}

/** UIDs whose Message-ID is this one. SEARCH HEADER finds parts of words, so the header itself decides. */
export async function findMessageId(session: Session, messageId: string): Promise<readonly number[]> {
  const wanted = bareId(messageId)
  if (wanted === '') return []
  return session.ask(async () => {
    const candidates = await search(session, { header: { 'message-id': wanted } })
    const found = await messageIdsOf(session, candidates)
    return [...found].filter(([, id]) => id === wanted).map(([uid]) => uid).toSorted((a, b) => a - b)
  })
}

/** The Message-ID of each mail, for use inside a turn; mails without one are left out. */
export async function messageIdsOf(session: Session, uids: readonly number[]): Promise<ReadonlyMap<number, string>> {
  const ids = new Map<number, string>()
  if (uids.length === 0) return ids
  for await (const row of session.client.fetch(uidSet(uids), { uid: true, envelope: true }, { uid: true })) {
    const id = bareId(row.envelope?.messageId ?? '')
    if (id !== '' && Number.isSafeInteger(row.uid)) ids.set(row.uid, id)
  }
  return ids
}

/** Without blanks and angle brackets, so that `<a@b>` and `a@b` are one. */
const bareId = (id: string): string => id.trim().replace(/^<|>$/g, '')

/** A set as IMAP writes it, runs as ranges: 1:5,7. */
export function uidSet(uids: readonly number[]): string {
  const parts: string[] = []
  const sorted = uids.toSorted((a, b) => a - b)
  for (let at = 0; at < sorted.length;) {
    const first = sorted[at] ?? 0
    let end = at
    while (sorted[end + 1] === (sorted[end] ?? 0) + 1) end += 1
    const last = sorted[end] ?? first
    parts.push(first === last ? `${first}` : `${first}:${last}`)
    at = end + 1
  }
  return parts.join(',')
}

/** Which mails are there: SEARCH alone, so that looking never changes a mail. */
import type { SearchObject } from 'imapflow'
import { fault, problemOf } from '#shared/errors.ts'
import type { LookFilter, Uid } from '../mailbox.ts'
import { criteriaOf } from './criteria.ts'
import type { Session } from './session.ts'

/** UIDs that match, ascending. Mails marked as deleted are not there any more for a person, and so not for a flow. */
export async function look(session: Session, filter: LookFilter): Promise<readonly number[]> {
  const { from, query } = askFor(filter)
  const found = await session.ask(() => search(session, query))
  // `n:*` names the last mail even when its UID is smaller than n (RFC 9051 section 9, seq-range).
  return found.filter((uid) => uid >= from)
}

/** The search for a filter, and the first UID that counts. */
export function askFor(filter: LookFilter): { readonly from: number; readonly query: SearchObject } {
  const from = Math.max(filter.firstUid === '' ? 1 : uidNumber(filter.firstUid), filter.cursor === '' ? 1 : uidNumber(filter.cursor) + 1)
  // Of two days the later one counts.
  const since = [filter.since.slice(0, 10), filter.search?.since ?? ''].toSorted().at(-1) ?? ''
  return { from, query: {
    deleted: false,
    ...(filter.search ? criteriaOf(filter.search) : {}),
    ...(filter.unseenOnly ? { seen: false } : {}),
    ...(from > 1 ? { uid: `${from}:*` } : {}),
    ...(since === '' ? {} : { since }),
  } }
}

/** Refuses text that no IMAP server gave: said to one, it would be another command. */
export function uidNumber(uid: Uid): number {
  if (/^[1-9]\d{0,15}$/.test(uid)) return Number(uid)
  throw fault('INTERNAL', { reason: 'a mail of another protocol was asked of an IMAP server' })
}

/** RFC 9051 section 9, nz-number: 32 bits. */
const lastUid = 0xffff_ffff

/** For use inside a turn. imapflow drops what is no number, sorts and makes single; `false` is a refusal. */
export async function search(session: Session, query: SearchObject): Promise<readonly number[]> {
  const found = await session.client.search(query, { uid: true })
  // What is no UID would move the cursor past all mail there will ever be.
  if (Array.isArray(found)) return found.filter((uid) => uid <= lastUid)
  throw fault('MAIL_BUSY', { host: session.account.host, answer: session.refusal() })
}

/**
 * UIDs whose Message-ID is this one. SEARCH HEADER finds parts of words, so the header itself decides. Where a server refuses
 * to search headers, or does and finds nothing, the heads of the `newest` so many mails are read.
 */
export async function findMessageId(session: Session, messageId: string, newest = 0): Promise<readonly number[]> {
  const wanted = bareId(messageId)
  if (wanted === '') return []
  return session.ask(async (alive) => {
    const among = async (range: string, byUid: boolean): Promise<readonly number[]> =>
      [...await headsIn(session, range, byUid)].filter(([, head]) => head.messageId === wanted).map(([uid]) => uid).toSorted((a, b) => a - b)
    const candidates = await search(session, withMessageId(wanted)).catch((error: unknown) => {
      if (newest > 0 && problemOf(error).code === 'MAIL_BUSY') return []
      throw error
    })
    const found = candidates.length > 0 ? await among(uidSet(candidates), true) : []
    const there = session.client.mailbox === false ? 0 : session.client.mailbox.exists
    if (found.length > 0 || newest === 0 || there === 0) return found
    alive()
    return among(`${Math.max(1, there - newest + 1)}:*`, false)
  })
}

/** In angle brackets, or a hostile `<a>` would name every mail that has an a in its Message-ID. */
export const withMessageId = (bare: string): SearchObject => ({ header: { 'message-id': `<${bare}>` } })

/** What tells a mail from others in any folder. */
export interface Head { readonly messageId: string; readonly size: number; readonly receivedAt: string }

/** For use inside a turn; mails without a Message-ID are left out. */
export async function headsOf(session: Session, uids: readonly number[]): Promise<ReadonlyMap<number, Head>> {
  return uids.length === 0 ? new Map<number, Head>() : headsIn(session, uidSet(uids), true)
}

async function headsIn(session: Session, range: string, byUid: boolean): Promise<ReadonlyMap<number, Head>> {
  const heads = new Map<number, Head>()
  for await (const row of session.client.fetch(range, { uid: true, envelope: true, size: true, internalDate: true }, { uid: byUid })) {
    const messageId = bareId(row.envelope?.messageId ?? '')
    if (messageId === '' || !Number.isSafeInteger(row.uid)) continue
    heads.set(row.uid, { messageId, size: row.size ?? 0, receivedAt: row.internalDate instanceof Date ? row.internalDate.toISOString() : '' })
  }
  return heads
}

/** Without blanks and angle brackets, so that `<a@b>` and `a@b` are one. */
export const bareId = (id: string): string => id.trim().replace(/^<|>$/g, '')

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

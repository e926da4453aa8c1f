/** Mails that match a person's search: the server searches, and of those wanted the heads are read; no flag changes. */
import type { FetchMessageObject } from 'imapflow'
import type { MailQuery } from '#shared/mail-search.ts'
import type { MailHead } from '#shared/mailbox-action.ts'
import { ledger } from '#runtime/limits.ts'
import type { Found, FoundPage } from '../mailbox.ts'
import { criteriaOf } from './criteria.ts'
import { bareId, search, uidSet } from './look.ts'
import type { Session } from './session.ts'

export async function findMails(session: Session, query: MailQuery, { limit, newestFirst }: FoundPage): Promise<Found> {
  return session.ask(async (alive) => {
    // What is marked as deleted is not there for a person, and so not for a flow.
    const found = await search(session, { deleted: false, ...criteriaOf(query) })
    const listed = newestFirst ? found.slice(-limit).toReversed() : found.slice(0, limit)
    if (listed.length === 0) return { count: found.length, mails: [] }
    alive()
    const heads = new Map<number, MailHead>()
    const asked = { uid: true, flags: true, envelope: true, internalDate: true, size: true }
    for await (const row of session.client.fetch(uidSet(listed), asked, { uid: true })) heads.set(row.uid, headOf(row))
    // One that went away between the two answers is left out.
    return { count: found.length, mails: listed.flatMap((uid) => heads.get(uid) ?? []) }
  })
}

function headOf({ uid, flags, envelope, internalDate, size }: FetchMessageObject): MailHead {
  const [sender] = envelope?.from ?? []
  const address = cut(sender?.address ?? '').toLowerCase()
  return {
    uid: String(uid), messageId: cut(bareId(envelope?.messageId ?? '')), subject: cut(envelope?.subject ?? ''),
    from: { name: cut(sender?.name ?? ''), address, domain: address.split('@').at(-1) ?? '' },
    date: isoOr(envelope?.date), receivedAt: isoOr(internalDate), size: size ?? 0,
    unread: !(flags?.has('\\Seen') ?? false), flagged: flags?.has('\\Flagged') ?? false,
  }
}

const cut = (text: string): string => text.replace(/[\p{Cc}\s]+/gu, ' ').trim().slice(0, ledger.textChars)
const isoOr = (date: unknown): string | null => (date instanceof Date && !Number.isNaN(date.getTime()) ? date.toISOString() : null)

/**
 * Bytes as they lie on the server, by BODY.PEEK alone. Ordinary mails come a chunk a command; a large one goes piece
 * by piece into a scratch file and never lies in memory whole. What came whole is kept when the line breaks.
 */
import { hash } from 'node:crypto'
import type { Fault } from '#shared/errors.ts'
import { fetchChunk, fetchChunkBytes, imapRowBytes } from '#runtime/limits.ts'
import type { Spool } from '#runtime/raw.ts'
import type { Fetched, NotFetched } from '../mailbox.ts'
import { fetchPiece, streamLarge, type Seen } from './large.ts'
import { search, uidSet } from './look.ts'
import type { Session } from './session.ts'

/** How many mails one command asks for, learnt from the mails before. */
export interface Pace { count: number }

export async function* fetchMails(session: Session, pace: Pace, uids: readonly number[], spool: Spool, limits: { readonly maxMailBytes: number }): AsyncGenerator<Fetched | NotFetched> {
  // Sizes are not known before the first answer: begin with a chunk that fits even if all of it is as large as can be.
  if (pace.count === 0) pace.count = countFor(spool.inlineLimit)
  for (let at = 0; at < uids.length;) {
    const wanted = uids.slice(at, at + pace.count)
    const chunk = await fetchChunkOf(session, wanted, spool.inlineLimit)
    let bytes = 0
    for (const uid of wanted) {
      const seen = chunk.rows.get(uid)
      // Not one further, even if it came: a cursor that passed the gap would lose the mail in it.
      if (seen === undefined && chunk.broken !== null) throw chunk.broken
      bytes += seen?.head?.length ?? 0
      yield await takeMail(session, uid, seen, spool, limits.maxMailBytes)
    }
    if (chunk.broken !== null) throw chunk.broken
    at += wanted.length
    pace.count = countFor(bytes / wanted.length)
  }
}

const countFor = (bytesEach: number): number => Math.min(fetchChunk, Math.max(1, Math.floor(fetchChunkBytes / Math.max(1, bytesEach))))

/** One byte more than may lie in memory is asked for: a head of that length tells that the mail is a large one. */
async function fetchChunkOf(session: Session, wanted: readonly number[], inlineLimit: number): Promise<{ readonly rows: ReadonlyMap<number, Seen>; readonly broken: Fault | null }> {
  const rows = new Map<number, Seen>()
  const asked = new Set(wanted)
  const query = { uid: true, flags: true, internalDate: true, size: true, source: { start: 0, maxLength: inlineLimit + 1 } }
  try {
    await session.ask(async (alive) => {
      for await (const row of session.client.fetch(uidSet(wanted), query, { uid: true })) {
        // Rows without a UID, of mails not asked for, and repeated ones are a server's news or lies: never a mail.
        if (!asked.has(row.uid)) continue
        const seen = rows.get(row.uid) ?? { flags: [], receivedAt: null, size: null, head: null }
        rows.set(row.uid, seen)
        if (row.flags !== undefined) seen.flags = [...row.flags].filter((flag) => flag !== '\\Recent')
        if (row.internalDate instanceof Date) seen.receivedAt = row.internalDate.toISOString()
        if (typeof row.size === 'number') seen.size = row.size
        if (seen.head !== null || !Buffer.isBuffer(row.source)) continue
        seen.head = row.source
        // Only a mail that came buys more time: a server could repeat rows for ever.
        alive()
      }
    }, '', { bytes: wanted.length * (inlineLimit + imapRowBytes) })
    return { rows, broken: null }
  } catch (error) {
    if (rows.size === 0) throw error
    for (const [uid, seen] of rows) if (!isWhole(seen, inlineLimit)) rows.delete(uid)
    // session.ask rejects with faults only.
    return { rows, broken: error as Fault }
  }
}

/** Fewer bytes than asked for, and no fewer than announced: nothing can be missing. */
const isWhole = ({ head, size }: Seen, inlineLimit: number): boolean => head !== null && size !== null && head.length <= inlineLimit && head.length >= size

async function takeMail(session: Session, uid: number, seen: Seen | undefined, spool: Spool, maxMailBytes: number): Promise<Fetched | NotFetched> {
  if (seen === undefined) return gone(uid)
  const { head, size } = seen
  if (head === null) {
    // Dovecot sends NIL for a mail that another client just removed; only a look tells that from a broken server.
    if (!await isThere(session, uid)) return gone(uid)
    return { uid: String(uid), size: size ?? 0, code: 'MAIL_PROTOCOL', reason: 'the server told of the mail but did not send it' }
  }
  if (Math.max(size ?? 0, head.length) > maxMailBytes) return { uid: String(uid), size: Math.max(size ?? 0, head.length), code: 'MAIL_TOO_LARGE', reason: `it is larger than ${maxMailBytes} bytes` }
  if (isWhole(seen, spool.inlineLimit) || (head.length <= spool.inlineLimit && await endsHere(session, uid, head.length))) {
    const { flags, receivedAt } = seen
    return { uid: String(uid), flags, receivedAt, raw: { kind: 'bytes', bytes: head }, sha256: hash('sha256', head) }
  }
  return streamLarge(session, uid, seen, spool, maxMailBytes)
}

const gone = (uid: number): NotFetched => ({ uid: String(uid), size: 0, code: 'MAIL_GONE', reason: 'it is no longer in the folder' })

async function isThere(session: Session, uid: number): Promise<boolean> {
  return session.ask(async () => {
    // The server may tell of removals only now (RFC 3501 section 7.4.1).
    await session.client.noop()
    return (await search(session, { uid: `${uid}` })).length > 0
  })
}

/**
 * Fewer bytes than announced: Exchange only estimates sizes, a broken server cuts a mail short. A question for the
 * byte behind the last one tells the two apart.
 */
async function endsHere(session: Session, uid: number, length: number): Promise<boolean> {
  const more = await fetchPiece(session, uid, length, 1)
  return more !== null && more.length === 0
}

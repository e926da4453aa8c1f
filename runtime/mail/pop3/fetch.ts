/**
 * Bytes as they lie on the server, by RETR alone. Ordinary mails come a batch in one round trip where the server takes
 * several commands at once; a large one goes into a scratch file. What came whole is kept when the line breaks.
 */
import { Fault } from '#shared/errors.ts'
import { fetchChunk, fetchChunkBytes } from '#runtime/limits.ts'
import type { Spool } from '#runtime/raw.ts'
import type { Fetched, NotFetched, Uid } from '../mailbox.ts'
import { arrivalOf } from './heads.ts'
import type { Listing } from './listing.ts'
import type { Maildrop, Visit } from './maildrop.ts'
import { intoSpool, takeMail } from './retrieve.ts'

interface Limits { readonly maxMailBytes: number }
type Mail = Fetched | NotFetched
interface Batch { readonly mails: readonly Mail[]; readonly broken: Fault | null }

export async function* fetchMails(drop: Maildrop, uids: readonly Uid[], spool: Spool, limits: Limits): AsyncGenerator<Mail> {
  for (let at = 0; at < uids.length;) {
    const batch = await drop.visit(Infinity, (visit) => fetchBatch(visit, uids.slice(at, at + fetchChunk), spool, limits))
    for (const mail of await tellGone(drop, batch.mails)) yield mail
    at += batch.mails.length
    if (batch.broken !== null) throw batch.broken
  }
}

async function fetchBatch({ session, listing }: Visit, uids: readonly Uid[], spool: Spool, { maxMailBytes }: Limits): Promise<Batch> {
  const wanted = uids.slice(0, countFor(uids, listing, spool.inlineLimit))
  const mails: Mail[] = []
  const orders = wanted.map((uid) => {
    const listed = listing.mails.get(uid)?.[0]
    return listed !== undefined && listed.size <= maxMailBytes ? { listed, command: `RETR ${listed.number}` } : { listed, command: null }
  })
  try {
    await session.ask(async () => {
      const wire = session.wire()
      const together = session.offers.names.has('PIPELINING')
      const commands = orders.flatMap(({ command }) => (command === null ? [] : [command]))
      if (together && commands.length > 0) wire.send(commands)
      for (const [index, { listed, command }] of orders.entries()) {
        const uid = wanted[index] ?? ''
        if (listed === undefined) mails.push(gone(uid))
        else if (command === null) mails.push(tooLarge(uid, listed.size, maxMailBytes))
        else {
          if (!together) wire.send([command])
          const answer = await session.answer()
          if (!answer.ok) { mails.push({ uid, size: Math.max(0, listed.size), code: 'MAIL_PROTOCOL', reason: answer.text === '' ? 'the server refused to send it' : answer.text }); continue }
          const { kept, sha256 } = await takeMail(session, { announced: listed.size, most: maxMailBytes, sink: intoSpool(spool) })
          mails.push({ uid, flags: [], receivedAt: kept.kind === 'bytes' ? arrivalOf(Buffer.from(kept.bytes.buffer, kept.bytes.byteOffset, kept.bytes.byteLength)) : null, raw: kept, sha256 })
        }
      }
    })
    return { mails, broken: null }
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    const uid = wanted[mails.length]
    // Larger than its size said: the line had to go, the mails behind it come over the next one.
    if (error.code === 'MAIL_TOO_LARGE' && uid !== undefined) return { mails: [...mails, tooLarge(uid, maxMailBytes + 1, maxMailBytes)], broken: null }
    if (mails.length === 0) throw error
    return { mails, broken: error }
  }
}

/** So many that they fit into memory together; a mail of unknown size may take all that a mail in memory can. */
function countFor(uids: readonly Uid[], listing: Listing, inlineLimit: number): number {
  let bytes = 0
  for (const [index, uid] of uids.entries()) {
    const size = listing.mails.get(uid)?.[0]?.size ?? 0
    bytes += size < 0 ? inlineLimit : Math.min(size, inlineLimit)
    if (bytes > fetchChunkBytes) return Math.max(1, index)
  }
  return uids.length
}

/** A mail that the server refuses to send may have been taken away by another program: the next session's listing tells. */
async function tellGone(drop: Maildrop, mails: readonly Mail[]): Promise<readonly Mail[]> {
  if (mails.every((mail) => !('code' in mail) || mail.code !== 'MAIL_PROTOCOL')) return mails
  const there = await drop.visit(-1, ({ listing }) => Promise.resolve(listing.mails))
  return mails.map((mail) => ('code' in mail && mail.code === 'MAIL_PROTOCOL' && !there.has(mail.uid) ? gone(mail.uid) : mail))
}

const gone = (uid: Uid): NotFetched => ({ uid, size: 0, code: 'MAIL_GONE', reason: 'it is no longer in the mailbox' })
const tooLarge = (uid: Uid, size: number, most: number): NotFetched => ({ uid, size, code: 'MAIL_TOO_LARGE', reason: `it is larger than ${most} bytes` })

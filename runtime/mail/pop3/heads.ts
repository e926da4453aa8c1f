/** Headers alone, by TOP (RFC 1939 section 7), or out of the whole mail where the server has no TOP. */
import type { MessagePeek } from '#shared/api.ts'
import { fault } from '#shared/errors.ts'
import { asksForAll, type MailQuery } from '#shared/mail-search.ts'
import type { MailHead } from '#shared/mailbox-action.ts'
import { ledger, pop3HeadBytes } from '#runtime/limits.ts'
import type { Fingerprint } from '#runtime/fingerprint.ts'
import type { Found, FoundPage, Uid } from '../mailbox.ts'
import { readAddresses } from '../mime/addresses.ts'
import { decodeWords } from '../mime/encoded-words.ts'
import { firstValue, oneLine, readHeaderFields, type HeaderField } from '../mime/header-fields.ts'
import { readDate } from '../mime/mail-date.ts'
import type { Listed } from './listing.ts'
import type { Visit } from './maildrop.ts'
import { mayOffer } from './offers.ts'
import type { Session } from './session.ts'

type Fields = readonly HeaderField[]

/** Newest first. POP3 knows no read mails, so all are waiting. */
export async function peek({ session, listing }: Visit, limit: number): Promise<{ readonly messages: readonly MessagePeek[]; readonly total: number; readonly waiting: number }> {
  const mails = listedOf(listing)
  const newest = limit > 0 ? mails.slice(-limit).toReversed() : []
  const messages: MessagePeek[] = []
  for (const [uid, listed] of newest) {
    const fields = await headOf(session, listed)
    if (fields === null) continue
    const [from] = readAddresses(firstValue(fields, 'from'), 1)
    messages.push({
      uid, subject: oneLine(decodeWords(firstValue(fields, 'subject'))), from: from?.name || from?.address || '',
      date: arrival(fields) ?? readDate(firstValue(fields, 'date')), size: Math.max(0, listed.size), seen: false,
    })
  }
  return { messages, total: mails.length, waiting: mails.length }
}

/** The list of the mails, as far as POP3 can tell: a search would have to read every mail. */
export async function findMails({ session, listing }: Visit, query: MailQuery, { limit, newestFirst }: FoundPage): Promise<Found> {
  if (!asksForAll(query)) throw fault('MAIL_ACTION_REFUSED', { action: 'search', answer: 'POP3 can\'t search. Leave the search empty, or use IMAP.' })
  const mails = listedOf(listing)
  const heads: MailHead[] = []
  for (const [uid, listed] of newestFirst ? mails.slice(-limit).toReversed() : mails.slice(0, limit)) {
    const fields = await headOf(session, listed)
    if (fields !== null) heads.push(headFrom(uid, listed, fields))
  }
  return { count: mails.length, mails: heads }
}

/** Oldest first; of mails under one name the first. */
const listedOf = ({ mails }: Visit['listing']): readonly (readonly [Uid, Listed])[] =>
  [...mails].flatMap(([uid, [listed]]) => (listed === undefined ? [] : [[uid, listed] as const]))

function headFrom(uid: Uid, listed: Listed, fields: Fields): MailHead {
  const [from] = readAddresses(firstValue(fields, 'from'), 1)
  return {
    uid, messageId: cut(bareId(firstValue(fields, 'message-id'))), subject: cut(oneLine(decodeWords(firstValue(fields, 'subject')))),
    from: from ?? { name: '', address: '', domain: '' }, date: readDate(firstValue(fields, 'date')), receivedAt: arrival(fields), size: Math.max(0, listed.size), unread: true, flagged: false,
  }
}

const cut = (text: string): string => text.slice(0, ledger.textChars)

export async function findMessageId({ session, listing }: Visit, messageId: string): Promise<readonly Uid[]> {
  const wanted = bareId(messageId)
  if (wanted === '') return []
  const found: Uid[] = []
  for (const [uid, [listed]] of listing.mails) {
    const fields = listed === undefined ? null : await headOf(session, listed)
    if (fields !== null && bareId(firstValue(fields, 'message-id')) === wanted) found.push(uid)
  }
  return found
}

export async function readFingerprints({ session, listing }: Visit, uids: readonly Uid[]): Promise<readonly Fingerprint[]> {
  const prints: Fingerprint[] = []
  for (const uid of uids) {
    const [listed] = listing.mails.get(uid) ?? []
    const fields = listed === undefined ? null : await headOf(session, listed)
    if (listed === undefined || fields === null) continue
    prints.push({ uid, messageId: bareId(firstValue(fields, 'message-id')), size: Math.max(0, listed.size), receivedAt: arrival(fields) ?? '' })
  }
  return prints
}

/** When a mail came, as far as its headers tell: POP3 itself does not. null: they tell nothing, or the mail is gone. */
export async function dateOf(session: Session, listed: Listed): Promise<string | null> {
  const fields = await headOf(session, listed)
  return fields === null ? null : arrival(fields) ?? readDate(firstValue(fields, 'date'))
}

/** The last server's own word of a mail's arrival: the date of the topmost Received (RFC 5321 section 4.4). */
export const arrivalOf = (mail: Buffer): string | null => arrival(readHeaderFields(mail, pop3HeadBytes).fields)

function arrival(fields: Fields): string | null {
  const received = firstValue(fields, 'received')
  return received === '' ? null : readDate(received.slice(received.lastIndexOf(';') + 1).trim())
}

const bareId = (id: string): string => id.trim().replace(/^<|>$/g, '')

/** null: the server refuses the mail. */
function headOf(session: Session, { number }: Listed): Promise<Fields | null> {
  return session.ask(async () => {
    const byTop = mayOffer(session.offers, 'TOP') ? await session.command(`TOP ${number} 0`) : null
    const answer = byTop?.ok === true ? byTop : await session.command(`RETR ${number}`)
    if (!answer.ok) return null
    const pieces: Buffer[] = []
    let size = 0
    await session.wire().bytes((piece) => {
      if (size < pop3HeadBytes) pieces.push(piece)
      size += piece.length
    })
    return readHeaderFields(Buffer.concat(pieces), pop3HeadBytes).fields
  })
}

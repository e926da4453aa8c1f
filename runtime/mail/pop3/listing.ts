/**
 * Which mails a session shows and what names them from one session to the next. Message numbers live for one session
 * (RFC 1939 section 5), so a mail's name is its UIDL; where a server gives none, an unreadable one or the same one twice,
 * the sha256 of the mail's bytes names it. Two mails of the same bytes are then one.
 */
import { createHash } from 'node:crypto'
import { fault, type Fault } from '#shared/errors.ts'
import { maxMailBytes, pop3Wire } from '#runtime/limits.ts'
import type { Uid } from '../mailbox.ts'
import { refusalFault } from './faults.ts'
import { mayOffer } from './offers.ts'
import { discard, retrieve } from './retrieve.ts'
import type { Session } from './session.ts'

export interface Listed {
  /** In this session alone. */
  readonly number: number
  /** Octets as the server reckons them; -1 when it does not say. */
  readonly size: number
}
export interface Listing {
  /** By the mail's name, in the server's order; several only where bytes name them. */
  readonly mails: ReadonlyMap<Uid, readonly Listed[]>
  /** false: the server tells no UIDL, and the mails are named by their bytes. */
  readonly hasUidl: boolean
}

/** Reads a whole listing in one turn. Where bytes have to name a mail, it is fetched for that. */
export function listMails(session: Session): Promise<Listing> {
  return session.ask(async () => {
    const { numbered, uidls, hasUidl } = await readLists(session)
    const shared = repeated(uidls)
    const mails = new Map<Uid, Listed[]>()
    for (const [number, size] of numbered) {
      const uidl = uidls.get(number)
      const uid = uidl !== undefined && !shared.has(uidl) ? uidl : await nameByBytes(session, number, size)
      const same = mails.get(uid)
      if (same === undefined) mails.set(uid, [{ number, size }])
      else same.push({ number, size })
    }
    return { mails, hasUidl }
  })
}

/** UIDLs that name more than one mail, and so none. */
function repeated(uidls: ReadonlyMap<number, string>): ReadonlySet<string> {
  const seen = new Set<string>()
  const twice = new Set<string>()
  for (const uidl of uidls.values()) if (seen.has(uidl)) twice.add(uidl); else seen.add(uidl)
  return twice
}

interface Lists {
  /** Sizes by number. */
  readonly numbered: ReadonlyMap<number, number>
  readonly uidls: ReadonlyMap<number, string>
  readonly hasUidl: boolean
}

/** UIDL and LIST, in one round trip where the server takes several commands at once (RFC 2449 section 6.6). */
async function readLists(session: Session): Promise<Lists> {
  const { account } = session
  const wire = session.wire()
  const together = session.offers.names.has('PIPELINING')
  const uidls = new Map<number, string>()
  const numbered = new Map<number, number>()
  wire.send(together ? ['UIDL', 'LIST'] : ['UIDL'])
  const named = await session.answer()
  if (named.ok) {
    await wire.lines(pop3Wire.listing, (line) => {
      // RFC 1939 section 7: one to 70 characters from ! to ~. What is none is as good as no name.
      const [, number, uidl = ''] = /^(\d{1,9}) +([\x21-\x7e]{1,250})[ \t]*$/.exec(line) ?? []
      if (number !== undefined && !uidls.has(Number(number))) uidls.set(Number(number), uidl)
    })
  } else if (named.code !== '') throw refusalFault(named, account, 'busy', 'INBOX')
  if (!together) wire.send(['LIST'])
  const sized = await session.answer()
  if (!sized.ok) throw refusalFault(sized, account, 'busy', 'INBOX')
  await wire.lines(pop3Wire.listing, (line) => {
    const [, number = '', size = ''] = /^(\d{1,9})(?: +(\d{1,15}))?(?: .*)?$/.exec(line.trimEnd()) ?? []
    // A line that names no mail hides one: better no look than a mail that is never seen.
    if (Number(number) < 1) throw unreadable(session)
    if (!numbered.has(Number(number))) numbered.set(Number(number), size === '' ? -1 : Number(size))
  })
  // Some servers write the message number where the UIDL belongs: it names another mail in the next session.
  const isNumbers = uidls.size > 0 && [...uidls].every(([number, uidl]) => uidl === String(number))
  return { numbered, uidls: isNumbers ? new Map() : uidls, hasUidl: named.ok && !isNumbers }
}

const unreadable = ({ account }: Session): Fault => fault('MAIL_PROTOCOL', { host: account.host, reason: 'its list of mails can\'t be read' }, 'INBOX')

/** A mail over the limit is never fetched, so its size and head name it. */
async function nameByBytes(session: Session, number: number, size: number): Promise<string> {
  if (size > maxMailBytes) return `large-${size}-${await nameByHead(session, number)}`
  const taken = await retrieve(session, number, { announced: size, most: maxMailBytes, sink: discard })
  if (taken === null) throw fault('MAIL_PROTOCOL', { host: session.account.host, reason: 'it gives mails no lasting names and refuses to send one' }, 'INBOX')
  return `sha256:${taken.sha256}`
}

async function nameByHead(session: Session, number: number): Promise<string> {
  if (!mayOffer(session.offers, 'TOP')) return ''
  const { ok } = await session.command(`TOP ${number} 0`)
  const hash = createHash('sha256')
  if (ok) await session.wire().bytes((piece) => { hash.update(piece) })
  return ok ? hash.digest('hex') : ''
}

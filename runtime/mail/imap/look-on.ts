/**
 * A look that asks only what may have begun to match since an earlier one, so that thousands of mails which stay unread
 * cost nothing each time. It may name mails that matched before; it leaves out none that began to.
 */
import type { ImapFlow, MailboxObject, SearchObject } from 'imapflow'
import { fault } from '#shared/errors.ts'
import type { Clock } from '#runtime/clock.ts'
import { cheapLook } from '#runtime/limits.ts'
import type { LookedOn, LookFilter, LookMark } from '../mailbox.ts'
import { askFor, search, uidSet } from './look.ts'
import type { Changes } from './note-changes.ts'
import type { Session } from './session.ts'

/** What a mark stands for: all mails from `from` on that matched `about` are known. */
interface Seen {
  readonly about: string
  readonly from: number
  /** Above every UID that matched. */
  readonly next: number
  /** Whatever changed up to this modification sequence was seen; null where the server does not count (RFC 7162). */
  readonly modseq: bigint | null
  /** Moment of `Changes`. */
  readonly told: number
  readonly found: number
  readonly wholeAtMs: number
}
interface Found { readonly uids: readonly number[]; readonly modseq: bigint | null }
interface LookOnParts { readonly changes: Changes; /** The folder's, when it was opened; null where the server does not count. */ readonly modseq: bigint | null; readonly clock: Clock }

/** No `*`: it names the last mail, however small its UID. */
const lastUid = 4_294_967_295

export function makeLookOn(session: Session, { changes, modseq: opened, clock }: LookOnParts): (filter: LookFilter, mark: LookMark | null) => Promise<LookedOn> {
  const marks = new WeakMap<LookMark, Seen>()
  /** Every change up to this one was there to be found: the folder's when it was opened, later the highest of an answer (RFC 7162 section 3.1.5). */
  let floor = opened

  /** The search that finds what began to match since; null where all must be asked for. */
  function narrow(query: SearchObject, from: number, before: Seen | undefined, about: string): SearchObject | null {
    if (before?.about !== about || from < before.from) return null
    const ageMs = clock.steadyMs() - before.wholeAtMs
    if (before.modseq !== null && floor !== null) {
      // A new mail counts as new also where its sequence was given out before it was shown to us.
      return ageMs < cheapLook.countedWholeMs ? { ...query, or: [{ modseq: before.modseq + 1n }, { uid: `${before.next}:${lastUid}` }] } : null
    }
    const changed = before.found > cheapLook.few && ageMs < cheapLook.wholeMs ? changes.since(before.told) : null
    if (changed === null) return null
    const next = Math.max(before.next, from)
    return { ...query, uid: [uidSet(changed.filter((uid) => uid >= from && uid < next)), `${next}:${lastUid}`].filter((part) => part !== '').join(',') }
  }

  async function lookOn(filter: LookFilter, mark: LookMark | null): Promise<LookedOn> {
    const { from, query } = askFor(filter)
    const about = JSON.stringify({ ...filter, firstUid: '', cursor: '' })
    const before = mark === null ? undefined : marks.get(mark)
    const told = changes.count()
    const narrowed = narrow(query, from, before, about)
    const counts = floor !== null
    const found = await session.ask(async () => (counts ? searchCounted(session, narrowed ?? query) : { uids: await search(session, narrowed ?? query), modseq: null }))
    if (found === null) {
      // It offers what it does not do.
      floor = null
      return lookOn(filter, null)
    }
    const uids = found.uids.filter((uid) => uid >= from)
    const earlier = narrowed === null ? null : before ?? null
    const next = Math.max(from, earlier?.next ?? 0, (uids.at(-1) ?? 0) + 1)
    if (floor !== null && found.modseq !== null && found.modseq > floor) floor = found.modseq
    const seen: LookMark = {}
    marks.set(seen, { about, from: earlier?.from ?? from, next, modseq: floor, told, found: (earlier?.found ?? 0) + uids.length, wholeAtMs: earlier?.wholeAtMs ?? clock.steadyMs() })
    return { uids: uids.map(String), mark: seen, whole: earlier === null }
  }

  return lookOn
}

/** Where the server counts changes and can tell the count with an answer (RFC 7162, RFC 4731); null elsewhere. */
export const modseqOf = (client: Pick<ImapFlow, 'capabilities'>, opened: MailboxObject): bigint | null =>
  (client.capabilities.has('CONDSTORE') && client.capabilities.has('ESEARCH') && !opened.noModseq ? opened.highestModseq ?? null : null)

/** For use inside a turn; null when the server refuses. */
async function searchCounted(session: Session, query: SearchObject): Promise<Found | null> {
  const answer = await session.client.search(query, { uid: true, returnOptions: ['ALL'] })
  if (typeof answer !== 'object' || Array.isArray(answer)) return null
  return { uids: namedBy(session, answer.all ?? ''), modseq: answer.modseq ?? null }
}

/** Ascending, each once, and bounded: a few bytes of a hostile server name four thousand million mails. */
function namedBy({ account }: Session, set: string): readonly number[] {
  const uids: number[] = []
  for (const part of set.split(',')) {
    const [, one = '', other = one] = /^([1-9]\d{0,9})(?::([1-9]\d{0,9}))?$/.exec(part) ?? []
    if (one === '') continue
    const ends = [Number(one), Number(other)]
    const last = Math.max(...ends)
    for (let uid = Math.min(...ends); uid <= last; uid += 1) {
      if (uids.length >= cheapLook.found) throw fault('MAIL_PROTOCOL', { host: account.host, reason: 'it names more mails than a folder can hold' })
      uids.push(uid)
    }
  }
  return uids.toSorted((a, b) => a - b).filter((uid, at, sorted) => uid !== sorted[at - 1])
}

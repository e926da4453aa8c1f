/**
 * What is done with a mail on the server after its run. Each action may be repeated: a mail that is gone counts as
 * gone, one already copied is not copied again. Only the mails named are ever removed (UID EXPUNGE, never EXPUNGE).
 */
import { fault, type Fault } from '#shared/errors.ts'
import { changeWords, type MailChange } from '#shared/mailbox-action.ts'
import { afterWords, type After } from '#shared/nodes/receive-email.ts'
import { imapUidsPerCommand } from '#runtime/limits.ts'
import type { Log } from '#runtime/log.ts'
import { headsOf, search, uidSet, withMessageId, type Head } from './look.ts'
import type { Session } from './session.ts'

export interface Place { readonly folder: string; readonly log: Log; /** Called when the folder was left and opened again. */ reopened(): void }
type Change = After | MailChange
interface Settled { readonly done: readonly number[]; readonly gone: readonly number[] }

export async function settle(session: Session, place: Place, uids: readonly number[], after: Change): Promise<Settled> {
  // A move or copy onto itself would make new UIDs of old mails, and so new mail for the flow, for ever.
  const ontoItself = (after.do === 'move' || after.do === 'copy') && fullPath(session, after.folder ?? '') === fullPath(session, place.folder)
  const nothing = after.do === 'leave' || ontoItself
  if (nothing) return { done: uids, gone: [] }
  const done: number[] = []
  const gone: number[] = []
  for (let at = 0; at < uids.length; at += imapUidsPerCommand) {
    const batch = uids.slice(at, at + imapUidsPerCommand)
    await session.ask(async (alive) => {
      const there = new Set(await search(session, { uid: uidSet(batch), deleted: false }))
      const present = batch.filter((uid) => there.has(uid))
      alive()
      if (present.length > 0) await act(session, place, present, after)
      done.push(...present)
      gone.push(...batch.filter((uid) => !there.has(uid)))
    }, place.folder)
  }
  return { done, gone }
}

/** One name for one folder: INBOX has no case, and the personal namespace's prefix may be left out. */
function fullPath(session: Session, path: string): string {
  if (/^inbox$/i.test(path)) return 'INBOX'
  const prefix = session.client.namespace?.prefix ?? ''
  return path.startsWith(prefix) ? path : prefix + path
}

async function act(session: Session, place: Place, uids: readonly number[], after: Change): Promise<void> {
  const { client } = session
  const target = after.folder ?? ''
  switch (after.do) {
    case 'leave': return
    case 'mark-seen': return flag(session, uids, '\\Seen', after)
    case 'mark-unseen': return unflag(session, uids, '\\Seen', after)
    case 'flag': return flag(session, uids, keywordOf(after) || '\\Flagged', after)
    case 'unflag': return unflag(session, uids, '\\Flagged', after)
    case 'add-keyword': return flag(session, uids, keywordOf(after), after)
    case 'remove-keyword': return unflag(session, uids, keywordOf(after), after)
    case 'delete': return remove(session, place, uids, after)
    case 'copy': return copyOnce(session, place, uids, after)
    case 'move':
      if (client.capabilities.has('MOVE')) return intoFolder(session, after, () => client.messageMove(uidSet(uids), target, { uid: true }))
      await copyOnce(session, place, uids, after)
      return remove(session, place, uids, after)
  }
}

async function flag(session: Session, uids: readonly number[], name: string, after: Change): Promise<void> {
  if (!await session.client.messageFlagsAdd(uidSet(uids), [name], { uid: true })) throw refused(session, after)
}

async function unflag(session: Session, uids: readonly number[], name: string, after: Change): Promise<void> {
  if (!await session.client.messageFlagsRemove(uidSet(uids), [name], { uid: true })) throw refused(session, after)
}

const keywordOf = (change: Change): string => change.keyword ?? ''

/** Without UIDPLUS (RFC 4315) only EXPUNGE is left, which would also remove what others marked: then the mark has to do. */
async function remove(session: Session, place: Place, uids: readonly number[], after: Change): Promise<void> {
  const { client } = session
  if (client.capabilities.has('UIDPLUS')) {
    if (!await client.messageDelete(uidSet(uids), { uid: true })) throw refused(session, after)
    return
  }
  await flag(session, uids, '\\Deleted', after)
  place.log.warn('mailbox.only-marked-deleted', { connection: session.account.id, folder: place.folder, mails: uids.length })
}

/**
 * COPY whose answer was lost would be done twice; so mails that already lie in the target are left out. COPY keeps size
 * and date of arrival (RFC 9051 section 6.4.7): with the Message-ID, which anybody may forge, they tell a mail's copy
 * from another mail. Mails without a Message-ID can't be told apart and are copied.
 */
async function copyOnce(session: Session, place: Place, uids: readonly number[], after: Change): Promise<void> {
  const { client } = session
  const target = after.folder ?? ''
  const heads = await headsOf(session, uids)
  const there = await copiesIn(session, place, target, [...heads.values()])
  const missing = uids.filter((uid) => { const head = heads.get(uid); return head === undefined || !there.has(markOf(head)) })
  if (missing.length > 0) await intoFolder(session, after, () => client.messageCopy(uidSet(missing), target, { uid: true }))
}

const markOf = ({ messageId, size, receivedAt }: Head): string => `${messageId} ${size} ${receivedAt}`

/** Marks of the mails with these Message-IDs in the other folder. Reading it means leaving ours for a moment. */
async function copiesIn(session: Session, place: Place, target: string, wanted: readonly Head[]): Promise<ReadonlySet<string>> {
  const { client } = session
  const found = new Set<string>()
  const queries = [...new Set(wanted.map((head) => head.messageId))].map(withMessageId)
  const [only] = queries
  if (only === undefined) return found
  const before = client.mailbox === false ? undefined : client.mailbox.uidValidity
  try {
    await client.mailboxOpen(target, { readOnly: true })
    const candidates = await search(session, queries.length === 1 ? only : { or: queries })
    for (const head of (await headsOf(session, candidates)).values()) found.add(markOf(head))
  } catch (error) {
    // No such folder yet: nothing lies in it, and the copy makes it.
    if (!(typeof error === 'object' && error !== null && 'mailboxMissing' in error)) throw error
  } finally {
    const again = client.usable ? await client.mailboxOpen(place.folder) : null
    if (again !== null && again.uidValidity !== before) session.end(fault('MAIL_UID_RESET', { folder: place.folder }, place.folder))
    place.reopened()
  }
  return found
}

/** A target folder that is missing is made; then once more. */
async function intoFolder(session: Session, after: Change, put: () => Promise<unknown>): Promise<void> {
  if (await put()) return
  const first = refused(session, after)
  const made = await session.client.mailboxCreate(after.folder ?? '').catch(() => undefined)
  if (made?.created !== true || !await put()) throw first
}

/** imapflow answers a broken line as it answers a refusal; only the second is the server's word. */
const refused = (session: Session, after: Change): Fault => (session.client.usable
  ? fault('MAIL_ACTION_REFUSED', { action: after.do === 'leave' ? afterWords.leave : changeWords[after.do], answer: session.refusal() || 'it gave no reason' })
  : fault('MAIL_CONNECTION_LOST', { host: session.account.host }))

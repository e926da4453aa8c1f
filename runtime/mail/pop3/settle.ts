/**
 * What POP3 can do with a mail after its run: leave it, or delete it. DELE only marks; the deletion happens at QUIT, and
 * only its +OK says so (RFC 1939 section 6). When the line breaks before, all mails are still there and are deleted later.
 */
import { fault } from '#shared/errors.ts'
import { changeWords, type MailChange } from '#shared/mailbox-action.ts'
import { afterWords, type After } from '#shared/nodes/receive-email.ts'
import { pop3DeletesTogether } from '#runtime/limits.ts'
import type { Uid } from '../mailbox.ts'
import type { Listed } from './listing.ts'
import type { Maildrop, Visit } from './maildrop.ts'

interface Settled { readonly done: readonly Uid[]; readonly gone: readonly Uid[] }

export async function settle(drop: Maildrop, uids: readonly Uid[], after: After | MailChange): Promise<Settled> {
  switch (after.do) {
    case 'leave': return { done: uids, gone: [] }
    case 'delete': return remove(drop, uids)
    default:
      throw fault('MAIL_ACTION_REFUSED', { action: changeWords[after.do], answer: 'POP3 has no folders and no marks. Choose "leave" or "delete", or use IMAP.' })
  }
}

async function remove(drop: Maildrop, uids: readonly Uid[]): Promise<Settled> {
  // A session opened before the mail came does not show it, and it must not count as gone.
  const isListed = uids.every((uid) => drop.listed()?.mails.has(uid) ?? false)
  const { result, goodbye } = await drop.visitAndCommit(isListed ? Infinity : -1, (visit) => markDeleted(visit, uids))
  const refusal = goodbye.ok ? result.refusal : goodbye.text || 'it gave no reason'
  if (refusal !== null) throw fault('MAIL_ACTION_REFUSED', { action: afterWords.delete, answer: refusal })
  return { done: result.done, gone: result.gone }
}

async function markDeleted({ session, listing }: Visit, uids: readonly Uid[]): Promise<Settled & { readonly refusal: string | null }> {
  const present = uids.filter((uid) => listing.mails.has(uid))
  const numbers = present.flatMap((uid) => listing.mails.get(uid) ?? []).map((listed: Listed) => listed.number)
  let refusal: string | null = null
  const together = session.offers.names.has('PIPELINING') ? pop3DeletesTogether : 1
  for (let at = 0; at < numbers.length; at += together) {
    const batch = numbers.slice(at, at + together)
    await session.ask(async () => {
      session.wire().send(batch.map((number) => `DELE ${number}`))
      for (const _ of batch) {
        const answer = await session.answer()
        if (!answer.ok) refusal ??= answer.text || 'it gave no reason'
      }
    })
  }
  return { done: present, gone: uids.filter((uid) => !listing.mails.has(uid)), refusal }
}

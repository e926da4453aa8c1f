/** POP3 behind the one mailbox interface: one folder, no marks, no news; each look is a visit. */
import { fault } from '#shared/errors.ts'
import { pop3ListingMs, pop3PrintsTogether } from '#runtime/limits.ts'
import { cleanAnswer } from '../clean-answer.ts'
import type { Account, MailboxAdapter, OpenMailbox, Uid } from '../mailbox.ts'
import type { Pop3Deps } from './connect.ts'
import { fetchMails } from './fetch.ts'
import { dateOf, findMails, findMessageId, peek, readFingerprints } from './heads.ts'
import { makeMaildrop, type Maildrop, type Visit } from './maildrop.ts'
import { settle } from './settle.ts'

export function pop3Adapter(deps: Pop3Deps): MailboxAdapter {
  return {
    open: async (account, folder, signal, progress) => {
      if (!/^inbox$/i.test(folder)) throw fault('MAIL_FOLDER_MISSING', { folder: cleanAnswer(folder) }, 'folder')
      const drop = makeMaildrop(account, deps, progress)
      await enter(drop, signal)
      return openMailbox(account, drop)
    },
    folders: async (account, signal) => {
      const drop = makeMaildrop(account, deps)
      await enter(drop, signal)
      await drop.close()
      return [{ path: 'INBOX', name: 'INBOX', depth: 0, use: 'inbox', selectable: true }]
    },
  }
}

/** The first visit, so that a wrong password is told at once. */
async function enter(drop: Maildrop, signal: AbortSignal): Promise<void> {
  const stop = (): void => { void drop.close() }
  if (signal.aborted) stop()
  signal.addEventListener('abort', stop, { once: true })
  try {
    await drop.visit(Infinity, () => Promise.resolve())
  } catch (error) {
    await drop.close()
    throw error
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

function openMailbox(account: Account, drop: Maildrop): OpenMailbox {
  const listeners: ((fault: Error | null) => void)[] = []
  const dates = new Map<Uid, string>()
  let isStale = false
  let isClosed = false
  /** Flows that look one after the other share one login. */
  const look = <T>(work: (visit: Visit) => Promise<T>): Promise<T> => {
    const mostAgeMs = isStale ? -1 : pop3ListingMs
    isStale = false
    return drop.visit(mostAgeMs, work)
  }
  const whole = (uid: Uid): number => Math.max(0, drop.listed()?.mails.get(uid)?.[0]?.size ?? 0)

  return {
    uidValidity: '',
    keepsSession: false,
    baseline: () => look(({ listing }) => Promise.resolve({ firstUid: '', passed: [...listing.mails.keys()].map((uid) => ({ uid, size: whole(uid) })) })),
    look: ({ since, search }) => search ? Promise.reject(fault('CONNECTION_KIND', { id: account.id, reason: 'it is read by POP3, which can\'t search' })) : look((visit) => (since === '' ? Promise.resolve([...visit.listing.mails.keys()]) : arrivedSince(visit, since.slice(0, 10), dates))),
    sizeOf: (uid) => drop.listed()?.mails.get(uid)?.[0]?.size ?? null,
    async *fingerprints(uids) {
      for (let at = 0; at < uids.length; at += pop3PrintsTogether) {
        const part = uids.slice(at, at + pop3PrintsTogether)
        yield* await drop.visit(pop3ListingMs, (visit) => readFingerprints(visit, part))
      }
    },
    fetch: (uids, spool, limits) => fetchMails(drop, uids, spool, limits),
    settle: (uids, after) => settle(drop, uids, after),
    findMessageId: (messageId) => drop.visit(pop3ListingMs, (visit) => findMessageId(visit, messageId)),
    find: (query, page) => drop.visit(pop3ListingMs, (visit) => findMails(visit, query, page)),
    peek: (limit) => drop.visit(pop3ListingMs, (visit) => peek(visit, limit)),
    refresh: () => {
      isStale = true
      return isClosed ? Promise.reject(fault('MAIL_CONNECTION_LOST', { host: account.host })) : Promise.resolve()
    },
    // POP3 tells nothing by itself.
    onNews: () => {},
    onClose: (listener) => { if (isClosed) listener(null); else listeners.push(listener) },
    close: async () => {
      if (isClosed) return
      isClosed = true
      await drop.close()
      for (const listener of listeners.splice(0)) listener(null)
    },
  }
}

/** By the headers, since POP3 tells no dates; asked for each mail once. A mail without a date is not left out. */
async function arrivedSince({ session, listing }: Visit, day: string, dates: Map<Uid, string>): Promise<readonly Uid[]> {
  for (const uid of dates.keys()) if (!listing.mails.has(uid)) dates.delete(uid)
  for (const [uid, [listed]] of listing.mails) if (listed !== undefined && !dates.has(uid)) dates.set(uid, await dateOf(session, listed) ?? '')
  return [...listing.mails.keys()].filter((uid) => { const date = dates.get(uid) ?? ''; return date === '' || date >= day })
}

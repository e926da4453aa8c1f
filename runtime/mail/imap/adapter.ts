/** IMAP behind the one mailbox interface: one connection on one folder, in IDLE whenever nothing else is to do. */
import { fault } from '#shared/errors.ts'
import { cleanAnswer } from '../clean-answer.ts'
import type { MailboxAdapter, OpenMailbox } from '../mailbox.ts'
import { withToken } from '../sasl.ts'
import { append } from './append.ts'
import { connect, type ImapDeps } from './connect.ts'
import { fetchMails } from './fetch.ts'
import { findMails } from './find.ts'
import { createFolder, listFolders, peek } from './folders.ts'
import { readFingerprints } from './fingerprints.ts'
import { makeLookOn, modseqOf } from './look-on.ts'
import { findMessageId, look, search, uidNumber } from './look.ts'
import { noteChanges } from './note-changes.ts'
import type { Session } from './session.ts'
import { settle } from './settle.ts'

export function imapAdapter(deps: ImapDeps): MailboxAdapter {
  return {
    open: async (account, folder, signal, progress) => {
      // No folder has such a name; said to a server it would be more than one command (RFC 9051 section 4.3).
      if (/\p{Cc}/u.test(folder)) throw fault('MAIL_FOLDER_MISSING', { folder: cleanAnswer(folder) }, 'folder')
      const session = await withToken(account, (ready) => connect(ready, deps, signal, progress))
      return closingOnFailure(session, signal, () => openFolder(session, folder, deps))
    },
    folders: async (account, signal) => {
      const session = await withToken(account, (ready) => connect(ready, deps, signal))
      const folders = await closingOnFailure(session, signal, () => listFolders(session))
      await session.close()
      return folders
    },
  }
}

async function closingOnFailure<T>(session: Session, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const forget = session.endOn(signal)
  try {
    return await work()
  } catch (error) {
    await session.close()
    throw error
  } finally {
    forget()
  }
}

async function openFolder(session: Session, folder: string, deps: ImapDeps): Promise<OpenMailbox> {
  const { client, account } = session
  const opened = await session.ask(() => client.mailboxOpen(folder), folder)
  // Without UIDVALIDITY a UID names no mail for certain (RFC 9051 section 2.3.1.1); imapflow would go on with undefined.
  if (!opened.uidValidity) throw fault('MAIL_PROTOCOL', { host: account.host, reason: 'it gives no UIDVALIDITY, so its mails can\'t be told apart' }, folder)
  const pace = { count: 0 }
  const news = makeNews()
  client.on('exists', ({ count, prevCount }) => { if (count > prevCount) news.tell() })
  const changes = noteChanges(client)
  const lookOn = makeLookOn(session, { changes, modseq: modseqOf(client, opened), clock: deps.clock })
  // What changed while another folder was open is told to nobody.
  const place = { folder, log: deps.log, reopened: () => { changes.forget(); news.tell() } }

  return {
    uidValidity: String(opened.uidValidity),
    keepsSession: true,
    baseline: async () => ({ firstUid: String(Math.max(opened.uidNext || 1, await afterLast(session))), passed: [] }),
    look: async (filter) => { news.heard(); return (await look(session, filter)).map(String) },
    lookOn: (filter, mark) => { news.heard(); return lookOn(filter, mark) },
    sizeOf: () => null,
    fingerprints: (uids) => readFingerprints(session, uids.map(uidNumber).toSorted((one, other) => one - other)),
    fetch: (uids, spool, limits) => fetchMails(session, pace, uids.map(uidNumber), spool, limits),
    settle: async (uids, after) => {
      const { done, gone } = await settle(session, place, uids.map(uidNumber), after)
      return { done: done.map(String), gone: gone.map(String) }
    },
    findMessageId: async (messageId, newest = 0) => (await findMessageId(session, messageId, newest)).map(String),
    find: (query, page) => findMails(session, query, page),
    append: (raw) => append(session, folder, raw),
    createFolder: (path) => createFolder(session, path),
    peek: (limit) => peek(session, limit),
    refresh: async () => {
      news.heard()
      await session.ask(async () => {
        await client.noop()
        // imapflow keeps quiet about a NOOP that failed; a dead line must not pass for a look.
        if (!client.usable) throw fault('MAIL_CONNECTION_LOST', { host: account.host }, folder)
      }, folder, { quick: true })
    },
    onNews: (listener) => { news.listen(listener) },
    onClose: (listener) => { session.onClose(listener) },
    close: () => session.close(),
  }
}

/** UIDNEXT is told at SELECT alone, and a server may leave it out even there; the last mail's UID is always to be had. */
async function afterLast(session: Session): Promise<number> {
  const last = await session.ask(() => search(session, { uid: '*' }))
  return Math.max(0, ...last) + 1
}

/** News are told once until somebody looks: a storm of EXISTS is one piece of news. */
function makeNews(): { tell(): void; heard(): void; listen(listener: () => void): void } {
  const listeners: (() => void)[] = []
  let told = false
  return {
    tell: () => {
      if (told) return
      told = true
      for (const listener of listeners) listener()
    },
    heard: () => { told = false },
    listen: (listener) => { listeners.push(listener) },
  }
}

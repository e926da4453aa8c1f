/** Short visits to a mailbox outside the watchers: folders for the picker, recent mail for a sample. */
import type { FolderView, MessagePeek } from '#shared/api.ts'
import { fault } from '#shared/errors.ts'
import type { ConnectionId } from '#shared/ids.ts'
import { asksForAll, type MailQuery } from '#shared/mail-search.ts'
import type { MailHead } from '#shared/mailbox-action.ts'
import { maxMailBytes } from './limits.ts'
import type { Account, MailboxAdapter, OpenMailbox } from './mail/mailbox.ts'
import type { Raw, Spool } from './raw.ts'

/** `signal`: whoever asked is gone or asks something else. */
export interface Searched { readonly query: MailQuery; readonly signal: AbortSignal }

export interface Visits {
  readonly folders: (connection: ConnectionId) => Promise<readonly FolderView[]>
  /** Of all mails, or of those that match. */
  readonly messages: (connection: ConnectionId, folder: string, limit: number, searched?: Searched) => Promise<{ readonly messages: readonly MessagePeek[]; readonly total: number; readonly waiting: number }>
  /** Whatever else a person waits for in one open mailbox, which is closed after it. */
  readonly inside: <T>(connection: ConnectionId, folder: string, use: (mailbox: OpenMailbox) => Promise<T>) => Promise<T>
  /** Bytes of the newest mail, null when the folder is empty. */
  readonly newest: (connection: ConnectionId, folder: string) => Promise<{ readonly raw: Raw; readonly uid: string } | null>
}

/** A visit a person waits for. */
const visitMs = 30_000

export function makeVisits(adapter: MailboxAdapter, account: (connection: ConnectionId) => Promise<Account>, spool: Spool): Visits {
  const receiving = async (connection: ConnectionId): Promise<Account> => {
    const opened = await account(connection)
    if (opened.kind === 'smtp') throw fault('CONNECTION_KIND', { id: connection, reason: 'it receives no mail' })
    return opened
  }
  const visit = async <T>(connection: ConnectionId, folder: string, use: (mailbox: OpenMailbox) => Promise<T>, calledOff?: AbortSignal): Promise<T> => {
    const late = AbortSignal.timeout(visitMs)
    const signal = calledOff ? AbortSignal.any([late, calledOff]) : late
    const mailbox = await adapter.open(await receiving(connection), folder, signal)
    const leave = (): void => { void mailbox.close() }
    signal.addEventListener('abort', leave, { once: true })
    try {
      return await use(mailbox)
    } finally {
      signal.removeEventListener('abort', leave)
      await mailbox.close()
    }
  }
  return {
    folders: async (connection) => adapter.folders(await receiving(connection), AbortSignal.timeout(visitMs)),
    messages: (connection, folder, limit, searched) => visit(connection, folder, async (mailbox) => {
      if (!searched || asksForAll(searched.query)) return mailbox.peek(limit)
      const { count, mails } = await mailbox.find(searched.query, { limit, newestFirst: true })
      const waiting = searched.query.unseen ? count : (await mailbox.find({ ...searched.query, unseen: true }, { limit: 0, newestFirst: false })).count
      return { messages: mails.map(peekOf), total: count, waiting }
    }, searched?.signal),
    inside: visit,
    newest: (connection, folder) => visit(connection, folder, async (mailbox) => {
      const { messages: [newest] } = await mailbox.peek(1)
      if (!newest) return null
      for await (const mail of mailbox.fetch([newest.uid], spool, { maxMailBytes })) if ('raw' in mail) return { raw: mail.raw, uid: newest.uid }
      return null
    }),
  }
}

const peekOf = ({ uid, subject, from, receivedAt, size, unread }: MailHead): MessagePeek =>
  ({ uid, subject, from: from.name || from.address, date: receivedAt, size, seen: !unread })

/** Short visits to a mailbox outside the watchers: folders for the picker, recent mail for a sample, a Message-ID to look up. */
import type { FolderView, MessagePeek } from '#shared/api.ts'
import { fault } from '#shared/errors.ts'
import type { ConnectionId } from '#shared/ids.ts'
import { maxMailBytes } from './limits.ts'
import type { Account, MailboxAdapter, OpenMailbox } from './mail/mailbox.ts'
import type { Raw, Spool } from './raw.ts'

export interface Visits {
  readonly folders: (connection: ConnectionId) => Promise<readonly FolderView[]>
  readonly messages: (connection: ConnectionId, folder: string, limit: number) => Promise<{ readonly messages: readonly MessagePeek[]; readonly total: number; readonly waiting: number }>
  /** Whatever else a person waits for in one open mailbox, which is closed after it. */
  readonly inside: <T>(connection: ConnectionId, folder: string, use: (mailbox: OpenMailbox) => Promise<T>) => Promise<T>
  /** Bytes of the newest mail, null when the folder is empty. */
  readonly newest: (connection: ConnectionId, folder: string) => Promise<{ readonly raw: Raw; readonly uid: string } | null>
  readonly isInFolder: (connection: ConnectionId, folder: string, messageId: string) => Promise<boolean>
}

/** A visit a person waits for. */
const visitMs = 30_000

export function makeVisits(adapter: MailboxAdapter, account: (connection: ConnectionId) => Promise<Account>, spool: Spool): Visits {
  const receiving = async (connection: ConnectionId): Promise<Account> => {
    const opened = await account(connection)
    if (opened.kind === 'smtp') throw fault('CONNECTION_KIND', { id: connection, reason: 'it receives no mail' })
    return opened
  }
  const visit = async <T>(connection: ConnectionId, folder: string, use: (mailbox: OpenMailbox) => Promise<T>): Promise<T> => {
    const mailbox = await adapter.open(await receiving(connection), folder, AbortSignal.timeout(visitMs))
    try {
      return await use(mailbox)
    } finally {
      await mailbox.close()
    }
  }
  return {
    folders: async (connection) => adapter.folders(await receiving(connection), AbortSignal.timeout(visitMs)),
    messages: (connection, folder, limit) => visit(connection, folder, (mailbox) => mailbox.peek(limit)),
    inside: visit,
    newest: (connection, folder) => visit(connection, folder, async (mailbox) => {
      const { messages: [newest] } = await mailbox.peek(1)
      if (!newest) return null
      for await (const mail of mailbox.fetch([newest.uid], spool, { maxMailBytes })) if ('raw' in mail) return { raw: mail.raw, uid: newest.uid }
      return null
    }),
    isInFolder: (connection, folder, messageId) => visit(connection, folder, async (mailbox) => (await mailbox.findMessageId(messageId)).length > 0),
  }
}

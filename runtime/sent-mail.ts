/** Mailboxes where sent mail lies: whether one mail is there, and a copy put into one. Their sessions are those of the steps' visits. */
import type { FolderView } from '#shared/api.ts'
import { fault, problemOf } from '#shared/errors.ts'
import type { ConnectionId } from '#shared/ids.ts'
import type { PutCopy } from './engine/copies.ts'
import { probeHeads } from './limits.ts'
import type { Account, OpenMailbox } from './mail/mailbox.ts'
import type { VisitPool } from './visit-pool.ts'

export interface SentMail {
  /** `folder` '' is the server's own folder for sent mail. */
  readonly isInFolder: (connection: ConnectionId, folder: string, messageId: string) => Promise<boolean>
  /** Rejects with the fault that kept it away; then it may lie there all the same. */
  readonly put: PutCopy
  /** The connection was changed: its folder is asked for anew. */
  readonly renew: (connection: ConnectionId) => void
}
export interface SentMailParts {
  readonly pool: VisitPool
  readonly folders: (connection: ConnectionId) => Promise<readonly FolderView[]>
}

export function makeSentMail({ pool, folders }: SentMailParts): SentMail {
  /** Asked once: it costs a login of its own. */
  const known = new Map<ConnectionId, string>()

  async function folderOf(connection: ConnectionId, asked: string): Promise<string> {
    const folder = asked === '' ? known.get(connection) : asked
    if (folder !== undefined) return folder
    const found = sentFolder(await folders(connection))
    known.set(connection, found)
    return found
  }

  return {
    isInFolder: async (connection, asked, messageId) => {
      const folder = await folderOf(connection, asked)
      return pool.use(connection, folder, async (mailbox, account) => {
        if (account.kind === 'smtp') throw fault('CONNECTION_KIND', { id: account.id, reason: 'it receives no mail' })
        return (await mailbox.findMessageId(messageId, probeHeads)).length > 0
      })
    },
    put: async ({ connection, folder: asked, messageId, raw, look }) => {
      const folder = await folderOf(connection, asked)
      const work = async (mailbox: OpenMailbox, account: Account): Promise<void> => {
        if (!mailbox.append) throw fault('CONNECTION_KIND', { id: account.id, reason: 'with POP3 no mail can be put into a mailbox' })
        if (look && (await mailbox.findMessageId(messageId, probeHeads)).length > 0) return
        await mailbox.append(raw)
      }
      await pool.use(connection, folder, work).catch(async (error: unknown) => {
        if (problemOf(error).code !== 'MAIL_FOLDER_MISSING') throw error
        await pool.use(connection, 'INBOX', async (mailbox) => { await mailbox.createFolder?.(folder) })
        await pool.use(connection, folder, work)
      })
      return folder
    },
    renew: (connection) => { known.delete(connection) },
  }
}

/** What servers call it that do not say which it is (RFC 6154); with none of these it is made. */
const usualNames = ['sent', 'sent items', 'sent mail', 'sent messages', 'inbox.sent', 'inbox/sent']
const sentFolder = (folders: readonly FolderView[]): string => {
  const open = folders.filter(({ selectable }) => selectable)
  return (open.find(({ use }) => use === 'sent') ?? open.find(({ path }) => usualNames.includes(path.toLowerCase())))?.path ?? 'Sent'
}

/** Mailboxes where sent mail lies: whether one mail is there. Their sessions are those of the steps' visits. */
import type { FolderView } from '#shared/api.ts'
import { fault } from '#shared/errors.ts'
import type { ConnectionId } from '#shared/ids.ts'
import { probeHeads } from './limits.ts'
import type { VisitPool } from './visit-pool.ts'

export interface SentMail {
  /** `folder` '' is the server's own folder for sent mail. */
  readonly isInFolder: (connection: ConnectionId, folder: string, messageId: string) => Promise<boolean>
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
    renew: (connection) => { known.delete(connection) },
  }
}

/** What servers call it that do not say which it is (RFC 6154); with none of these it is made. */
const usualNames = ['sent', 'sent items', 'sent mail', 'sent messages', 'inbox.sent', 'inbox/sent']
const sentFolder = (folders: readonly FolderView[]): string => {
  const open = folders.filter(({ selectable }) => selectable)
  return (open.find(({ use }) => use === 'sent') ?? open.find(({ path }) => usualNames.includes(path.toLowerCase())))?.path ?? 'Sent'
}

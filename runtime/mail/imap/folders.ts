/** The folders of an account as a person picks them, and what lies in the open one. */
import type { ListResponse } from 'imapflow'
import type { FolderView, MessagePeek } from '#shared/api.ts'
import { fault } from '#shared/errors.ts'
import { imapFoldersBytes } from '#runtime/limits.ts'
import { cleanAnswer } from '../clean-answer.ts'
import { search } from './look.ts'
import type { Session } from './session.ts'

const uses: Readonly<Record<string, FolderView['use']>> = {
  '\\Inbox': 'inbox', '\\Sent': 'sent', '\\Trash': 'trash', '\\Archive': 'archive', '\\All': 'archive', '\\Junk': 'junk', '\\Drafts': 'drafts',
}

export async function listFolders(session: Session): Promise<readonly FolderView[]> {
  const listed = await session.ask(() => session.client.list(), '', { most: imapFoldersBytes })
  const known = new Set(listed.map(({ path }) => path))
  return listed.flatMap((folder) => [...ancestorsOf(folder).filter(({ path }) => !known.has(path) && known.add(path)), viewOf(folder)])
}

const viewOf = ({ path, name, parent, specialUse, flags }: ListResponse): FolderView => ({
  path, name, depth: parent.length, use: uses[specialUse ?? ''] ?? '',
  selectable: ![...flags].some((flag) => /^\\(noselect|nonexistent)$/i.test(flag)),
})

/** A name on the way to a folder need not be one itself, and not every server lists it (RFC 9051 section 6.3.9); in a tree it is missed. */
const ancestorsOf = ({ parent, delimiter }: ListResponse): readonly FolderView[] =>
  parent.map((name, depth) => ({ path: parent.slice(0, depth + 1).join(delimiter), name, depth, use: '', selectable: false }))

/** A folder that is there already is what was asked for, and told as not new. */
export async function createFolder(session: Session, path: string): Promise<boolean> {
  // No folder has such a name; said to a server it would be more than one command (RFC 9051 section 4.3).
  if (/\p{Cc}/u.test(path)) throw fault('MAIL_FOLDER_MISSING', { folder: cleanAnswer(path) }, 'folder')
  return session.ask(async () => {
    const { client } = session
    try {
      return (await client.mailboxCreate(path)).created
    } catch (error) {
      // Not every server says [ALREADYEXISTS] (RFC 5530) when it refuses for that.
      if (await client.status(path, { messages: true }).then(() => true, () => false)) return false
      throw error
    }
  }, path)
}

/** Newest first, headers only; `waiting` counts the unread ones. */
export async function peek(session: Session, limit: number): Promise<{ readonly messages: readonly MessagePeek[]; readonly total: number; readonly waiting: number }> {
  return session.ask(async () => {
    const { client } = session
    const waiting = await search(session, { seen: false, deleted: false })
    const total = client.mailbox === false ? 0 : client.mailbox.exists
    const messages: MessagePeek[] = []
    if (total > 0 && limit > 0) {
      const query = { uid: true, flags: true, envelope: true, internalDate: true, size: true }
      for await (const row of client.fetch(`${Math.max(1, total - limit + 1)}:*`, query)) {
        if (!Number.isSafeInteger(row.uid) || messages.length >= limit) continue
        const from = row.envelope?.from?.[0]
        messages.push({
          uid: String(row.uid), subject: row.envelope?.subject ?? '', from: from?.name || from?.address || '',
          date: row.internalDate instanceof Date ? row.internalDate.toISOString() : null, size: row.size ?? 0, seen: row.flags?.has('\\Seen') ?? false,
        })
      }
    }
    return { messages: messages.toReversed(), total, waiting: waiting.length }
  })
}

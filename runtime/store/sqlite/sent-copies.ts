/** Copies of sent mail: written down with the outcome that makes them due, and kept until they lie in their mailbox or can't. */
import { connectionId, sendId } from '#shared/ids.ts'
import type { CopyRoom, DueCopy } from '../after-sending.ts'
import type { SendOutcome } from '../store.ts'
import { command, query } from './database.ts'
import { runOfSend } from './keys.ts'
import type { Parts } from './parts.ts'
import { type RawColumns, rawOf } from './raws.ts'

/** For recordOutcome, inside its transaction. */
export type AddCopy = (row: number, copy: NonNullable<SendOutcome['copy']>, at: string) => void

interface DueRow extends RawColumns { readonly id: string; readonly message_id: string; readonly connection: string; readonly folder: string; readonly since: string; readonly tries: number }

export function makeSentCopies({ db, write, blobs }: Parts): CopyRoom & { readonly addCopy: AddCopy } {
  const insert = command(db, `INSERT INTO sent_copy (outbox, state, connection, folder, due_at, since) VALUES (?, 'waiting', ?, ?, ?, ?) ON CONFLICT DO NOTHING`)
  // The state is said again so that SQLite may use the index that holds waiting rows only (sqlite.org/partialindex.html).
  const due = query<DueRow>(db, `SELECT outbox.id, outbox.message_id, sent_copy.connection, sent_copy.folder, since, tries, sha256, size, place, bytes
    FROM sent_copy JOIN outbox ON outbox.key = sent_copy.outbox LEFT JOIN outbox_raw ON outbox_raw.outbox = outbox.key
    WHERE sent_copy.state = 'waiting' AND sent_copy.due_at <= ? AND sent_copy.connection NOT IN (SELECT value FROM json_each(?)) ORDER BY sent_copy.due_at, outbox.key LIMIT 1`)
  const next = query<{ at: string | null }>(db, `SELECT min(due_at) AS at FROM sent_copy WHERE state = 'waiting' AND due_at > ?`)
  const set = command(db, `UPDATE sent_copy SET state = ?, due_at = ?, tries = tries + 1, say = ?
    WHERE outbox = (SELECT key FROM outbox WHERE run = (SELECT key FROM run WHERE id = ?) AND id = ?)`)

  return {
    addCopy: (row, { connection, folder }, at) => { insert.run(row, connection, folder, at, at) },
    dueCopy: async (now, resting) => {
      const row = due.one(now, JSON.stringify([...resting]))
      if (row === undefined) return null
      return {
        send: sendId(row.id), messageId: row.message_id, connection: connectionId(row.connection), folder: row.folder, since: row.since, tries: row.tries, raw: rawOf(row, blobs),
      } satisfies DueCopy
    },
    nextCopyAt: async (after) => next.one(after)?.at ?? null,
    recordCopy: ({ send, state, say, dueAt }) => write(() => { set.run(state, dueAt, say, runOfSend(send), send) }),
  }
}
